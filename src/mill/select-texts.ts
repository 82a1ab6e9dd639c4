import type { TextColumn } from '../core/batch.ts'
import { textBuilder } from '../core/text-builder.ts'
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
