import type { Column } from '../core/batch.ts'
import type { SourceBatch } from '../core/component.ts'

/** Cuts a batch into batches of at most `rows` rows. Results must not show it: that is law 2, and `--batch-rows` tests it. */
export function* sliceBatch(batch: SourceBatch, rows: number): Generator<SourceBatch> {
  if (batch.rows <= rows) {
    yield batch
    return
  }
  for (let from = 0; from < batch.rows; from += rows) yield sliceRows(batch, from, Math.min(batch.rows, from + rows))
}

/** Rows [from, to) of a batch; numbers and bytes are views, offsets are copied. */
export function sliceRows(batch: SourceBatch, from: number, to: number): SourceBatch {
  const { rule, measured, limit } = batch.verdict
  return {
    rows: to - from,
    columns: Object.fromEntries(Object.entries(batch.columns).map(([name, column]) => [name, sliceColumn(column, from, to)])),
    verdict: { rule: rule.subarray(from, to), measured: measured.subarray(from, to), limit: limit.subarray(from, to) },
  }
}

function sliceColumn(column: Column, from: number, to: number): Column {
  switch (column.type) {
    case 'number':
      return { type: 'number', values: column.values.subarray(from, to) }
    case 'label':
      return { ...column, indices: column.indices.subarray(from, to) }
    case 'text':
    case 'binary': {
      const first = column.offsets[from] ?? 0
      const offsets = column.offsets.slice(from, to + 1).map((offset) => offset - first)
      return { type: column.type, values: column.values.subarray(first, column.offsets[to]), offsets }
    }
  }
}
