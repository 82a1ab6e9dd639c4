import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { textColumn } from '../../src/core/batch.ts'
import { QuernError } from '../../src/core/errors.ts'
import { openArrow } from '../../src/dataset/arrow-reader.ts'
import { openArrowWriter } from '../../src/dataset/arrow-writer.ts'
import { openStore, type Store } from '../../src/storage/store.ts'
import { scratch } from './small-dataset.ts'

const schema = { fields: { doc_id: 'fixed<16>', score: 'float64', text: 'utf8', ids: 'list<uint16>' }, metadata: { a: 'b' } } as const

async function write(path: string, compress: boolean) {
  const store = await openStore(path)
  const writer = await openArrowWriter(await store.create(), schema, { compress, batchRows: 8, batchBytes: 1 << 20 })
  const rows = 20
  await writer.write(rows, {
    doc_id: { values: new Uint8Array(rows * 16).fill(7) },
    score: { values: Float64Array.from({ length: rows }, (_, i) => i / 2) },
    text: textColumn(Array.from({ length: rows }, (_, i) => 'žagata '.repeat(i))),
    ids: { values: Uint16Array.from({ length: rows * 3 }, (_, i) => i), offsets: Int32Array.from({ length: rows + 1 }, (_, i) => i * 3) },
  })
  return { store, file: await writer.close('file.arrow') }
}

test.each([true, false])('columns come back batch by batch, alone or together (compressed: %s)', async (compress) => {
  await using folder = await scratch()
  const { store } = await write(folder.path, compress)
  const reader = await openArrow(store, 'file.arrow')
  expect(reader.schema).toEqual(schema)
  expect(await Promise.all(reader.blocks.map((_, block) => reader.rowsOf(block)))).toEqual([8, 8, 4])
  const { columns } = await reader.read(2)
  expect(columns['score']?.values).toEqual(Float64Array.of(8, 8.5, 9, 9.5))
  expect(columns['ids']).toEqual({ values: Uint16Array.from({ length: 12 }, (_, i) => 48 + i), offsets: Int32Array.of(0, 3, 6, 9, 12) })
  for (const name of Object.keys(columns)) expect((await reader.read(2, [name])).columns).toEqual({ [name]: columns[name] })
})

test('a file of no rows is a file', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  const writer = await openArrowWriter(await store.create(), schema, { compress: true, batchRows: 8, batchBytes: 100 })
  expect(await writer.close('empty.arrow')).toMatchObject({ rows: 0, blocks: [] })
  expect((await openArrow(store, 'empty.arrow')).blocks).toEqual([])
})

test.each([true, false])('any broken byte gives the content or damage, never another error (compressed: %s)', async (compress) => {
  await using folder = await scratch()
  const { store } = await write(folder.path, compress)
  const bytes = new Uint8Array(await readFile(await store.localPath('file.arrow')))
  let broken = bytes
  const inMemory: Store = {
    ...store,
    stat: async () => ({ bytes: broken.length }),
    get: async (_, range) => broken.slice(range?.offset, (range?.offset ?? 0) + (range?.length ?? broken.length)),
  }
  async function readAll() {
    const reader = await openArrow(inMemory, 'file.arrow')
    for (const block of reader.blocks.keys()) await reader.read(block)
  }
  await readAll()
  let damaged = 0
  for (let at = 0; at < bytes.length; at++) {
    for (const flip of [0xff, 0x80]) {
      broken = bytes.slice()
      broken[at] = (broken[at] as number) ^ flip
      await readAll().catch((error: unknown) => {
        if (!(error instanceof QuernError) || error.code !== 'damaged-dataset') throw error
        damaged++
      })
    }
  }
  expect(damaged).toBeGreaterThan(500)
  for (const length of [0, 5, 23, 24, 100, bytes.length - 1]) {
    broken = bytes.slice(0, length)
    await expect(readAll()).rejects.toMatchObject({ code: 'damaged-dataset' })
  }
})

test('what does not fit the schema is a bug of the writer, said at once', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  const writer = await openArrowWriter(
    await store.create(),
    { fields: { n: 'uint32', t: 'utf8' }, metadata: {} },
    { compress: false, batchRows: 8, batchBytes: 100 },
  )
  await expect(writer.write(1, { n: { values: new Uint32Array(1) } })).rejects.toThrow('column "t" is missing')
  await expect(writer.write(1, { n: { values: new Uint32Array(2) }, t: textColumn(['a']) })).rejects.toThrow('2 values for 1 rows')
  await expect(writer.write(1, { n: { values: new Int32Array(1) }, t: textColumn(['a']) })).rejects.toThrow('is a Int32Array')
  await expect(writer.write(2, { n: { values: new Uint32Array(2) }, t: textColumn(['a']) })).rejects.toThrow('offsets that do not fit')
  await writer.abort()
})
