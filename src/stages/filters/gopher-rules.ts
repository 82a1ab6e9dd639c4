import type { LimitRules } from '../../core/decide.ts'

/** The rules of Gopher (Rae et al. 2021, arXiv 2112.11446, A1.1) with the limits of its authors, which datatrove has as defaults. */

type Numbers = Readonly<Record<string, number>>

export const gopherQuality = {
  'min-words': 50,
  'max-words': 100_000,
  'min-mean-word-length': 3,
  'max-mean-word-length': 10,
  'max-hash-ratio': 0.1,
  'max-ellipsis-ratio': 0.1,
  'max-bullet-lines': 0.9,
  'max-ellipsis-lines': 0.3,
  'min-alphabetic-words': 0.8,
  'min-stop-words': 2,
} as const satisfies Numbers

export const gopherStopWords = ['the', 'be', 'to', 'of', 'and', 'that', 'have', 'with'] as const

/**
 * Where it holds for any language. What was set for English (word length, share of words with letters, stop words) has no
 * general value: a language without a file is not judged by it.
 */
export const generalQuality = {
  ...gopherQuality,
  'min-mean-word-length': 'off',
  'max-mean-word-length': 'off',
  'min-alphabetic-words': 'off',
} as const

/** In the order in which datatrove asks. */
export const qualityRules: LimitRules = {
  'too-few-words': { measure: 'words', below: 'min-words', says: 'Fewer words than `min-words`.' },
  'too-many-words': { measure: 'words', above: 'max-words', says: 'More words than `max-words`.' },
  'words-too-short': {
    measure: 'mean_word_length',
    below: 'min-mean-word-length',
    says: 'Words are shorter on average than `min-mean-word-length`.',
  },
  'words-too-long': { measure: 'mean_word_length', above: 'max-mean-word-length', says: 'Words are longer on average than `max-mean-word-length`.' },
  'too-many-hashes': { measure: 'hash_ratio', above: 'max-hash-ratio', says: 'More `#` for each word than `max-hash-ratio`.' },
  'too-many-ellipses': { measure: 'ellipsis_ratio', above: 'max-ellipsis-ratio', says: 'More ellipses for each word than `max-ellipsis-ratio`.' },
  'too-many-bullets': { measure: 'bullet_lines', above: 'max-bullet-lines', says: 'A larger share of lines than `max-bullet-lines` are list items.' },
  'too-many-cut-lines': {
    measure: 'ellipsis_lines',
    above: 'max-ellipsis-lines',
    says: 'A larger share of lines than `max-ellipsis-lines` end in an ellipsis.',
  },
  'too-few-alphabetic-words': {
    measure: 'alphabetic_words',
    below: 'min-alphabetic-words',
    says: 'A smaller share of words than `min-alphabetic-words` hold a letter.',
  },
  'too-few-stop-words': {
    measure: 'stop_words',
    below: 'min-stop-words',
    says: "Fewer different ones of the language's most frequent words than `min-stop-words`.",
  },
}

export const qualityMeasures: Readonly<Record<string, string>> = {
  words: 'Words that are not punctuation alone.',
  mean_word_length: 'Mean length of those words, in code points.',
  hash_ratio: '`#` for each word, punctuation words included.',
  ellipsis_ratio: '`...` and `…` for each word, punctuation words included.',
  bullet_lines: 'Share of lines that start with `•` or `-`, 0 to 1.',
  ellipsis_lines: 'Share of lines that end in `...` or `…`, 0 to 1.',
  alphabetic_words: 'Share of words with a letter, punctuation words included, 0 to 1.',
  stop_words: "Different stop words of the document's language that occur; not known for a language without a list.",
}

/** Table A1: in force for languages whose file says nothing else. */
export const gopherRepetition = {
  'max-duplicate-paragraphs': 0.3,
  'max-duplicate-paragraph-characters': 0.2,
  'max-duplicate-lines': 0.3,
  'max-duplicate-line-characters': 0.2,
  'max-top-2-gram': 0.2,
  'max-top-3-gram': 0.18,
  'max-top-4-gram': 0.16,
  'max-duplicate-5-grams': 0.15,
  'max-duplicate-6-grams': 0.14,
  'max-duplicate-7-grams': 0.13,
  'max-duplicate-8-grams': 0.12,
  'max-duplicate-9-grams': 0.11,
  'max-duplicate-10-grams': 0.1,
} as const satisfies Numbers

export const topLengths = [2, 3, 4] as const
export const duplicateLengths = [5, 6, 7, 8, 9, 10] as const

export const repetitionRules: LimitRules = {
  'duplicate-paragraphs': {
    measure: 'duplicate_paragraph_share',
    above: 'max-duplicate-paragraphs',
    says: 'A larger share of paragraphs than `max-duplicate-paragraphs` stood before in the document.',
  },
  'duplicate-paragraph-characters': {
    measure: 'duplicate_paragraph_character_share',
    above: 'max-duplicate-paragraph-characters',
    says: 'Paragraphs that stood before hold a larger share of the characters than `max-duplicate-paragraph-characters`.',
  },
  'duplicate-lines': {
    measure: 'duplicate_line_share',
    above: 'max-duplicate-lines',
    says: 'A larger share of lines than `max-duplicate-lines` stood before in the document.',
  },
  'duplicate-line-characters': {
    measure: 'duplicate_line_character_share',
    above: 'max-duplicate-line-characters',
    says: 'Lines that stood before hold a larger share of the characters than `max-duplicate-line-characters`.',
  },
  ...Object.fromEntries(
    topLengths.map((n) => [
      `top-${n}-gram`,
      {
        measure: `top_${n}_gram_share`,
        above: `max-top-${n}-gram`,
        says: `The most frequent run of ${n} words fills a larger share of the characters than \`max-top-${n}-gram\`.`,
      },
    ]),
  ),
  ...Object.fromEntries(
    duplicateLengths.map((n) => [
      `duplicate-${n}-grams`,
      {
        measure: `duplicate_${n}_gram_share`,
        above: `max-duplicate-${n}-grams`,
        says: `Runs of ${n} words that stood before fill a larger share of the characters than \`max-duplicate-${n}-grams\`.`,
      },
    ]),
  ),
}

export const repetitionMeasures: Readonly<Record<string, string>> = {
  duplicate_paragraph_share: 'Share of paragraphs that stood before in the document, 0 to 1.',
  duplicate_paragraph_character_share: 'Code points in such paragraphs, as a share of the text.',
  duplicate_line_share: 'Share of lines that stood before in the document, 0 to 1; an empty first or last line counts.',
  duplicate_line_character_share: 'Code points in such lines, as a share of the text.',
  ...Object.fromEntries(
    topLengths.map((n) => [
      `top_${n}_gram_share`,
      `Length of the most frequent run of ${n} words, joined by spaces, times its count, as a share of the text.`,
    ]),
  ),
  ...Object.fromEntries(
    duplicateLengths.map((n) => [
      `duplicate_${n}_gram_share`,
      `Code points in runs of ${n} words that stood before, read from the start and jumping over each one found, as a share of the text.`,
    ]),
  ),
}
