import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readSnapshot } from '../../src/dataset/snapshot.ts'
import { exportDataset, type ExportOptions } from '../../src/exports/export.ts'
import { formatNames } from '../../src/exports/manifest.ts'
import { writeIndex } from '../../src/exports/megatron.ts'
import { encodeIds } from '../../src/exports/token-type.ts'
import { openStore } from '../../src/storage/store.ts'
import { quern, quernJson, root, scratch } from '../quern.ts'
import { read } from './readers.ts'
import { idOf, someDocuments, type Tokens, writeTokens } from './token-dataset.ts'

const tokens: Tokens = {
  vocabularySize: 50_000,
  endOfDocument: 7,
  languages: { de: someDocuments(30, 50_000, 7, 1), mt: someDocuments(9, 50_000, 7, 2) },
}

async function dataset(given: Tokens = tokens) {
  const folder = scratch()
  const path = join(folder, 'dataset')
  const store = await openStore(path)
  await writeTokens(store, given)
  const to = async (name: string, options: Partial<ExportOptions> & Pick<ExportOptions, 'format'>) =>
    exportDataset(store, await readSnapshot(store), join(folder, name), {
      languages: [],
      seqLen: options.format === 'litdata' ? 65 : null,
      endToken: null,
      ...options,
    })
  return { folder, path, store, to }
}

/** SHA-256 of every file below a folder. */
function hashes(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [
      join(parentPath, name).slice(folder.length + 1),
      createHash('sha256')
        .update(readFileSync(join(parentPath, name)))
        .digest('hex'),
    ]),
  )
}

test.each(formatNames)('%s: the same snapshot gives the same bytes, and the manifest names them all', async (format) => {
  const { folder, to } = await dataset()
  const { manifest } = await to('one', { format })
  await to('two', { format })
  expect(hashes(join(folder, 'one'))).toEqual(hashes(join(folder, 'two')))
  const { 'quern-export.json': own, ...rest } = hashes(join(folder, 'one'))
  expect(own).toBeDefined()
  expect(Object.fromEntries(manifest.files.map(({ path, sha256 }) => [path, sha256]))).toEqual(rest)
  expect(manifest.files.every(({ path, bytes }) => statSync(join(folder, 'one', path)).size === bytes)).toBe(true)
  expect(manifest).toMatchObject({
    to: format,
    snapshot: { version: 1 },
    documents: 39,
    suppressed: 0,
    empty: 0,
    languages: { de: { documents: 30 }, mt: { documents: 9 } },
  })
  expect(readdirSync(folder).sort()).toEqual(['dataset', 'one', 'two'])
})

test.each(formatNames)('%s: suppressed and empty documents are left out and counted, whole languages too', async (format) => {
  const { store, to } = await dataset({
    ...tokens,
    languages: { ...tokens.languages, et: [[1, 7]], fi: [[]], de: [...(tokens.languages['de'] ?? []), [], [3, 7]] },
  })
  await store.put('suppressed/one.json', JSON.stringify({ ids: [idOf('de', 0), idOf('de', 29), idOf('et', 0), 'f'.repeat(32)] }))
  const { manifest } = await to('out', { format })
  const kept = [...(tokens.languages['de'] ?? []).slice(1, 29), [3, 7]]
  expect(manifest.languages).toMatchObject({
    de: { documents: 29, tokens: kept.flat().length, suppressed: 2, empty: 1 },
    et: { documents: 0, suppressed: 1, empty: 0 },
    fi: { documents: 0, suppressed: 0, empty: 1 },
  })
  expect(manifest.files.map(({ path }) => path.slice(0, 2)).filter((name) => name === 'et' || name === 'fi')).toEqual([])
})

test('what is left after a suppression is what a reader gets', async () => {
  const { folder, store, to } = await dataset()
  await store.put('suppressed/one.json', JSON.stringify({ ids: [idOf('de', 0), idOf('de', 12), idOf('de', 13)] }))
  await to('export', { format: 'megatron', languages: ['de'] })
  const told = read(
    folder,
    `from megatron.core.datasets.indexed_dataset import IndexedDataset
d = IndexedDataset("export/de")
result = [ids(d[i]) for i in range(len(d))]`,
  )
  expect(told).toEqual((tokens.languages['de'] ?? []).filter((_, i) => ![0, 12, 13].includes(i)))
})

