import { expect, test } from 'vitest'
import { readLedgerFile } from '../../src/dataset/ledger-reader.ts'
import { openLedgerWriter } from '../../src/dataset/ledger-writer.ts'
import { appendEntries, type LedgerEntry, type PageRef, readEntries } from '../../src/dataset/pages.ts'
import { mergeFiles, startFileMerges } from '../../src/mill/merge-files.ts'
import { openStore, type Store } from '../../src/storage/store.ts'
import { scratch } from '../dataset/small-dataset.ts'

/** A ledger file of `rows` documents numbered from `first`, with some measures. */
async function ledgerOf(store: Store, first: number, rows: number, measures: readonly string[]): Promise<LedgerEntry[]> {
  const writer = await openLedgerWriter(store, measures, 'test')
  const ids = new Uint8Array(rows * 16)
  const numbers = Float64Array.from({ length: rows }, (_, row) => first + row)
  for (let row = 0; row < rows; row += 1) new DataView(ids.buffer).setUint32(row * 16, first + row)
  const taken = Object.fromEntries(measures.map((name) => [name, { type: 'number', values: numbers }] as const))
  await writer.writeRows(rows, { doc_id: { type: 'id', values: ids, present: null }, row: { type: 'number', values: numbers }, ...taken })
  return writer.close()
}

test('rows keep their order, and files of other measures are not mixed', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  const nights = [['words'], ['words'], ['words', 'lines'], ['words', 'lines'], ['lines']]
  const files = (await Promise.all(nights.map((measures, i) => ledgerOf(store, i * 10, 10, measures)))).flat()
  const merged = (await mergeFiles(store, { key: 'a', kind: 'ledger', files })) as LedgerEntry[]
  expect(merged.map(({ rows }) => rows)).toEqual([20, 20, 10])
  expect(merged[2]).toEqual(files[4])
  const read: Record<string, number[]> = { row: [], words: [], lines: [] }
  for (const entry of merged)
    for await (const { columns } of readLedgerFile(store, entry, Object.keys(read)))
      for (const [name, values] of Object.entries(read)) {
        const column = columns[name]
        if (column?.type === 'number') values.push(...column.values)
      }
  const numbers = Array.from({ length: 50 }, (_, i) => i)
  expect(read['row']).toEqual(numbers)
  expect(read['words']).toEqual(numbers.map((n) => (n < 40 ? n : NaN)))
  expect(read['lines']).toEqual(numbers.map((n) => (n < 20 ? NaN : n)))
  // Done once: its record is the result.
  await Promise.all(files.map(({ path }) => store.delete(path)))
  expect(await mergeFiles(store, { key: 'a', kind: 'ledger', files })).toEqual(merged)
})

test('a thousand nights of a thousand rows leave few files, each row copied a few times', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  const file = (path: string, rows: number): LedgerEntry => ({ path, bytes: rows, sha256: '0'.repeat(64), rows })
  let pages: PageRef[] = []
  let [copied, most] = [0, 0]
  for (let night = 1; night <= 1000; night += 1) {
    const before = await startFileMerges(store, 'ledger', pages, async ({ files }) => {
      const rows = (files as LedgerEntry[]).reduce((sum, entry) => sum + entry.rows, 0)
      copied += rows
      return [file(`merged-${night}`, rows)]
    })
    const { pages: full, entries } = await before()
    pages = await appendEntries(store, 'ledger', full, [...entries, file(`night-${night}`, 1000)])
    most = Math.max(
      most,
      pages.reduce((sum, page) => sum + page.entries, 0),
    )
  }
  let rows = 0
  for await (const entry of readEntries(store, 'ledger', pages)) rows += entry.rows
  expect(rows).toBe(1_000_000)
  expect(most).toBeLessThanOrEqual(21)
  expect(copied / rows).toBeLessThan(7)
})
