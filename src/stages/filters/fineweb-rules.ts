import type { LimitRules } from '../../core/decide.ts'

/** The rules that FineWeb added (Penedo et al. 2024, arXiv 2406.17557), with its limits. */

export const finewebLimits = {
  'min-text-lines': 1,
  'min-punctuated-lines': 0.12,
  'max-short-lines': 0.67,
  'max-repeated-line-characters': 0.01,
  'max-line-breaks': 0.3,
} as const

/** In the order in which datatrove asks. */
export const finewebRules: LimitRules = {
  'no-text-lines': { measure: 'text_lines', below: 'min-text-lines', says: 'Fewer lines with text than `min-text-lines`.' },
  'too-few-punctuated-lines': {
    measure: 'punctuated_lines',
    below: 'min-punctuated-lines',
    says: 'A smaller share of lines than `min-punctuated-lines` end in the mark of a sentence.',
  },
  'too-many-short-lines': {
    measure: 'short_lines',
    above: 'max-short-lines',
    says: 'A larger share of lines than `max-short-lines` have at most 30 characters.',
  },
  'repeated-line-characters': {
    measure: 'repeated_line_character_share',
    above: 'max-repeated-line-characters',
    says: 'Lines with text that stood before hold a larger share of the characters than `max-repeated-line-characters`.',
  },
  'too-many-line-breaks': {
    measure: 'line_breaks_per_word',
    above: 'max-line-breaks',
    says: 'More line breaks for each word than `max-line-breaks`.',
  },
}

export const finewebMeasures: Readonly<Record<string, string>> = {
  text_lines: 'Lines that hold more than white space.',
  punctuated_lines: 'Share of those that end in the mark of a sentence of any script (`.`, `?`, `!`, `。`, …), 0 to 1.',
  short_lines: 'Share of those that have at most 30 code points, 0 to 1.',
  repeated_line_character_share: 'Code points in those that stood before in the document, as a share of the text without line feeds.',
  line_breaks_per_word: 'Line feeds for each word, punctuation words included.',
}
