import type { LabelColumn, NumberColumn, TextColumn } from '../core/batch.ts'
import { binding } from './binding.ts'
import { calling } from './native-error.ts'

/** 16 bytes a row; `present`, a byte a row, is 0 where there is none (null: every row has one). */
export interface IdColumn {
  readonly type: 'id'
  readonly values: Uint8Array
  readonly present: Uint8Array | null
}

export type ParquetKind = 'double' | 'int64' | 'text' | 'label' | 'id' | 'optional-id'
export type ParquetColumn = TextColumn | NumberColumn | LabelColumn | IdColumn

/** Token ids; row i is `values[offsets[i]..offsets[i + 1]]`, and none is null. */
export interface ListColumn {
  readonly type: 'list'
  readonly values: Uint32Array
  readonly offsets: Int32Array
}
export type ListKind = 'list<uint16>' | 'list<uint32>'

export interface ParquetWriter {
  /** One row group; a column that is not given is all null. Returns the bytes of the file that are ready. */
  writeGroup(rows: number, columns: Readonly<Record<string, ParquetColumn | ListColumn>>): Uint8Array
  finish(): Uint8Array
}

/** Same rows in the same groups, same bytes. Errors are bugs of the caller: `native-failed`. */
export function parquetWriter(
  columns: Readonly<Record<string, ParquetKind | ListKind>>,
  groupRows: number,
  createdBy: string,
  metadata: Readonly<Record<string, string>>,
): ParquetWriter {
  const names = Object.keys(columns)
  const writer = calling(
    'opening a Parquet file',
    'native-failed',
    () => new binding.ParquetWriter(names, Object.values(columns), groupRows, createdBy, Object.entries(metadata).flat()),
  )
  const none = new Uint8Array(0)

  function set(index: number, column: ParquetColumn | ListColumn): void {
    if (column.type === 'list') writer.setLists(index, column.values, column.offsets)
    else if (column.type === 'number') writer.setNumbers(index, column.values)
    else if (column.type === 'text') writer.setText(index, column.values, column.offsets)
    else if (column.type === 'label') writer.setLabels(index, column.indices, [...column.labels])
    else
      writer.setIds(
        index,
        column.values,
        column.present ?? (columns[names[index] as string] === 'id' ? none : new Uint8Array(column.values.byteLength / 16).fill(1)),
      )
  }

  return {
    writeGroup: (rows, given) =>
      calling('writing Parquet', 'native-failed', () => {
        names.forEach((name, index) => {
          const column = given[name]
          if (column !== undefined) set(index, column)
        })
        return writer.writeGroup(rows)
      }),
    finish: () => calling('writing Parquet', 'native-failed', () => writer.finish()),
  }
}
