import * as z from 'zod'
import type { Batch } from '../../core/batch.ts'
import { type Context, definePrepareStage, type LimitPlace } from '../../core/component.ts'
import { decide, type LimitRule, type LimitRules, type Limits, saysOf } from '../../core/decide.ts'
import { textMeasurer } from '../../native/measures.ts'
import { finewebLimits, finewebMeasures, finewebRules } from './fineweb-rules.ts'
import { generalQuality, gopherRepetition, qualityMeasures, qualityRules, repetitionMeasures, repetitionRules } from './gopher-rules.ts'
import { languageField, languageFiles, limitField, type LimitOption } from './language-limits.ts'
import { stopWordLists } from './stop-words.ts'

/** Which of FineWeb2's settings is the limit of a rule of another filter; the language files hold the values under that filter. */
const settings: Readonly<Record<string, string>> = {
  'max-duplicate-lines': 'dup-line-frac',
  ...Object.fromEntries([2, 3, 4].map((n) => [`max-top-${n}-gram`, 'top-n-grams'])),
  ...Object.fromEntries([5, 6, 7, 8, 9, 10].map((n) => [`max-duplicate-${n}-grams`, 'dup-n-grams'])),
  'min-punctuated-lines': 'line-punct-thr',
  'max-line-breaks': 'new-line-ratio',
  'min-mean-word-length': 'min-avg-word-length',
  'max-mean-word-length': 'max-avg-word-length',
  'min-alphabetic-words': 'max-non-alpha-words-ratio',
}

/** What FineWeb2 sets for all languages. */
const fixed: Readonly<Record<string, number | 'off'>> = {
  'max-duplicate-paragraphs': 'off',
  'max-duplicate-paragraph-characters': 'off',
  'max-duplicate-line-characters': 'off',
  'min-text-lines': 1,
  'max-short-lines': 'off',
  'max-repeated-line-characters': 0.1,
  'min-words': 50,
  'max-words': 100_000,
  'max-hash-ratio': 0.1,
  'max-ellipsis-ratio': 0.1,
  'max-bullet-lines': 0.9,
  'max-ellipsis-lines': 0.3,
  'min-stop-words': 2,
}

