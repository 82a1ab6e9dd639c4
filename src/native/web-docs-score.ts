import type { TextColumn } from '../core/batch.ts'
import { binding } from './binding.ts'
import { checkOffsets, kernel } from './kernel.ts'

/** In the order of the kernel. */
const names = [
  'web_docs_score',
  'web_docs_basic',
  'web_docs_penalty',
  'web_docs_language',
  'web_docs_long_segments',
  'web_docs_great_segment',
  'web_docs_urls',
  'web_docs_numbers',
  'web_docs_punctuation',
  'web_docs_symbols',
  'web_docs_repeated',
  'web_docs_informativeness',
  'web_docs_short_segments',
] as const

/** A value a row from 0 (bad) to 1; NaN for a text without a letter. */
export type WebDocsScores = Readonly<Record<(typeof names)[number], Float64Array>>

/**
 * A function that scores a text column. `punctuation`: marks that the row's language usually has for a hundred letters;
 * `languageShare`: letters in the text's language of all letters judged, NaN where nobody judged them.
 */
export function webDocsScorer(): (text: TextColumn, punctuation: Float64Array, languageShare: Float64Array) => WebDocsScores {
  const scorer = kernel('preparing the Web Docs Score', () => new binding.WebDocsScorer())
  return (text, punctuation, languageShare) => {
    const rows = text.offsets.length - 1
    checkOffsets('text', text.values, text.offsets, rows)
    const all = kernel('scoring texts', () => scorer.score(text.values, text.offsets, punctuation, languageShare))
    return Object.fromEntries(names.map((name, i) => [name, all.subarray(i * rows, (i + 1) * rows)])) as WebDocsScores
  }
}
