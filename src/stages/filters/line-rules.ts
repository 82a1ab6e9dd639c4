import * as z from 'zod'
import { textOf } from '../../core/batch.ts'
import { type Context, definePrepareStage } from '../../core/component.ts'
import { decide, type LimitRules, saysOf } from '../../core/decide.ts'
import { lineKinds } from '../../native/phrases.ts'
import { languageField, languageFiles, limitField } from './language-limits.ts'
import { limitColumn } from './limit-column.ts'
import { lineLimits, linePhrases, phraseLists } from './phrase-lists.ts'

const rules: LimitRules = {
  'nothing-left': { measure: 'bytes_after_line_rules', below: 'least', says: 'No line was left.' },
  'too-much-removed': {
    measure: 'removed_line_share',
    above: 'max-removed-share',
    says: 'A larger share of the bytes than `max-removed-share` went with removed lines: what is left is no page.',
  },
}

const config = z.strictObject({
  language: languageField,
  phrases: z
    .array(z.enum(linePhrases))
    .default([...linePhrases])
    .describe(
      'Kinds of lines removed by the phrases of the language\'s file and of English ("Read more", "1,234 views", "Page 3 of 10", cookie notices, share and login buttons, calls to enable JavaScript).',
    ),
  'longest-line': z.int().positive().max(10_000).default(200).describe('Longest line, in characters, in which a phrase is looked for.'),
  symbols: z
    .enum(['off', 'separators', 'all'])
    .default('separators')
    .describe('Lines removed that hold no word: separators (three or more of -, =, _, * and the like), or all of punctuation, as datatrove does.'),
  'table-pipes': z.boolean().default(true).describe('Whether lines of | and spaces alone go, as FineWeb2 removes them.'),
  'javascript-lines': z
    .boolean()
    .default(false)
    .describe('Whether every line that names JavaScript goes, as in C4. It guts pages about programming.'),
  'min-line-words': limitField('Fewest words of a line.'),
  'min-line-characters': limitField('Fewest characters of a line.'),
  'max-line-digits': limitField('Largest share of digits among the letters and digits of a line with five digits or more, 0 to 1.'),
  'max-repeated-lines': limitField('Most equal lines in a row; what comes after goes. Refrains are repeated twice.'),
  'max-removed-share': limitField("Largest share of a document's bytes that may go, 0 to 1."),
})

const says: Readonly<Record<(typeof lineKinds)[number], string>> = {
  'read-more': 'Lines removed that lead to the whole of a text.',
  counters: 'Lines removed that count views, comments, pages and the like.',
  cookies: 'Lines removed of cookie notices.',
  share: 'Lines removed of buttons to share, send or print.',
  login: 'Lines removed of logins.',
  javascript: 'Lines removed that call for JavaScript.',
  symbols: 'Lines removed without words.',
  pipes: 'Lines removed of `|` alone.',
  numerals: 'Lines removed of numbers.',
  short: 'Lines removed for being short.',
  repeated: 'Lines removed that repeat the one before.',
}

const measureOf = (kind: string): string => `removed_lines_${kind.replace('-', '_')}`

const page = 'Das Korn wird gemahlen und gesiebt, bis das Mehl so fein ist wie Staub.'

type Config = z.infer<typeof config>

function filesFor(config: Config, context: Context) {
  return languageFiles('line-rules', lineLimits, linePhrases, config.language, context)
}

export default definePrepareStage<Config>({
  name: 'line-rules',
  group: 'filters',
  summary:
    'Removes lines that are no text: "read more", counters, cookie notices, buttons, separators, numbers, repeats. ' +
    'Lines that stay keep their bytes and their order; a line ends at a line feed. Phrases are in pipelines/languages/xx.yaml.',
  version: 1,
  config,
  reads: ['text'],
  writes: ['text'],
  measures: {
    ...Object.fromEntries(lineKinds.map((kind) => [measureOf(kind), says[kind]])),
    removed_line_share: 'Share of the bytes that went with removed lines, 0 to 1; not known for an empty text.',
    bytes_after_line_rules: 'Bytes of what is left, 0 when it is white space alone; not known for an empty text.',
  },
  rules: saysOf(rules),
  limits: {
    rules,
    of: (config, context) => {
      const files = filesFor(config, context)
      return (batch) => ({ ...files.limitsOf(batch, config), least: 1 })
    },
    place: (limit) =>
      limit === 'least' ? { option: null, languageFile: null } : { option: [limit], languageFile: ['filters', 'line-rules', limit] },
  },
  examples: [
    {
      text: `Die Mühle\n\n1.234 Aufrufe\n${page}\n-----\nWeiterlesen »\n\nSeite 3 von 10\n\n${page} Das ist wahr.\n`,
      language: 'de',
      gives: `Die Mühle\n\n${page}\n\n${page} Das ist wahr.\n`,
    },
    { text: `Two roads\nTwo roads\nTwo roads\nin a wood`, gives: 'Two roads\nTwo roads\nin a wood' },
    { text: `${page}\n}\nkurz`, config: { symbols: 'all', 'min-line-words': 2 }, gives: `${page}\n` },
    { text: 'Wir verwenden Cookies, um Inhalte zu personalisieren.\nAlle akzeptieren\n', language: 'de', drops: 'nothing-left' },
    {
      text: 'Das Mehl.\nWir verwenden Cookies, um Inhalte zu personalisieren.\nAlle akzeptieren\nAnmelden\n',
      language: 'de',
      drops: 'too-much-removed',
    },
  ],
  open: async (config, context) => {
    const files = filesFor(config, context)
    const lists = phraseLists([{ stage: 'line-rules', keys: linePhrases, ofRows: files.ofRows }], context)
    const cutRules = {
      phrases: linePhrases.reduce((bits, kind, i) => bits | (config.phrases.includes(kind) ? 1 << i : 0), 0),
      symbols: config.symbols,
      pipes: config['table-pipes'],
      javascript: config['javascript-lines'],
      longest: config['longest-line'],
    }
    return (batch) => {
      const { rows } = batch
      const text = textOf(batch, 'text')
      const { phrases, listOfRow } = lists(batch)
      const limits = files.limitsOf(batch, config)
      const cutLimits = {
        minWords: limitColumn(limits['min-line-words']!, rows),
        minCharacters: limitColumn(limits['min-line-characters']!, rows),
        maxDigits: limitColumn(limits['max-line-digits']!, rows),
        maxRepeats: limitColumn(limits['max-repeated-lines']!, rows),
      }
      const cut = phrases.cut(text, listOfRow, cutLimits, cutRules)
      const bytes = (row: number) => text.offsets[row + 1]! - text.offsets[row]!
      const measures = {
        ...Object.fromEntries(lineKinds.map((kind) => [measureOf(kind), cut.removed[kind]])),
        removed_line_share: cut.bytes.map((removed, row) => (bytes(row) === 0 ? NaN : removed / bytes(row))),
        bytes_after_line_rules: cut.left.map((left, row) => (bytes(row) === 0 ? NaN : left * (bytes(row) - cut.bytes[row]!))),
      }
      return { columns: { text: cut.text }, measures, verdict: decide(rows, rules, measures, { ...limits, least: 1 }) }
    }
  },
})
