import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import type { Batch, LabelColumn, Verdict } from '../../core/batch.ts'
import { definePrepareStage } from '../../core/component.ts'
import { decide, type LimitRules, type Limits, saysOf } from '../../core/decide.ts'
import { QuernError } from '../../core/errors.ts'
import { type RowLists, textMeasurer } from '../../native/measures.ts'
import { languageField } from './language-limits.ts'

/** In the order in which datatrove asks; of the first two the one that is broken by an earlier line. */
const rules: LimitRules = {
  'lorem-ipsum': {
    measure: 'c4_lorem_ipsum_lines',
    above: 'max-lorem-ipsum-lines',
    says: 'More lines with "lorem ipsum" than `max-lorem-ipsum-lines`.',
  },
  'curly-bracket': {
    measure: 'c4_curly_bracket_lines',
    above: 'max-curly-bracket-lines',
    says: 'More lines with `{` than `max-curly-bracket-lines`.',
  },
  'too-few-sentences': { measure: 'c4_sentences', below: 'min-sentences', says: 'Fewer sentences in the lines that stay than `min-sentences`.' },
  'too-few-long-lines': {
    measure: 'c4_third_longest_line',
    below: 'min-third-longest-line',
    says: 'The third longest line that stays has fewer characters than `min-third-longest-line`.',
  },
  'bad-words': { measure: 'c4_bad_words', above: 'max-bad-words', says: 'More words on the list of the language than `max-bad-words`.' },
}

const limit = (usual: number | 'off', says: string) =>
  z
    .union([z.number(), z.literal('off')])
    .default(usual)
    .describe(`${says} "off": no limit.`)

const config = z.strictObject({
  language: languageField,
  by: z.enum(['line', 'sentence']).default('line').describe('What is judged and cut: lines, or sentences, which are joined by spaces then.'),
  'remove-citations': z.boolean().default(true).describe('Take [1], [], [edit] and [citation needed] out of lines.'),
  'terminal-punctuation': z.boolean().default(true).describe('Cut lines that do not end in one of . ? ! " \' or end in "...". FineWeb had it off.'),
  'min-words-per-line': limit(3, 'Fewest words between white space of a line that stays.'),
  'max-word-length': limit(1000, 'Most characters of each of them.'),
  javascript: z.boolean().default(true).describe('Cut lines that speak of JavaScript.'),
  policy: z.boolean().default(true).describe('Cut lines that speak of cookies, terms of use or a privacy policy, in English.'),
  'max-lorem-ipsum-lines': limit(0, 'Most lines with "lorem ipsum" that no other rule cut before.'),
  'max-curly-bracket-lines': limit(0, 'Most lines with "{" that no other rule cut before.'),
  'min-sentences': limit(5, 'Fewest sentences in the lines that stay.'),
  'min-third-longest-line': limit('off', 'Fewest characters of the third longest line that stays; mC4 has 200.'),
  'bad-words': z
    .record(z.string(), z.string())
    .default({})
    .describe('Files with one word or phrase a line, in lower case, by language code. A language without a file is not judged by them.'),
  'max-bad-words': limit(0, 'Most occurrences of them in the lines that stay.'),
})

type Config = z.infer<typeof config>

/** Scripts without spaces between words: an entry counts wherever it stands. */
const unbounded = ['ja', 'th', 'zh']
/** Entries of the usual lists that C4 leaves out, as parts of too many good words. */
const leftOut: Readonly<Record<string, readonly string[]>> = { ja: ['sm', 'グロ', '女の子'], zh: ['性'] }

const prose =
  'Early in the morning the miller opens the gate. Water turns the old wheel. Soon the stones grind rye from three villages. ' +
  'By noon flour fills every sack. Children carry them to a cart.'

