import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { quernJson, root, type RunSummary } from '../quern.ts'

/** Real pages in 24 languages under rules that drop some of each; returns the pipeline's file. `dataset` may be on s3://. */
export function writeAudited(folder: string, dataset: string): string {
  const pipeline = join(folder, 'pipeline.yaml')
  writeFileSync(
    pipeline,
    `name: labelled
sources:
  - { use: warc, name: udhr, licence: mixed, paths: ['${root}/data-samples/udhr.warc.gz'] }
  - { use: warc, name: hard-cases, licence: mixed, paths: ['${root}/data-samples/hard-cases.warc.gz'] }
  - { use: jsonl, name: documents, licence: MIT, paths: ['${root}/data-samples/documents.jsonl'] }
stages:
  - use: extract-html
  - use: rights
  - use: language
  - use: gopher-repetition
  - { use: gopher-quality, min-words: 300 }
  - use: exact-duplicates
  - { use: near-duplicates, similarity: 0.7 }
  - { use: tokenize, tokenizer: '${root}/data-samples/tokenizer.json' }
output: { dataset: out, retain-dropped: all }
`,
  )
  quernJson<RunSummary>(['run', pipeline, '--out', dataset])
  return pipeline
}