test('a finished export is found and checked, one that was altered or is another is not taken for it', async () => {
  const { folder, store, to } = await dataset()
  const { manifest } = await to('out', { format: 'megatron' })
  expect(await to('out', { format: 'megatron' })).toEqual({ manifest, present: true })
  const remedy = expect.stringMatching(/folder/)
  await expect(to('out', { format: 'olmo' })).rejects.toMatchObject({ code: 'output-not-writable', remedy })
  await expect(to('out', { format: 'megatron', languages: ['de'] })).rejects.toMatchObject({ code: 'output-not-writable', remedy })
  await store.put('suppressed/one.json', JSON.stringify({ ids: [idOf('de', 0)] }))
  await expect(to('out', { format: 'megatron' })).rejects.toMatchObject({ code: 'output-not-writable', remedy })
  await store.delete('suppressed/one.json')
  const file = openSync(join(folder, 'out/de.bin'), 'r+')
  writeSync(file, Uint8Array.of(255), 0, 1, 40)
  closeSync(file)
  await expect(to('out', { format: 'megatron' })).rejects.toMatchObject({ message: expect.stringContaining('de.bin') as string, remedy })
  writeFileSync(join(folder, 'out/quern-export.json'), '{')
  await expect(to('out', { format: 'megatron' })).rejects.toMatchObject({ message: expect.stringContaining('quern-export.json') as string, remedy })
})

test('a foreign folder and a file are refused and left alone, an empty folder is taken', async () => {
  const { folder, to } = await dataset()
  mkdirSync(join(folder, 'foreign'))
  writeFileSync(join(folder, 'foreign/thesis.tex'), 'text')
  await expect(to('dataset/export', { format: 'megatron' })).rejects.toMatchObject({ code: 'bad-usage', remedy: 'Give a folder outside of it.' })
  for (const name of ['dataset', 'foreign', 'foreign/thesis.tex'])
    await expect(to(name, { format: 'megatron' })).rejects.toMatchObject({ code: 'output-not-writable', remedy: 'Give a new or an empty folder.' })
  expect(readdirSync(join(folder, 'foreign'))).toEqual(['thesis.tex'])
  mkdirSync(join(folder, 'empty'))
  await to('empty', { format: 'megatron' })
  await to('new/below', { format: 'megatron' })
  expect(readdirSync(folder).sort()).toEqual(['dataset', 'empty', 'foreign', 'new'])
})

test('a damaged shard ends an export that leaves nothing', async () => {
  const { folder, path, to } = await dataset()
  const shard = readdirSync(join(path, 'data'), { recursive: true, withFileTypes: true }).find(({ name }) => name.startsWith('mt-'))
  const file = join(shard?.parentPath ?? '', shard?.name ?? '')
  const bytes = readFileSync(file)
  const place = bytes.length - 1200 // in the ids: only the hash can tell
  bytes[place] = (bytes[place] ?? 0) ^ 1
  rmSync(file)
  writeFileSync(file, bytes)
  for (const format of formatNames) await expect(to('out', { format })).rejects.toMatchObject({ code: 'damaged-dataset' })
  expect(readdirSync(folder)).toEqual(['dataset'])
})

test('a shard whose schema says something else is damage, whatever is altered in it', async () => {
  const { path, to } = await dataset()
  const shard = readdirSync(join(path, 'data'), { recursive: true, withFileTypes: true }).find(({ name }) => name.startsWith('mt-'))
  const file = join(shard?.parentPath ?? '', shard?.name ?? '')
  const bytes = readFileSync(file)
  // The footer holds the schema that is read; the message at the head holds another.
  for (const [was, is] of [
    ['["web","wiki"]', '["web","wiki"!'],
    ['source_id', 'sourcerid'],
    ['b'.repeat(64), 'c'.repeat(64)],
  ] as const) {
    const altered = Buffer.from(bytes)
    altered.write(is, altered.lastIndexOf(was))
    rmSync(file)
    writeFileSync(file, altered)
    await expect(to('out', { format: 'parquet' }), was).rejects.toMatchObject({ code: 'damaged-dataset' })
  }
})

