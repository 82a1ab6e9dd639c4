import type { LabelColumn, TextColumn } from '../core/batch.ts'
import { QuernError } from '../core/errors.ts'
import { binding } from './binding.ts'

/** A value a row: Gopher's quality measures as datatrove 0.10 defines them; NaN where there is nothing to divide by. */
export type QualityMeasures = Readonly<
  Record<
    'words' | 'mean_word_length' | 'hash_ratio' | 'ellipsis_ratio' | 'bullet_lines' | 'ellipsis_lines' | 'alphabetic_words' | 'stop_words',
    Float64Array
  >
>

/**
 * A function that measures a text column, given lists of stop words once and then each row's language, whose rules part
 * its words, and its list (a number, or -1).
 */
export function qualityMeasurer(
  stopWords: readonly (readonly string[])[],
): (text: TextColumn, language: LabelColumn, listOfRow: Int32Array) => QualityMeasures {
  const gopher = new binding.GopherQuality(stopWords.map((list) => [...list]))
  return (text, language, listOfRow) => {
    const measures = calling(text, () => gopher.measure(text.values, text.offsets, listOfRow, [...language.labels], language.indices))
    return {
      words: measures.words,
      mean_word_length: measures.meanWordLength,
      hash_ratio: measures.hashRatio,
      ellipsis_ratio: measures.ellipsisRatio,
      bullet_lines: measures.bulletLines,
      ellipsis_lines: measures.ellipsisLines,
      alphabetic_words: measures.alphabeticWords,
      stop_words: measures.stopWords,
    }
  }
}

/** In the order of the kernel. */
const repetitionNames = [
  'duplicate_paragraph_share',
  'duplicate_paragraph_character_share',
  'duplicate_line_share',
  'duplicate_line_character_share',
  'top_2_gram_share',
  'top_3_gram_share',
  'top_4_gram_share',
  'duplicate_5_gram_share',
  'duplicate_6_gram_share',
  'duplicate_7_gram_share',
  'duplicate_8_gram_share',
  'duplicate_9_gram_share',
  'duplicate_10_gram_share',
] as const

export type RepetitionMeasures = Readonly<Record<(typeof repetitionNames)[number], Float64Array>>

/** A value a row: Gopher's repetition measures as datatrove 0.10 defines them; NaN for an empty text or too few words. */
export function measureRepetition(text: TextColumn, language: LabelColumn): RepetitionMeasures {
  const rows = text.offsets.length - 1
  const all = calling(text, () => binding.gopherRepetition(text.values, text.offsets, [...language.labels], language.indices))
  return Object.fromEntries(repetitionNames.map((name, i) => [name, all.subarray(i * rows, (i + 1) * rows)])) as RepetitionMeasures
}

function calling<T>({ values, offsets }: TextColumn, kernel: () => T): T {
  const end = offsets.at(-1) ?? 0
  if (end > values.byteLength)
    throw new QuernError('native-failed', `measuring texts: the offsets end at ${end}, the column has ${values.byteLength} bytes`)
  try {
    return kernel()
  } catch (cause) {
    throw new QuernError('native-failed', `measuring texts: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
