import * as z from 'zod'
import type { Batch } from '../../core/batch.ts'
import { type Context, definePrepareStage } from '../../core/component.ts'
import { decide, saysOf } from '../../core/decide.ts'
import { textMeasurer } from '../../native/measures.ts'
import { duplicateLengths, gopherRepetition, repetitionMeasures, repetitionRules, topLengths } from './gopher-rules.ts'
import { languageField, languageFiles, limitField } from './language-limits.ts'

const config = z.strictObject({
  language: languageField,
  limits: z
    .enum(['language', 'gopher'])
    .default('language')
    .describe('Where options that say "language" are taken from: the language files, or Gopher\'s published numbers for all.'),
  'max-duplicate-paragraphs': limitField('Largest share of paragraphs (parted by empty lines) that stood before, 0 to 1.'),
  'max-duplicate-paragraph-characters': limitField('Largest share of characters in such paragraphs, 0 to 1.'),
  'max-duplicate-lines': limitField('Largest share of lines that stood before, 0 to 1.'),
  'max-duplicate-line-characters': limitField('Largest share of characters in such lines, 0 to 1.'),
  'max-top-2-gram': limitField('Largest share of characters in the most frequent run of 2 words, 0 to 1.'),
  'max-top-3-gram': limitField('Largest share of characters in the most frequent run of 3 words, 0 to 1.'),
  'max-top-4-gram': limitField('Largest share of characters in the most frequent run of 4 words, 0 to 1.'),
  'max-duplicate-5-grams': limitField('Largest share of characters in runs of 5 words that stood before, 0 to 1.'),
  'max-duplicate-6-grams': limitField('Largest share of characters in runs of 6 words that stood before, 0 to 1.'),
  'max-duplicate-7-grams': limitField('Largest share of characters in runs of 7 words that stood before, 0 to 1.'),
  'max-duplicate-8-grams': limitField('Largest share of characters in runs of 8 words that stood before, 0 to 1.'),
  'max-duplicate-9-grams': limitField('Largest share of characters in runs of 9 words that stood before, 0 to 1.'),
  'max-duplicate-10-grams': limitField('Largest share of characters in runs of 10 words that stood before, 0 to 1.'),
})

/** Words that repeat nothing, for the examples. */
const prose =
  'Der Müller öffnet am Morgen das Wehr, und das Wasser treibt langsam den schweren Stein. Danach schüttet er Roggen in den Trichter; ' +
  'feines Mehl rieselt unten heraus.'
const phrase = (words: number) => 'weißer Weizen braucht guten Boden sowie genügend Regen vor jeder Ernte'.split(' ').slice(0, words).join(' ')
const only = (key: string) => ({ ...Object.fromEntries(Object.keys(gopherRepetition).map((other) => [other, 'off'])), [key]: 'language' })

type Config = z.infer<typeof config>

/** The limits in force for every row of a batch. */
function limitsOf(config: Config, context: Context) {
  const published = config.limits === 'gopher' ? gopherRepetition : undefined
  const files = languageFiles('gopher-repetition', gopherRepetition, [], config.language, context, published)
  return (batch: Batch) => files.limitsOf(batch, config)
}

export default definePrepareStage<Config>({
  name: 'gopher-repetition',
  group: 'filters',
  summary: 'Drops documents that repeat themselves, by the rules of Gopher as datatrove 0.10 computes them.',
  version: 2,
  config,
  reads: ['text'],
  writes: [],
  measures: repetitionMeasures,
  rules: saysOf(repetitionRules),
  limits: { rules: repetitionRules, of: limitsOf },
  examples: [
    { text: prose },
    { text: 'The same four words\n'.repeat(4).trim(), drops: 'duplicate-lines' },
    { text: 'The same four words\n\n'.repeat(4).trim(), drops: 'duplicate-paragraphs' },
    {
      text: ['first part', 'second part', 'third part', 'x'.repeat(30), 'x'.repeat(30)].join('\n\n'),
      config: only('max-duplicate-paragraph-characters'),
      drops: 'duplicate-paragraph-characters',
    },
    {
      text: ['first', 'second', 'third', 'x'.repeat(40), 'x'.repeat(40)].join('\n'),
      config: only('max-duplicate-line-characters'),
      drops: 'duplicate-line-characters',
    },
    ...topLengths.map((n) => ({
      text: `${phrase(n)}. `.repeat(4) + prose,
      language: 'de',
      config: only(`max-top-${n}-gram`) as never,
      drops: `top-${n}-gram`,
    })),
    ...duplicateLengths.map((n) => ({
      text: `${phrase(n)} `.repeat(4) + prose,
      language: 'de',
      config: only(`max-duplicate-${n}-grams`) as never,
      drops: `duplicate-${n}-grams`,
    })),
  ],
  open: async (config, context) => {
    const limits = limitsOf(config, context)
    const measure = textMeasurer(context, { families: ['repetition'], language: config.language })
    return (batch) => {
      const { measures } = measure(batch)
      return { measures, verdict: decide(batch.rows, repetitionRules, measures, limits(batch)) }
    }
  },
})