test('an export that is killed leaves no folder of its name, and the next one clears up and is whole', async () => {
  const { folder, path, to } = await dataset({ ...tokens, languages: { de: someDocuments(4000, 50_000, 7, 3) }, shardDocuments: 400 })
  const out = join(folder, 'out')
  const partial = () => readdirSync(folder).filter((name) => name.startsWith('.out.quern-export-'))
  let killed = 0
  for (let delay = 150; delay < 3000 && killed < 2; delay += 60) {
    const child = spawn(process.execPath, [join(root, 'bin/quern.mjs'), 'export', path, out, '--format', 'mds'], { stdio: 'ignore' })
    const gone = once(child, 'exit')
    const before = partial()
    while (child.exitCode === null && partial().every((name) => before.includes(name))) await sleep(2)
    await sleep(delay % 90)
    child.kill('SIGKILL')
    await gone
    if (existsSync(out)) rmSync(out, { recursive: true })
    else killed++
  }
  expect(killed).toBe(2)
  expect(partial()).toHaveLength(1)
  await to('out', { format: 'mds' })
  await to('fresh', { format: 'mds' })
  expect(hashes(out)).toEqual(hashes(join(folder, 'fresh')))
  expect(readdirSync(folder).sort()).toEqual(['dataset', 'fresh', 'out'])
}, 60_000)

test.each(formatNames)('%s: an empty dataset gives an export without a file of tokens', async (format) => {
  const { folder, to } = await dataset({ ...tokens, languages: {} })
  const { manifest } = await to('out', { format })
  expect(manifest).toMatchObject({ documents: 0, tokens: 0, languages: {}, files: [{ path: 'README.md' }] })
  expect(readdirSync(join(folder, 'out')).sort()).toEqual(['README.md', 'quern-export.json'])
})

test.each([
  {
    vocabularySize: 65_499,
    dtypes: { megatron: 'uint16', mds: 'uint16', datatrove: 'uint16', litdata: 'uint16', olmo: 'uint16', parquet: 'uint16' },
  },
  { vocabularySize: 65_500, dtypes: { megatron: 'int32', mds: 'uint16', datatrove: 'uint16', litdata: 'uint16', olmo: 'uint16', parquet: 'uint16' } },
  { vocabularySize: 65_536, dtypes: { megatron: 'int32', mds: 'uint16', datatrove: 'uint16', litdata: 'uint16', olmo: 'uint16', parquet: 'uint16' } },
  { vocabularySize: 65_537, dtypes: { megatron: 'int32', mds: 'uint32', datatrove: 'uint32', litdata: 'uint32', olmo: 'uint32', parquet: 'uint32' } },
])('a vocabulary of $vocabularySize gets the type that each reader expects', async ({ vocabularySize, dtypes }) => {
  const { folder, to } = await dataset({ vocabularySize, endOfDocument: 7, languages: { de: [[1, vocabularySize - 1, 7]] } })
  for (const format of formatNames) {
    const { manifest } = await to(format, { format, seqLen: format === 'litdata' ? 3 : null })
    expect([format, manifest.dtype]).toEqual([format, dtypes[format]])
  }
  expect(
    read(folder, `from megatron.core.datasets.indexed_dataset import IndexedDataset\nd = IndexedDataset("megatron/de")\nresult = ids(d[0])`),
  ).toEqual([1, vocabularySize - 1, 7])
})

test('end tokens inside documents are counted, and the index of OLMo is not misled', async () => {
  const documents = [[1, 7, 2, 7], [7], [7, 7, 7], [5, 7]]
  const { folder, to } = await dataset({ vocabularySize: 100, endOfDocument: 7, languages: { de: documents } })
  const { manifest } = await to('out', { format: 'olmo' })
  expect(manifest).toMatchObject({ endsInside: 3, languages: { de: { documents: 4, endsInside: 3 } } })
  const told = read(
    folder,
    `from olmo_core.data.utils import iter_document_indices
result = list(iter_document_indices("out/de/part-00000.npy", use_array_if_local=False))`,
  )
  expect(told).toEqual([
    [0, 4],
    [4, 5],
    [5, 8],
    [8, 10],
  ])
})

