import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The archives of a folder, or the one that is named; the sample's without a name. */
export function archiveFiles(input: string | undefined): string[] {
  const folder = resolve(input ?? join(root, 'data-samples'))
  if (!statSync(folder).isDirectory()) return [folder]
  return readdirSync(folder)
    .filter((name) => name.endsWith('.warc.gz'))
    .sort()
    .map((name) => join(folder, name))
}

/** The pipeline that benches run over archives, written into a work folder. */
export function writePipeline(work: string, archives: string): string {
  const file = join(work, 'bench.yaml')
  const sample = join(root, 'data-samples/tokenizer.json')
  writeFileSync(
    file,
    `name: bench
sources: [{ use: warc, name: archives, licence: bench, paths: ["${archives}/*.warc.gz"] }]
stages:
  - use: extract-html
  - { use: language, keep: [bg, hr, cs, da, nl, en, et, fi, fr, de, el, hu, ga, it, lv, lt, mt, pl, pt, ro, sk, sl, es, sv] }
  - use: gopher-repetition
  - use: gopher-quality
  - use: near-duplicates
  - { use: tokenize, tokenizer: ${sample} }
output: { dataset: ./unused, retain-dropped: none }
`,
  )
  return file
}
