import { expect, test } from 'vitest'
import { textColumn } from '../../src/core/batch.ts'
import { findInLedger, readLedgerFile } from '../../src/dataset/ledger-reader.ts'
import { ledgerColumns } from '../../src/dataset/ledger-schema.ts'
import { type LedgerColumns, openLedgerWriter } from '../../src/dataset/ledger-writer.ts'
import { appendEntries } from '../../src/dataset/pages.ts'
import type { Snapshot } from '../../src/dataset/snapshot.ts'
import { parquetWriter } from '../../src/native/parquet-write.ts'
import { openStore, type Store } from '../../src/storage/store.ts'
import { scratch } from '../dataset/small-dataset.ts'
import { runPython } from '../python.ts'

const total = 150_000

function rows(first: number, count: number): LedgerColumns {
  const numbers = Float64Array.from({ length: count }, (_, i) => first + i)
  const ids = new Uint8Array(count * 16)
  numbers.forEach((n, i) => new DataView(ids.buffer).setUint32(i * 16 + 12, n))
  return {
    doc_id: { type: 'id', values: ids, present: null },
    url: textColumn(Array.from(numbers, (n) => (n % 10 === 0 ? '' : `https://example.eu/é/${n}`))),
    source: { type: 'label', indices: new Int32Array(count), labels: ['nets'] },
    row: { type: 'number', values: numbers },
    // Labels in another order each time: the file must not show it.
    outcome: {
      type: 'label',
      indices: Int32Array.from(numbers, (n) => (n + first) % 2),
      labels: first % 2 === 0 ? ['kept', 'dropped'] : ['dropped', 'kept'],
    },
    survivor: { type: 'id', values: ids, present: Uint8Array.from(numbers, (n) => (n % 4 === 1 ? 1 : 0)) },
    similarity: { type: 'number', values: numbers.map((n) => (n % 4 === 1 ? 0.9 : NaN)) },
    words: { type: 'number', values: numbers.map((n) => (n % 3 === 0 ? NaN : n / 2)) },
  }
}

async function write(store: Store, chunk: number) {
  const writer = await openLedgerWriter(store, ['words', 'stop_words'], '0.1.0', 131_072)
  for (let first = 0; first < total; first += chunk)
    await writer.writeRows(Math.min(chunk, total - first), rows(first, Math.min(chunk, total - first)))
  return writer.close()
}

test('DuckDB, pandas and polars read the ledger alike', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  const files = await write(store, 7_001)
  expect(files.map((file) => file.rows)).toEqual([131_072, 18_928])
  const seen = JSON.parse(
    runPython(
      `
import sys, json, duckdb, pandas as pd, polars as pl, pyarrow.parquet as pq
paths = sys.argv[1:]
def facts(rows, kept, url, words, survivor, stop):
    return [int(rows), int(kept), int(url), round(float(words), 3), int(survivor), int(stop)]
duck = facts(*duckdb.sql(f"select count(*), count(*) filter (outcome = 'kept'), count(url), sum(words), count(survivor), count(stop_words) from read_parquet({paths!r})").fetchall()[0])
frame = pd.concat([pd.read_parquet(path) for path in paths])
pandas = facts(len(frame), (frame.outcome == 'kept').sum(), frame.url.notna().sum(), frame.words.sum(), frame.survivor.notna().sum(), frame.stop_words.notna().sum())
table = pl.read_parquet(paths)
polars = facts(table.height, (table['outcome'] == 'kept').sum(), table['url'].is_not_null().sum(), table['words'].sum(), table['survivor'].is_not_null().sum(), table['stop_words'].is_not_null().sum())
meta = pq.ParquetFile(paths[0]).metadata
print(json.dumps({'duck': duck, 'pandas': pandas, 'polars': polars, 'id': frame.doc_id.iloc[70001].hex(), 'url': frame.url.iloc[70001], 'row': int(frame.row.iloc[70001]),
  'groups': [meta.row_group(i).num_rows for i in range(meta.num_row_groups)], 'by': meta.created_by, 'columns': meta.num_columns,
  'found': duckdb.sql(f"select row from read_parquet({paths!r}) where url = 'https://example.eu/é/140003'").fetchall()}))
`,
      await Promise.all(files.map((file) => store.localPath(file.path))),
    ),
  )
  const words = Array.from({ length: total }, (_, n) => (n % 3 === 0 ? 0 : n / 2)).reduce((sum, value) => sum + value)
  const expected = [total, total / 2, 135_000, words, total / 4, 0]
  expect(seen.duck).toEqual(expected)
  expect(seen.pandas).toEqual(seen.duck)
  expect(seen.polars).toEqual(seen.duck)
  expect(seen).toMatchObject({
    id: '00000000000000000000000000011171',
    url: 'https://example.eu/é/70001',
    row: 70_001,
    groups: [65_536, 65_536],
    by: 'quern 0.1.0',
    // And the two measures.
    columns: Object.keys(ledgerColumns).length + 2,
    found: [[140_003]],
  })
})