test('an id that the type has no room for is an error, never another id', () => {
  expect(() => encodeIds(Uint32Array.of(1, 65_536), 'uint16')).toThrow(/token 65536 as uint16/)
  expect(() => encodeIds(Uint16Array.of(256), 'uint8')).toThrow(/token 256 as uint8/)
  expect([...encodeIds(Uint32Array.of(1, 65_535), 'uint16')]).toEqual([1, 0, 255, 255])
})

test('megatron: documents beyond 2^31 tokens and 2^32 bytes are found', async () => {
  const folder = scratch()
  const lengths = Int32Array.of(1_200_000_000, 3, 1_200_000_000, 2)
  const file = openSync(join(folder, 'de.idx'), 'w')
  const spill = {
    async *read() {
      yield new Uint8Array(lengths.buffer)
    },
  }
  await writeIndex({ write: async (bytes) => void writeSync(file, bytes) }, spill, 4, 'uint16')
  closeSync(file)
  writeFileSync(join(folder, 'de.bin'), '')
  truncateSync(join(folder, 'de.bin'), 2 * (2_400_000_003 + 2)) // a hole on disk
  const data = openSync(join(folder, 'de.bin'), 'r+')
  writeSync(data, new Uint8Array(Uint16Array.of(11, 12, 13).buffer), 0, 6, 2 * 1_200_000_000)
  writeSync(data, new Uint8Array(Uint16Array.of(21, 22).buffer), 0, 4, 2 * 2_400_000_003)
  closeSync(data)
  expect(
    read(
      folder,
      `from megatron.core.datasets.indexed_dataset import IndexedDataset
d = IndexedDataset("de")
result = [ids(d[1]), ids(d[3]), ids(d.get(2, 1_199_999_999, 1)), ids(d.sequence_lengths)]`,
    ),
  ).toEqual([[11, 12, 13], [21, 22], [0], [...lengths]])
})

test('the command: what it prints, its refusals and their remedies', async () => {
  const { folder, path } = await dataset()
  const out = join(folder, 'out')
  const fails = (args: string[]): string => {
    const ran = quern(['export', path, out, ...args])
    expect(ran.status).not.toBe(0)
    return ran.err
  }
  expect(fails([])).toMatch(/export needs --format \[bad-usage\]\n {2}Use one of megatron, mds/)
  expect(fails(['--format', 'tfrecord'])).toMatch(/there is no such format \[bad-usage\]/)
  expect(fails(['--format', 'litdata'])).toMatch(/litdata needs --seq-len \[bad-usage\]/)
  expect(fails(['--format', 'megatron', '--seq-len', '8'])).toMatch(/no use for --seq-len/)
  expect(fails(['--format', 'mds', '--seq-len', '100000000'])).toMatch(/Give at most 16777216/)
  expect(fails(['--format', 'olmo', '--end-token', '3'])).toMatch(/ends with 7 already/)
  expect(fails(['--format', 'megatron', '--language', 'xx', '--language', 'de'])).toMatch(/no shard in "xx" \[not-found\]\n {2}It has: de, mt\./)
  expect(quern(['export', path, 's3://bucket/out', '--format', 'megatron']).err).toMatch(/an export is a local folder \[bad-usage\]/)
  expect(readdirSync(folder)).toEqual(['dataset'])

  const { out: said } = quern(['export', path, out, '--format', 'megatron', '--language', 'mt'])
  expect(said).toMatch(/^Snapshot 1 for megatron: 9 documents, [\d,]+ tokens, 3 files in /)
  expect(quernJson(['export', path, out, '--format', 'megatron', '--language', 'mt', '--snapshot', '1'])).toMatchObject({
    ...(JSON.parse(readFileSync(join(out, 'quern-export.json'), 'utf8')) as object),
    present: true,
  })
})
