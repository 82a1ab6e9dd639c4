import * as z from 'zod'
import { type Context, definePrepareStage } from '../../core/component.ts'
import { decide, saysOf } from '../../core/decide.ts'
import { textMeasurer } from '../../native/measures.ts'
import { generalQuality, gopherQuality, gopherStopWords, qualityMeasures, qualityRules } from './gopher-rules.ts'
import { languageField, languageFiles, limitField } from './language-limits.ts'
import { stopWordLists } from './stop-words.ts'

const config = z.strictObject({
  language: languageField,
  limits: z
    .enum(['language', 'gopher'])
    .default('language')
    .describe('Where options that say "language" are taken from: the language files, or Gopher\'s published numbers and English stop words for all.'),
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

type Config = z.infer<typeof config>

function filesFor(config: Config, context: Context) {
  const published = config.limits === 'gopher' ? gopherQuality : undefined
  return languageFiles('gopher-quality', generalQuality, ['stop-words'], config.language, context, published)
}

/** 60 words that break no rule of a German, for the examples. */
const prose = (
  'Der Müller steht früh auf und geht zu der Mühle am Fluss. Das Wasser treibt den Stein, die Körner werden zu Mehl gemahlen. ' +
  'Am Abend fährt er mit dem Wagen in die Stadt und verkauft die Säcke auf dem Markt. '
).repeat(2)
const words = (word: string) => `${word} `.repeat(60)

export default definePrepareStage<Config>({
  name: 'gopher-quality',
  group: 'filters',
  summary: 'Drops documents that are not prose, by the rules of Gopher as datatrove 0.10 computes them, with limits and stop words by language.',
  version: 2,
  config,
  reads: ['text'],
  writes: [],
  measures: qualityMeasures,
  rules: saysOf(qualityRules),
  limits: {
    rules: qualityRules,
    of: (config, context) => {
      const files = filesFor(config, context)
      return (batch) => files.limitsOf(batch, config)
    },
  },
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
    { text: prose, language: 'de', config: { limits: 'gopher' }, drops: 'too-few-stop-words' },
  ],
  open: async (config, context) => {
    const files = filesFor(config, context)
    const ofLimits = config.limits === 'gopher' ? gopherStopWords : undefined
    const fixed = config['stop-words'] === 'language' ? ofLimits : config['stop-words']
    const stopWords = stopWordLists(fixed, files.ofRows)
    const measure = textMeasurer(context, { families: ['quality'], language: config.language, stopWords })
    return (batch) => {
      const { measures } = measure(batch)
      return { measures, verdict: decide(batch.rows, qualityRules, measures, files.limitsOf(batch, config)) }
    }
  },
})
