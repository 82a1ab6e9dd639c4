import type { TextColumn } from '../core/batch.ts'
import { binding } from './binding.ts'
import { checkOffsets, kernel } from './kernel.ts'

export interface TextSegments {
  /** A row for each segment, in order. */
  readonly text: TextColumn
  /** Row of the given column that each segment is of. */
  readonly rows: Int32Array
  /** Letters of each segment. */
  readonly letters: Float64Array
}

/** Sentences and lines of at least `minLetters` letters; of more than `most` in a row, `most` at equal distances. */
export function cutSegments(text: TextColumn, minLetters: number, most: number): TextSegments {
  checkOffsets('text', text.values, text.offsets, text.offsets.length - 1)
  const { values, offsets, rows, letters } = kernel('cutting texts into segments', () =>
    binding.textPieces(text.values, text.offsets, minLetters, most),
  )
  checkOffsets('segments', values, offsets, rows.length)
  return { text: { type: 'text', values, offsets }, rows, letters }
}