export default definePrepareStage<Config>({
  name: 'c4',
  group: 'filters',
  summary:
    'Cuts lines that are no prose, then drops documents of which too little is left, by the rules of C4 and mC4 as datatrove 0.10 applies them.',
  version: 2,
  config,
  reads: ['text'],
  writes: ['text'],
  measures: {
    c4_lines: 'Lines (or sentences) of the text.',
    c4_cut_lines: 'Share of those that are cut, 0 to 1.',
    c4_lorem_ipsum_lines: 'Lines with "lorem ipsum" that were not cut for their words or their end.',
    c4_curly_bracket_lines: 'Lines with `{` that were not cut for their words, their end or JavaScript.',
    c4_curly_bracket_first: 'Whether such a `{` stands in an earlier line than such a "lorem ipsum", 1 or 0.',
    c4_sentences: 'Sentences in the lines that stay.',
    c4_third_longest_line: 'Code points of the third longest line that stays; 0 with fewer than three.',
    c4_bad_words: "Occurrences in the lines that stay of words on the list for the document's language; not known without one.",
  },
  rules: saysOf(rules),
  limits: { rules, of: (config) => () => limitsOf(config), place: (limit) => ({ option: [limit], languageFile: null }), decide: verdictOf },
  examples: [
    { text: `Menu\n${prose}[1]\nThis site uses cookies.\nPlease enable JavaScript now.\nNo mark`, gives: prose },
    { text: `Menu of the mill\n${prose}`, config: { 'terminal-punctuation': false }, gives: `Menu of the mill\n${prose}` },
    { text: `${prose}\nWe use cookies here. Wind drives the sails.`, config: { by: 'sentence' }, gives: `${prose} Wind drives the sails.` },
    { text: `${prose}\nLorem ipsum dolor sit amet.`, drops: 'lorem-ipsum' },
    { text: `${prose}\nif (wind) { turn(); } is said here.`, drops: 'curly-bracket' },
    { text: 'A mill stands here.\nIt is old.', drops: 'too-few-sentences' },
    { text: `${prose}\n${prose}`, config: { 'min-third-longest-line': 200 }, drops: 'too-few-long-lines' },
    {
      text: prose,
      language: 'en',
      config: { 'bad-words': { en: 'data-samples/unwanted-words.txt' } },
      drops: 'bad-words',
    },
  ],
  assets: (config, context) => Object.values(config['bad-words']).map((path) => context.file(path)),
  open: async (config, context) => {
    const badWords = await badWordLists(config['bad-words'], config.language, context.file)
    const measure = textMeasurer(context, {
      families: ['c4'],
      language: config.language,
      c4: {
        rules: {
          bySentence: config.by === 'sentence',
          removeCitations: config['remove-citations'],
          terminalPunctuation: config['terminal-punctuation'],
          minWords: config['min-words-per-line'] === 'off' ? 0 : config['min-words-per-line'],
          maxWordLength: config['max-word-length'] === 'off' ? 0xffffffff : config['max-word-length'],
          javascript: config.javascript,
          policy: config.policy,
        },
        badWords,
        bounded: Object.keys(config['bad-words']).map((code) => !unbounded.includes(code)),
      },
    })
    const limits = limitsOf(config)
    return (batch) => {
      const { measures, kept } = measure(batch)
      return { columns: { text: kept }, measures, verdict: verdictOf(config, batch, measures, limits) }
    }
  },
})

function limitsOf(config: Config): Limits {
  return Object.fromEntries(
    Object.values(rules).map((rule) => {
      const name = 'below' in rule ? rule.below : rule.above
      const value = config[name as keyof Config]
      return [name, value === 'off' ? NaN : (value as number)]
    }),
  )
}

function verdictOf(config: Config, { rows }: Batch, measures: Readonly<Record<string, Float64Array>>, limits: Limits): Verdict {
  const verdict = decide(rows, rules, measures, limits)
  const most = config['max-curly-bracket-lines']
  if (most === 'off') return verdict
  for (let row = 0; row < rows; row++) {
    const brackets = measures['c4_curly_bracket_lines']![row]!
    if (verdict.rule[row] !== 0 || measures['c4_curly_bracket_first']![row] !== 1 || !(brackets > most)) continue
    verdict.rule[row] = 1
    verdict.measured[row] = brackets
    verdict.limit[row] = most
  }
  return verdict
}

async function badWordLists(files: Readonly<Record<string, string>>, language: string | null, file: (path: string) => string): Promise<RowLists> {
  const codes = Object.keys(files)
  const lists = await Promise.all(
    codes.map(async (code) => {
      const path = file(files[code]!)
      const words = (await readFile(path, 'utf8')).split(/\r?\n/).map((line) => line.trim())
      const list = words.filter((word) => word !== '' && leftOut[code]?.includes(word) !== true)
      if (list.length === 0)
        throw new QuernError('bad-config', `c4: bad-words: the list ${path} is empty`, {
          remedy: 'Write one word or phrase a line, or remove the entry.',
        })
      return list
    }),
  )
  const ofLabels = ({ labels }: LabelColumn) => labels.map((label) => codes.indexOf(label))
  return {
    lists,
    ofRows(batch: Batch) {
      if (language !== null) return new Int32Array(batch.rows).fill(codes.indexOf(language))
      const column = batch.columns['language']
      if (column?.type !== 'label') return new Int32Array(batch.rows).fill(-1)
      const numbers = ofLabels(column)
      return Int32Array.from(column.indices, (label) => numbers[label] ?? -1)
    },
  }
}
