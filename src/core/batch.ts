/**
 * Rows as Arrow columns. Kernels see the buffers, never a string per row: a string costs 3,000 times the call that
 * passes the buffer. A column is never written into after it was handed on.
 */
export type Column = TextColumn | BinaryColumn | NumberColumn | LabelColumn

/** UTF-8 bytes of all rows, row i being `values[offsets[i]..offsets[i + 1]]`; `offsets` has rows + 1 entries, the first is 0. */
export interface TextColumn {
  readonly type: 'text'
  readonly values: Uint8Array
  readonly offsets: Int32Array
}

/** Like a text column, but the bytes are not known to be UTF-8. */
export interface BinaryColumn {
  readonly type: 'binary'
  readonly values: Uint8Array
  readonly offsets: Int32Array
}

/** One float a row; NaN says "not known". Whole numbers are exact up to 2^53. */
export interface NumberColumn {
  readonly type: 'number'
  readonly values: Float64Array
}

/** One of few strings a row, by index into `labels`; -1 says "none". */
export interface LabelColumn {
  readonly type: 'label'
  readonly indices: Int32Array
  readonly labels: readonly string[]
}

export type Columns = Readonly<Record<string, Column>>

/** A run of documents in input order. */
export interface Batch {
  readonly rows: number
  readonly columns: Columns
}

/**
 * Why rows are dropped by one component, a value per row. `rule` indexes the component's `rules` in the order they are
 * declared; -1 keeps the row. `measured` and `limit` are NaN where a rule has no number.
 */
export interface Verdict {
  readonly rule: Int32Array
  readonly measured: Float64Array
  readonly limit: Float64Array
}

export function emptyVerdict(rows: number): Verdict {
  return { rule: new Int32Array(rows).fill(-1), measured: new Float64Array(rows).fill(NaN), limit: new Float64Array(rows).fill(NaN) }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8')

/** For tests, examples and rare rows only: makes a string per row. */
export function textColumn(rows: readonly string[]): TextColumn {
  const parts = rows.map((row) => encoder.encode(row))
  const offsets = new Int32Array(rows.length + 1)
  parts.forEach((part, i) => {
    offsets[i + 1] = (offsets[i] ?? 0) + part.byteLength
  })
  const values = new Uint8Array(offsets[rows.length] ?? 0)
  parts.forEach((part, i) => values.set(part, offsets[i]))
  return { type: 'text', values, offsets }
}

/** The bytes of one row, not copied. */
export function rowBytes(column: TextColumn | BinaryColumn, row: number): Uint8Array {
  return column.values.subarray(column.offsets[row], column.offsets[row + 1])
}

/** One row as a string: for people and tests, never on the hot path. */
export function rowText(column: TextColumn | BinaryColumn, row: number): string {
  return decoder.decode(rowBytes(column, row))
}

/** A text column of a batch, or a thrown bug: the plan has checked that an earlier stage writes it. */
export function textOf(batch: Batch, name: string): TextColumn {
  const column = batch.columns[name]
  if (column?.type !== 'text')
    throw new TypeError(`column "${name}" is ${column === undefined ? 'missing' : `of type ${column.type}`}, expected text`)
  return column
}
