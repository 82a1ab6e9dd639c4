import type { LabelColumn, TextColumn } from '../core/batch.ts'
import { binding } from './binding.ts'
import { kernel } from './kernel.ts'

/** The words of all rows: row i has those from `offsets[i]` to `offsets[i + 1]`, word j the bytes `bounds[2j]` to `bounds[2j + 1]` of its row. */
export interface TextWords {
  readonly offsets: Uint32Array
  readonly bounds: Uint32Array
  /** The same for sentences. */
  readonly sentenceOffsets: Uint32Array
  readonly sentenceBounds: Uint32Array
}

/** Words and sentences as spaCy 3.8's blank tokenizer and sentencizer of each row's language cut them. */
export function segmentTexts(text: TextColumn, language: LabelColumn): TextWords {
  return kernel('cutting texts into words', () => binding.segmentWords(text.values, text.offsets, [...language.labels], language.indices))
}
