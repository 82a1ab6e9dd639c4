import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSnapshot } from '../../src/dataset/snapshot.ts'
import { exportDataset } from '../../src/exports/export.ts'
import { formatNames } from '../../src/exports/manifest.ts'
import { loader } from '../../src/exports/readme.ts'
import { openStore } from '../../src/storage/store.ts'
import { root, scratch } from '../quern.ts'
import { read, readPlainly } from './readers.ts'
import { someDocuments, writeTokens } from './token-dataset.ts'

const documents = someDocuments(60, 50_257, 50_256, 1)
const blocks = (page: string) =>
  [...readFileSync(join(root, 'docs/guides', page), 'utf8').matchAll(/```python\n([^`]*)\n```/g)].map(([, code]) => code)

/** The first documents or the first window that each block prints. */
const first = {
  megatron: { code: '[ids(d) for d in documents[0:3]]', tokens: documents.slice(0, 3) },
  mds: { code: '[ids(samples[i]["tokens"]) for i in range(3)]', tokens: documents.slice(0, 3) },
  datatrove: { code: 'ids(samples[0]["input_ids"])', tokens: documents.flat().slice(0, 1025) },
  litdata: { code: 'ids(samples[0])', tokens: documents.flat().slice(0, 1025) },
  olmo: { code: 'ids(samples[0]["input_ids"])', tokens: documents.flat().slice(0, 1024) },
  parquet: { code: 'documents[0:3]["input_ids"]', tokens: documents.slice(0, 3) },
}

test.each(formatNames)('%s: the block of the guide and that of README.md open the export', async (format) => {
  const folder = scratch()
  const store = await openStore(join(folder, 'dataset'))
  await writeTokens(store, { vocabularySize: 50_257, endOfDocument: 50_256, languages: { de: documents } })
  const options = { format, languages: [], seqLen: format === 'litdata' ? 1025 : null, endToken: null }
  const { manifest } = await exportDataset(store, await readSnapshot(store), join(folder, 'export'), options)
  const block = loader('export/de', manifest)
  expect(blocks('exporting.md')).toContain(block)
  expect(readFileSync(join(folder, 'export/README.md'), 'utf8')).toContain(block.replaceAll('export/de', 'de'))
  const run = format === 'parquet' ? readPlainly : read
  expect(run(folder, `${block}\nresult = ${first[format].code}`)).toEqual(first[format].tokens)
})

test('the guide has a block for every format and no other', () => {
  expect(blocks('exporting.md')).toHaveLength(formatNames.length)
})

test('Hugging Face datasets loads the shards as they are', async () => {
  const folder = scratch()
  const store = await openStore(join(folder, 'dataset'))
  await writeTokens(store, { vocabularySize: 50_257, endOfDocument: 50_256, languages: { de: documents } })
  const block = blocks('training.md').find((code) => code?.includes('load_dataset'))
  const told = readPlainly<[number[][], number]>(
    folder,
    `${block}
streamed = load_dataset("arrow", data_files=sorted(glob("dataset/data/*/*.arrow")), split="train", streaming=True)
result = [documents["input_ids"][:], sum(1 for _ in streamed)]`,
  )
  const sorted = (given: readonly (readonly number[])[]) => given.map((tokens) => tokens.join()).sort()
  expect(sorted(told[0])).toEqual(sorted(documents))
  expect(told[1]).toBe(documents.length)
})