test('a ledger has the same bytes however its rows arrive', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  expect(await write(store, 70_001)).toEqual(await write(store, 501))
})

test('the reader gives back what was written, and finds a row by id or URL', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  const files = await write(store, 10_000)
  let first = 0
  for (const file of files)
    for await (const group of readLedgerFile(store, file, ['row', 'url', 'words', 'no_such_measure'])) {
      const { row, words, no_such_measure: other } = group.columns
      if (row?.type !== 'number' || words?.type !== 'number' || other?.type !== 'number') throw new TypeError('expected numbers')
      expect(row.values[0]).toBe(first)
      expect(words.values[1]).toBe((first + 1) % 3 === 0 ? NaN : (first + 1) / 2)
      expect(other.values.every(Number.isNaN)).toBe(true)
      first += group.rows
    }
  expect(first).toBe(total)
  const snapshot = { ledger: await appendEntries(store, 'ledger', [], files) } as unknown as Snapshot
  expect(await findInLedger(store, snapshot, 'url', Buffer.from('https://example.eu/é/140001'))).toMatchObject([
    {
      row: 140_001,
      source: 'nets',
      outcome: 'dropped',
      survivor: '000000000000000000000000000222e1',
      words: null,
      doc_id: '000000000000000000000000000222e1',
    },
  ])
  expect(await findInLedger(store, snapshot, 'doc_id', Buffer.from('0000000000000000000000000000000a', 'hex'))).toMatchObject([
    { row: 10, url: null },
  ])
  expect(await findInLedger(store, snapshot, 'doc_id', Buffer.from('f000000000000000000000000000000a', 'hex'))).toEqual([])
})

test('a file from before a column existed reads as empty there, whatever the kind', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  const writer = parquetWriter({ doc_id: 'id', url: 'text' }, 10, 'an earlier version', {})
  const { doc_id, url } = rows(0, 3)
  if (doc_id?.type !== 'id' || url === undefined) throw new TypeError('expected ids and addresses')
  const bytes = Buffer.concat([writer.writeGroup(3, { doc_id, url }), writer.finish()])
  await store.put('ledger/old.parquet', bytes)
  const entry = { path: 'ledger/old.parquet', bytes: bytes.byteLength, sha256: '0'.repeat(64), rows: 3 }
  const { value: group } = await readLedgerFile(store, entry, ['doc_id', 'cut_from', 'cut_bytes', 'rule']).next()
  if (group === undefined) throw new TypeError('expected a row group')
  expect(group.columns['doc_id']).toMatchObject({ values: doc_id.values })
  expect(group.columns['cut_from']).toEqual({ type: 'id', values: new Uint8Array(48), present: new Uint8Array(3) })
  expect(group.columns['cut_bytes']).toEqual({ type: 'number', values: new Float64Array(3).fill(NaN) })
  expect(group.columns['rule']).toEqual({ type: 'label', indices: new Int32Array(3).fill(-1), labels: [] })
  const snapshot = { ledger: await appendEntries(store, 'ledger', [], [entry]) } as unknown as Snapshot
  expect(await findInLedger(store, snapshot, 'url', Buffer.from('https://example.eu/é/1'))).toHaveLength(1)
})

test('a measure that would hide a column of the ledger is refused', async () => {
  await using folder = await scratch()
  await expect(openLedgerWriter(await openStore(folder.path), ['words', 'offset'], '0.1.0')).rejects.toThrow('the measure "offset"')
})