/** In FineWeb2's order, without the rules that it switches off for all. */
const rules: LimitRules = Object.fromEntries(
  [repetitionRules, finewebRules, qualityRules]
    .flatMap((rules) => Object.entries(rules))
    .filter(([, rule]) => fixed[limitOf(rule)] !== 'off')
    .map(([name, rule]) => [name, { ...rule, says: rule.says.replaceAll(/`([^`]+)`/g, (written, key: string) => sayLimit(key) ?? written) }]),
)

function limitOf(rule: LimitRule): string {
  return 'below' in rule ? rule.below : rule.above
}

function sayLimit(key: string): string | undefined {
  const setting = settings[key]
  return setting === undefined ? fixed[key]?.toString() : `\`${setting}\``
}

const byLength = (says: string, lengths: readonly number[]) =>
  z
    .union([
      z.array(z.tuple([z.number().refine((n) => lengths.includes(n), { error: `expected one of ${lengths.join(', ')}` }), z.number()])),
      z.enum(['off', 'language']),
    ])
    .default('language')
    .describe(`${says} as pairs of length and limit, "off", or "language": from the language's file.`)

const config = z.strictObject({
  language: languageField,
  'dup-line-frac': limitField('Largest share of lines that stood before, 0 to 1.'),
  'dup-n-grams': byLength('Largest shares of characters in runs of 5 to 10 words that stood before,', [5, 6, 7, 8, 9, 10]),
  'top-n-grams': byLength('Largest shares of characters in the most frequent run of 2 to 4 words,', [2, 3, 4]),
  'line-punct-thr': limitField('Least share of lines that end in the mark of a sentence, 0 to 1.'),
  'new-line-ratio': limitField('Most line breaks for each word.'),
  'min-avg-word-length': limitField('Least mean length of words, in characters.'),
  'max-avg-word-length': limitField('Largest mean length of words, in characters.'),
  'max-non-alpha-words-ratio': limitField("Despite its name, which is FineWeb2's, the least share of words with a letter, 0 to 1."),
  stopwords: z
    .union([z.array(z.string().min(1)), z.literal('language')])
    .default('language')
    .describe('Frequent words of the language, two of which must occur; "language": from the language\'s file.'),
})

type Config = z.infer<typeof config>

/** The three filters of Quern whose rules FineWeb2 puts in a row; their limits of a language are its limits. */
const parts = [
  ['gopher-repetition', gopherRepetition, []],
  ['fineweb', finewebLimits, []],
  ['gopher-quality', generalQuality, ['stop-words']],
] as const

/** The limits in force for every row of a batch, and each row's settings of words. */
function filesFor(config: Config, context: Context) {
  const files = parts.map(([stage, general, lists]) => ({
    ...languageFiles(stage, general, lists, config.language, context),
    options: asOptions(general, config),
  }))
  const limits = (batch: Batch): Limits => Object.assign({}, ...files.map(({ limitsOf, options }) => limitsOf(batch, options)))
  return { limits, ofRows: files[2]!.ofRows }
}

/** Limits by length are pairs in the options, so that only a language's file sets one of them alone. */
function place(limit: string): LimitPlace {
  const setting = settings[limit]
  const stage = parts.find(([, general]) => Object.hasOwn(general, limit))?.[0]
  return {
    option: setting === undefined || setting.endsWith('-n-grams') ? null : [setting],
    languageFile: stage === undefined ? null : ['filters', stage, limit],
  }
}

/** The options of another filter that say the same. */
function asOptions(general: Readonly<Record<string, unknown>>, config: Config): Readonly<Record<string, LimitOption>> {
  return Object.fromEntries(
    Object.keys(general).map((key) => {
      const setting = settings[key]
      if (setting === undefined) return [key, fixed[key]!]
      const value = config[setting as keyof Config] as LimitOption | (readonly [number, number])[]
      if (!Array.isArray(value)) return [key, value]
      const length = Number(/[0-9]+/.exec(key)![0])
      return [key, value.find(([n]) => n === length)?.[1] ?? 'off']
    }),
  )
}

const prose =
  'Le meunier ouvre la vanne de bonne heure et l’eau fait tourner la roue. Dans la vallée, les paysans apportent du seigle que les pierres ' +
  'écrasent avant midi.\nPuis des enfants portent chaque sac vers une charrette, car le boulanger attend déjà sa farine au village voisin. ' +
  'Personne ne sait plus quand fut bâti ce vieux barrage, mais une carte le montre avec un pont de bois sur la rivière.'
const other = prose.replaceAll(/[.]/g, ' -')
const repeated = (words: number) => 'blé avoine orge seigle sarrasin millet épeautre maïs sorgho riz'.split(' ').slice(0, words).join(' ')
const unrepeated: Partial<Config> = { 'dup-line-frac': 'off', 'top-n-grams': 'off', 'dup-n-grams': 'off' }
const only = (key: 'top-n-grams' | 'dup-n-grams', n: number, limit: number): Partial<Config> => ({ ...unrepeated, [key]: [[n, limit]] })

export default definePrepareStage<Config>({
  name: 'fineweb2',
  group: 'filters',
  summary:
    "Drops documents by FineWeb2's settings for their language, in its order: repetition, lines, words. Its `language_score` belongs to the language stage (`limits`).",
  version: 1,
  config,
  reads: ['text'],
  writes: [],
  measures: { ...repetitionMeasures, ...finewebMeasures, ...qualityMeasures },
  rules: saysOf(rules),
  limits: { rules, of: (config, context) => filesFor(config, context).limits, place },
  examples: [
    { text: prose, language: 'fr' },
    { text: `${'Farine et son.\n'.repeat(4)}${prose}`, language: 'fr', drops: 'duplicate-lines' },
    ...[2, 3, 4].map((n) => ({
      text: `${repeated(n)}. `.repeat(8) + prose,
      language: 'fr',
      config: only('top-n-grams', n, 0.15),
      drops: `top-${n}-gram`,
    })),
    ...[5, 6, 7, 8, 9, 10].map((n) => ({
      text: `${repeated(n)} `.repeat(4) + prose,
      language: 'fr',
      config: only('dup-n-grams', n, 0.1),
      drops: `duplicate-${n}-grams`,
    })),
    { text: ' \n\t', drops: 'no-text-lines' },
    { text: other, language: 'fr', drops: 'too-few-punctuated-lines' },
    { text: `${'La même ligne revient.\n'.repeat(4)}${prose}`, language: 'fr', config: unrepeated, drops: 'repeated-line-characters' },
    { text: prose.replaceAll(' ', ' \n'), language: 'fr', config: { 'line-punct-thr': 'off' }, drops: 'too-many-line-breaks' },
    { text: 'Trop court.', language: 'fr', config: unrepeated, drops: 'too-few-words' },
    { text: words(100_001), config: unrepeated, drops: 'too-many-words' },
    { text: prose, language: 'fr', config: { 'min-avg-word-length': 8 }, drops: 'words-too-short' },
    { text: prose, language: 'fr', config: { 'max-avg-word-length': 3 }, drops: 'words-too-long' },
    { text: `${prose}${' #'.repeat(12)}.`, language: 'fr', config: unrepeated, drops: 'too-many-hashes' },
    {
      text: prose.replaceAll(', ', '... ').replaceAll('. ', '... ').replaceAll(' et ', '... et ').replaceAll(' la ', '... '),
      language: 'fr',
      drops: 'too-many-ellipses',
    },
    { text: `- ${prose.replaceAll('. ', '.\n- ').replace('\nPuis', '\n- Puis')}`, language: 'fr', drops: 'too-many-bullets' },
    { text: `${prose.replaceAll('. ', '…\n')}…\nFin.`, language: 'fr', drops: 'too-many-cut-lines' },
    { text: `${prose} ${Array.from({ length: 30 }, (_, i) => 1000 + 7 * i).join(' ')}.`, language: 'fr', drops: 'too-few-alphabetic-words' },
    { text: prose, language: 'de', config: { 'max-non-alpha-words-ratio': 'off' }, drops: 'too-few-stop-words' },
  ],
  open: async (config, context) => {
    const { limits, ofRows } = filesFor(config, context)
    const stopWords = stopWordLists(config.stopwords === 'language' ? undefined : config.stopwords, ofRows)
    const measure = textMeasurer(context, { families: ['repetition', 'fineweb', 'quality'], language: config.language, stopWords })
    return (batch) => {
      const { measures } = measure(batch)
      return { measures, verdict: decide(batch.rows, rules, measures, limits(batch)) }
    }
  },
})

/** Different words, one after the other. */
function words(count: number): string {
  return Array.from({ length: count }, (_, i) => `mot${i}`).join(' ') + '.'
}
