import { type ArrowColumn, type ArrowColumns, type ArrowSchema, type ArrowShape, type ArrowValues, shapes } from './arrow-schema.ts'

/**
 * Cuts rows into batches by rows and bytes of buffers alone, so that no file shows how its writer was fed. A batch ends
 * before the row that would make it too large; a row larger than that is a batch of its own.
 */
export interface BatchCutter {
  /** Batches that are complete now; the rest waits, held by reference: the buffers must not be written into. */
  push(rows: number, columns: ArrowColumns): CutBatch[]
  rest(): CutBatch[]
}

export interface CutBatch {
  readonly rows: number
  readonly columns: Readonly<Record<string, ArrowColumn>>
}

interface Slice {
  readonly columns: ArrowColumns
  readonly from: number
  readonly to: number
}

export function batchCutter(schema: ArrowSchema, limits: { readonly rows: number; readonly bytes: number }): BatchCutter {
  const columns = Object.entries(schema.fields).map(([name, type]) => ({ name, shape: shapes[type] }))
  const fixedBytes = columns.reduce((sum, { shape }) => sum + (shape.variable ? 4 : shape.perRow * shape.array.BYTES_PER_ELEMENT), 0)
  let waiting: Slice[] = []
  let rowsWaiting = 0
  let bytesWaiting = 0

  function emit(): CutBatch {
    const slices = waiting
    const rows = rowsWaiting
    waiting = []
    rowsWaiting = 0
    bytesWaiting = 0
    return { rows, columns: Object.fromEntries(columns.map(({ name, shape }) => [name, join(slices, name, shape, rows)])) }
  }

  return {
    push(rows, given) {
      const variable: { offsets: Int32Array; width: number }[] = []
      for (const { name, shape } of columns) {
        const offsets = checkColumn(name, given[name], shape, rows)
        if (offsets !== undefined) variable.push({ offsets, width: shape.array.BYTES_PER_ELEMENT })
      }
      const done: CutBatch[] = []
      let from = 0
      for (let row = 0; row < rows; row++) {
        let bytes = fixedBytes
        for (const { offsets, width } of variable) bytes += ((offsets[row + 1] as number) - (offsets[row] as number)) * width
        if (rowsWaiting > 0 && (rowsWaiting === limits.rows || bytesWaiting + bytes > limits.bytes)) {
          if (row > from) waiting.push({ columns: given, from, to: row })
          from = row
          done.push(emit())
        }
        rowsWaiting++
        bytesWaiting += bytes
      }
      if (rows > from) waiting.push({ columns: given, from, to: rows })
      return done
    },
    rest: () => (rowsWaiting === 0 ? [] : [emit()]),
  }
}

/** The offsets of a column that has some; a column that does not fit its type or row count is a bug of the caller. */
function checkColumn(name: string, column: ArrowColumn | undefined, shape: ArrowShape, rows: number): Int32Array | undefined {
  if (column === undefined) throw new TypeError(`column "${name}" is missing`)
  if (column.values.constructor !== shape.array && !(column.values instanceof shape.array))
    throw new TypeError(`column "${name}" is a ${column.values.constructor.name}, expected ${shape.array.name}`)
  if (!shape.variable) {
    if (column.values.length !== rows * shape.perRow) throw new RangeError(`column "${name}" has ${column.values.length} values for ${rows} rows`)
    return undefined
  }
  const { offsets } = column
  if (offsets === undefined || offsets.length !== rows + 1 || (offsets[rows] as number) > column.values.length)
    throw new RangeError(`column "${name}" has offsets that do not fit ${rows} rows and ${column.values.length} values`)
  return offsets
}

function join(slices: readonly Slice[], name: string, shape: ArrowShape, rows: number): ArrowColumn {
  const parts = slices.map(({ columns, from, to }) => {
    const { values, offsets } = columns[name] as ArrowColumn
    if (offsets === undefined) return { from, to, offsets, values: values.subarray(from * shape.perRow, to * shape.perRow) }
    return { from, to, offsets, values: values.subarray(offsets[from], offsets[to]) }
  })
  const only = parts.length === 1 ? parts[0] : undefined
  const values =
    only?.values ??
    concat(
      parts.map((part) => part.values),
      shape,
    )
  if (!shape.variable) return { values }
  const joined = new Int32Array(rows + 1)
  let row = 0
  let base = 0
  for (const { from, to, offsets, values: own } of parts) {
    const first = offsets?.[from] as number
    for (let i = from + 1; i <= to; i++) joined[++row] = base + (offsets?.[i] as number) - first
    base += own.length
  }
  return { values, offsets: joined }
}

function concat(parts: readonly ArrowValues[], shape: ArrowShape): ArrowValues {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const all = new shape.array(new ArrayBuffer(length * shape.array.BYTES_PER_ELEMENT), 0, length)
  let at = 0
  for (const part of parts) {
    ;(all as Uint8Array).set(part as Uint8Array, at)
    at += part.length
  }
  return all
}
