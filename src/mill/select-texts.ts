import type { BinaryColumn, TextColumn } from '../core/batch.ts'
import { textBuilder } from '../core/text-builder.ts'
import { encodePieces } from '../dataset/cut-pieces.ts'
import type { Chunk } from './staging-file.ts'

/** Some rows of a chunk, in the order given. All rows cost nothing: the chunk's own columns are returned. */
export function selectTexts(
  chunk: Chunk,
  rows: readonly number[],
): { readonly ids: Uint8Array; readonly texts: Readonly<Record<string, TextColumn>> } {
  if (rows.length === chunk.rows) return chunk
  const ids = new Uint8Array(rows.length * 16)
  rows.forEach((row, i) => ids.set(chunk.ids.subarray(row * 16, row * 16 + 16), i * 16))
  const select = (column: TextColumn): TextColumn => {
    const builder = textBuilder()
    for (const row of rows) builder.append(column, row)
    return builder.take()
  }
  return { ids, texts: Object.fromEntries(Object.entries(chunk.texts).map(([name, column]) => [name, select(column)])) }
}

export interface CutTexts extends ReturnType<typeof selectTexts> {
  /** What was cut, as a column beside the texts; undefined where nothing was. */
  readonly pieces?: BinaryColumn
}

/** The same rows, their texts without the byte ranges (pairs [from, to), ascending) that `cuts` names for a row. */
export function cutTexts({ ids, texts }: ReturnType<typeof selectTexts>, cuts: (row: number) => Uint32Array | undefined): CutTexts {
  const rows = ids.byteLength / 16
  const { text } = texts
  if (text === undefined || !Array.from({ length: rows }, (_, row) => cuts(row)).some((ranges) => ranges !== undefined)) return { ids, texts }
  const values = new Uint8Array(text.offsets[rows] ?? 0)
  const offsets = new Int32Array(rows + 1)
  const pieces = textBuilder()
  let at = 0
  const copy = (from: number, to: number): void => {
    values.set(text.values.subarray(from, to), at)
    at += to - from
  }
  for (let row = 0; row < rows; row += 1) {
    const start = text.offsets[row] ?? 0
    let from = start
    const ranges = cuts(row) ?? new Uint32Array(0)
    for (let i = 0; i < ranges.length; i += 2) {
      copy(from, start + (ranges[i] ?? 0))
      from = start + (ranges[i + 1] ?? 0)
    }
    copy(from, text.offsets[row + 1] ?? 0)
    offsets[row + 1] = at
    pieces.appendBytes(encodePieces(text.values.subarray(start, text.offsets[row + 1]), ranges))
  }
  const left: TextColumn = { type: 'text', values: values.subarray(0, at), offsets }
  return { ids, texts: { ...texts, text: left }, pieces: { ...pieces.take(), type: 'binary' } }
}
