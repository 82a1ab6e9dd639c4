import type { BinaryColumn, TextColumn } from './batch.ts'

/** Grows a text column row by row, by copying bytes; the buffers are reused after `take`. */
export interface TextBuilder {
  readonly rows: number
  readonly bytes: number
  append(column: TextColumn | BinaryColumn, row: number): void
  appendBytes(bytes: Uint8Array): void
  /** The rows so far as a column of its own, and the builder empty again. */
  take(): TextColumn
}

export function textBuilder(): TextBuilder {
  let values = new Uint8Array(1 << 10)
  let offsets = new Int32Array(64)
  let rows = 0

  function room(bytes: number): void {
    if (rows + 2 > offsets.length) {
      const wider = new Int32Array(offsets.length * 2)
      wider.set(offsets)
      offsets = wider
    }
    const needed = (offsets[rows] ?? 0) + bytes
    if (needed > values.length) {
      const wider = new Uint8Array(Math.max(needed, values.length * 2))
      wider.set(values.subarray(0, offsets[rows]))
      values = wider
    }
  }

  function appendBytes(bytes: Uint8Array): void {
    room(bytes.byteLength)
    const at = offsets[rows] ?? 0
    values.set(bytes, at)
    rows += 1
    offsets[rows] = at + bytes.byteLength
  }

  return {
    get rows() {
      return rows
    },
    get bytes() {
      return offsets[rows] ?? 0
    },
    append(column, row) {
      appendBytes(column.values.subarray(column.offsets[row], column.offsets[row + 1]))
    },
    appendBytes,
    take() {
      const column: TextColumn = { type: 'text', values: values.slice(0, offsets[rows]), offsets: offsets.slice(0, rows + 1) }
      rows = 0
      return column
    },
  }
}
