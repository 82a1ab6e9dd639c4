import * as z from 'zod'
import { type Batch, type LabelColumn, textOf } from '../../core/batch.ts'
import { definePrepareStage } from '../../core/component.ts'
import { decide, type LimitRules, saysOf } from '../../core/decide.ts'
import { QuernError } from '../../core/errors.ts'
import { qualityMeasurer } from '../../native/gopher.ts'
import { languageField, languageFiles, limitField, type RowSettings } from './language-limits.ts'

/**
 * Rae et al. 2021, A1.1, where it holds for any language. What was set for English (word length, share of words with
 * letters, stop words) has no general value: a language without a file is not judged by it.
 */
const general = {
  'min-words': 50,
  'max-words': 100_000,
  'min-mean-word-length': 'off',
  'max-mean-word-length': 'off',
  'max-hash-ratio': 0.1,
  'max-ellipsis-ratio': 0.1,
  'max-bullet-lines': 0.9,
  'max-ellipsis-lines': 0.3,
  'min-alphabetic-words': 'off',
  'min-stop-words': 2,
} as const

/** In the order in which datatrove asks. */
const rules: LimitRules = {
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

const config = z.strictObject({
  language: languageField,
  'min-words': limitField('Fewest words; punctuation alone is no word.'),
  'max-words': limitField('Most words.'),
  'min-mean-word-length': limitField('Least mean length of words, in characters.'),
  'max-mean-word-length': limitField('Largest mean length of words, in characters.'),
  'max-hash-ratio': limitField('Most # for each word.'),
  'max-ellipsis-ratio': limitField('Most ellipses (... or …) for each word.'),
  'max-bullet-lines': limitField('Largest share of lines that start with • or -, 0 to 1.'),
  'max-ellipsis-lines': limitField('Largest share of lines that end in an ellipsis, 0 to 1.'),
  'min-alphabetic-words': limitField('Least share of words with a letter, 0 to 1.'),
  'min-stop-words': limitField('Fewest different stop words.'),
  'stop-words': z
    .union([z.array(z.string().min(1)), z.literal('language')])
    .default('language')
    .describe('Frequent words of the language, case as written; "language": from the language\'s file.'),
})

/** 60 words that break no rule of a German, for the examples. */
const prose = (
  'Der Müller steht früh auf und geht zu der Mühle am Fluss. Das Wasser treibt den Stein, die Körner werden zu Mehl gemahlen. ' +
  'Am Abend fährt er mit dem Wagen in die Stadt und verkauft die Säcke auf dem Markt. '
).repeat(2)
const words = (word: string) => `${word} `.repeat(60)

export default definePrepareStage<z.infer<typeof config>>({
  name: 'gopher-quality',
  group: 'filters',
  summary: 'Drops documents that are not prose, by the rules of Gopher as datatrove 0.10 computes them, with limits and stop words by language.',
  version: 1,
  config,
  reads: ['text'],
  writes: [],
  measures: {
    words: 'Words that are not punctuation alone.',
    mean_word_length: 'Mean length of those words, in code points.',
    hash_ratio: '`#` for each word, punctuation words included.',
    ellipsis_ratio: '`...` and `…` for each word, punctuation words included.',
    bullet_lines: 'Share of lines that start with `•` or `-`, 0 to 1.',
    ellipsis_lines: 'Share of lines that end in `...` or `…`, 0 to 1.',
    alphabetic_words: 'Share of words with a letter, punctuation words included, 0 to 1.',
    stop_words: "Different stop words of the document's language that occur; not known for a language without a list.",
  },
  rules: saysOf(rules),
  examples: [
    { text: prose, language: 'de' },
    { text: 'Zu kurz ...', drops: 'too-few-words' },
    { text: words('Korn'), config: { 'max-words': 59 }, drops: 'too-many-words' },
    { text: words('a b'), language: 'en', drops: 'words-too-short' },
    { text: words('extraordinarily'), language: 'en', drops: 'words-too-long' },
    { text: words('Mehl #'), drops: 'too-many-hashes' },
    { text: words('Mehl ...'), drops: 'too-many-ellipses' },
    { text: '- ein Punkt\n'.repeat(30), drops: 'too-many-bullets' },
    { text: 'Diese Zeile wird am Ende leider sehr bald …\n'.repeat(10), config: { 'max-ellipsis-ratio': 'off' }, drops: 'too-many-cut-lines' },
    { text: `${prose} ${words('12 |')}`, language: 'de', drops: 'too-few-alphabetic-words' },
    {
      text: 'This page is in English and not one of its many plain words stands on another list. '.repeat(4),
      language: 'de',
      drops: 'too-few-stop-words',
    },
  ],
  open: async (config, context) => {
    const files = languageFiles('gopher-quality', general, ['stop-words'], config.language, context)
    const stopWords = stopWordLists(config['stop-words'])
    return (batch) => {
      const measures = stopWords.measure(batch, files.languagesOf(batch), files.ofRows(batch))
      return { measures, verdict: decide(batch.rows, rules, measures, files.limitsOf(batch, config)) }
    }
  },
})

/** The lists met so far, numbered for the kernel. */
function stopWordLists(fixed: readonly string[] | 'language') {
  const lists: (readonly string[])[] = fixed === 'language' ? [] : [fixed]
  const numbers = new Map<number, number>()
  let measurer = qualityMeasurer(lists)

  const numberOf = ({ settings, group }: RowSettings): number => {
    if (fixed !== 'language') return 0
    const known = numbers.get(group)
    if (known !== undefined) return known
    const list = settings['stop-words']
    if (list !== undefined && !(Array.isArray(list) && list.every((word) => typeof word === 'string')))
      throw new QuernError('bad-config', 'a language file: filters.gopher-quality.stop-words: expected a list of words', {
        remedy: 'Quote words that YAML reads as something else, such as "no".',
      })
    const number = list === undefined ? -1 : lists.push(list) - 1
    numbers.set(group, number)
    return number
  }

  const measure = (batch: Batch, languages: LabelColumn, settingsOf: (row: number) => RowSettings) => {
    const before = lists.length
    const listOfRow = Int32Array.from({ length: batch.rows }, (_, row) => numberOf(settingsOf(row)))
    if (lists.length > before) measurer = qualityMeasurer(lists)
    return measurer(textOf(batch, 'text'), languages, listOfRow)
  }
  return { measure }
}
