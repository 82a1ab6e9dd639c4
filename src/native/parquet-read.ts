import type { SourceBatch } from '../core/component.ts'
import { binding } from './binding.ts'
import { kernel, turn } from './kernel.ts'
import { textBatch } from './text-rows.ts'

export interface ParquetGroup {
  readonly rows: number
  /** Its bytes in the file, as the footer has it: of a damaged one, anywhere. */
  readonly from: number
  readonly to: number
}

export interface ParquetLayout {
  readonly groups: readonly ParquetGroup[]
  /** Names of the top-level columns. */
  readonly columns: readonly string[]
}

/** What the footer of a local file says; undefined where there is none or it is damaged. */
export function parquetLayout(path: string): ParquetLayout | undefined {
  try {
    const { groups, from, to, columns } = binding.parquetLayout(path)
    return { groups: groups.map((rows, i) => ({ rows, from: from[i] ?? 0, to: to[i] ?? 0 })), columns }
  } catch {
    // The kernel throws for the file's damage only; reading it gives the row that says so.
    return undefined
  }
}

export interface ParquetReaderOptions {
  readonly path: string
  /** Rows; the row groups that begin among them are read. */
  readonly start: number
  readonly end: number
  readonly maxRecordBytes: number
  readonly textField: string
  readonly urlField: string
  readonly dateField: string
  readonly titleField: string
}

export async function* readParquet(options: ParquetReaderOptions, batchRows: number, batchBytes: number): AsyncGenerator<SourceBatch> {
  const reader = kernel('opening a Parquet file', () => new binding.ParquetReader({ ...options }))
  for (;;) {
    const batch = textBatch(kernel('reading Parquet rows', () => reader.read(batchRows, batchBytes)))
    if (batch.rows === 0) return
    yield batch
    await turn()
  }
}
