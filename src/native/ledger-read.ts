import type { LabelColumn, NumberColumn, TextColumn } from '../core/batch.ts'
import { binding } from './binding.ts'
import { calling } from './native-error.ts'
import type { IdColumn } from './parquet-write.ts'

/** A ledger file, read a column of a row group at a time. A file that does not decode is `damaged-dataset`. */
export interface LedgerFile {
  readonly names: readonly string[]
  /** Rows of every row group. */
  readonly groups: readonly number[]
  readonly metadata: Readonly<Record<string, string>>
  numbers(group: number, column: string): NumberColumn
  text(group: number, column: string): TextColumn
  labels(group: number, column: string): LabelColumn
  ids(group: number, column: string): IdColumn & { readonly present: Uint8Array }
  /** The same of some rows alone, which ascend: pages without one of them are passed over. Text may be labels; ids are 16 bytes a row. */
  numbersAt(group: number, column: string, rows: Uint32Array): Float64Array
  textAt(group: number, column: string, rows: Uint32Array): { readonly values: Uint8Array; readonly offsets: Int32Array }
  idsAt(group: number, column: string, rows: Uint32Array): Uint8Array
  /** Rows of a group whose id or text is `value`; most groups are passed over by their bloom filter. */
  find(group: number, column: string, value: Uint8Array): Uint32Array
}

/** `path` is local; `name` is what messages call it. */
export function openLedgerFile(path: string, name: string): LedgerFile {
  const reading = <T>(kernel: () => T) => calling(`reading ${name}`, 'damaged-dataset', kernel)
  const file = reading(() => new binding.LedgerFile(path))
  const pairs = reading(() => file.metadata())
  return {
    names: reading(() => file.names()),
    groups: reading(() => file.groupRows()),
    metadata: Object.fromEntries(pairs.flatMap((key, i) => (i % 2 === 0 ? [[key, pairs[i + 1] ?? '']] : []))),
    numbers: (group, column) => ({ type: 'number', values: reading(() => file.numbers(group, column)) }),
    text: (group, column) => ({ type: 'text', ...reading(() => file.text(group, column)) }),
    labels: (group, column) => ({ type: 'label', ...reading(() => file.labels(group, column)) }),
    ids: (group, column) => ({ type: 'id', ...reading(() => file.ids(group, column)) }),
    numbersAt: (group, column, rows) => reading(() => file.numbersAt(group, column, rows)),
    textAt: (group, column, rows) => reading(() => file.textAt(group, column, rows)),
    idsAt: (group, column, rows) => reading(() => file.idsAt(group, column, rows)),
    find: (group, column, value) => reading(() => file.find(group, column, value)),
  }
}
