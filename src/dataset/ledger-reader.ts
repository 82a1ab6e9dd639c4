import { type LedgerFile, openLedgerFile } from '../native/ledger-read.ts'
import type { ParquetColumn, ParquetKind } from '../native/parquet-write.ts'
import type { Store } from '../storage/store.ts'
import { ledgerColumns } from './ledger-schema.ts'
import { type LedgerEntry, type PageRef, readEntries } from './pages.ts'
import type { Snapshot } from './snapshot.ts'

/** A run of ledger rows with the columns that were asked for. */
export interface LedgerGroup {
  readonly file: LedgerEntry
  /** Rows of the file before this group. */
  readonly first: number
  readonly rows: number
  readonly columns: Readonly<Record<string, ParquetColumn>>
}

/** The named columns of all ledger rows of a snapshot in order, a row group in memory at a time. A column that a file does not have is empty. */
export async function* readLedger(
  store: Store,
  snapshot: { readonly ledger: readonly PageRef[] },
  columns: readonly string[],
): AsyncGenerator<LedgerGroup> {
  for await (const entry of readEntries(store, 'ledger', snapshot.ledger)) yield* readLedgerFile(store, entry, columns)
}

export async function* readLedgerFile(store: Store, entry: LedgerEntry, columns: readonly string[]): AsyncGenerator<LedgerGroup> {
  yield* readOpenLedger(openLedgerFile(await store.localPath(entry.path), entry.path), entry, columns)
}

/** The same of a file that is open already. */
export function* readOpenLedger(file: LedgerFile, entry: LedgerEntry, columns: readonly string[]): Generator<LedgerGroup> {
  let first = 0
  for (const [group, rows] of file.groups.entries()) {
    yield { file: entry, first, rows, columns: Object.fromEntries(columns.map((name) => [name, readColumn(file, group, name)])) }
    first += rows
  }
}

/** Everything the ledger says of one document; null where it says nothing. */
export type LedgerRow = Readonly<Record<string, string | number | null>>

/** All rows with this id (16 bytes) or URL, newest last. Files are passed over by their bloom filters. */
export async function findInLedger(store: Store, snapshot: Snapshot, column: 'doc_id' | 'url', value: Uint8Array): Promise<LedgerRow[]> {
  const found: LedgerRow[] = []
  for await (const entry of readEntries(store, 'ledger', snapshot.ledger)) {
    const file = openLedgerFile(await store.localPath(entry.path), entry.path)
    for (const group of file.groups.keys()) {
      const rows = file.find(group, column, value)
      if (rows.length === 0) continue
      const columns = file.names.map((name) => [name, readColumn(file, group, name)] as const)
      for (const row of rows) found.push(Object.fromEntries(columns.map(([name, values]) => [name, cell(values, row)])))
    }
  }
  return found
}

function readColumn(file: LedgerFile, group: number, name: string): ParquetColumn {
  const kind = Object.hasOwn(ledgerColumns, name) ? ledgerColumns[name as keyof typeof ledgerColumns].kind : 'double'
  if (!file.names.includes(name)) return missing(kind, file.groups[group] as number)
  if (kind === 'double' || kind === 'int64') return file.numbers(group, name)
  if (kind === 'text') return file.text(group, name)
  if (kind === 'label') return file.labels(group, name)
  return file.ids(group, name)
}

/** A column that the file was written without: before a version that has it, or under rules that do not measure it. */
function missing(kind: ParquetKind, rows: number): ParquetColumn {
  if (kind === 'double' || kind === 'int64') return { type: 'number', values: new Float64Array(rows).fill(NaN) }
  if (kind === 'text') return { type: 'text', values: new Uint8Array(0), offsets: new Int32Array(rows + 1) }
  if (kind === 'label') return { type: 'label', indices: new Int32Array(rows).fill(-1), labels: [] }
  return { type: 'id', values: new Uint8Array(rows * 16), present: new Uint8Array(rows) }
}

const decoder = new TextDecoder()

function cell(column: ParquetColumn, row: number): string | number | null {
  if (column.type === 'number') {
    const value = column.values[row] as number
    return Number.isNaN(value) ? null : value
  }
  if (column.type === 'label') return column.labels[column.indices[row] as number] ?? null
  if (column.type === 'text') return decoder.decode(column.values.subarray(column.offsets[row], column.offsets[row + 1])) || null
  if (column.present?.[row] === 0) return null
  return Buffer.from(column.values.subarray(row * 16, row * 16 + 16)).toString('hex')
}
