import * as z from 'zod'
import type { Batch } from '../../core/batch.ts'
import { type Context, definePrepareStage } from '../../core/component.ts'
import { decide, saysOf } from '../../core/decide.ts'
import { textMeasurer } from '../../native/measures.ts'
import { finewebLimits, finewebMeasures, finewebRules } from './fineweb-rules.ts'
import { languageField, languageFiles, limitField } from './language-limits.ts'

const config = z.strictObject({
  language: languageField,
  limits: z
    .enum(['language', 'fineweb'])
    .default('language')
    .describe('Where options that say "language" are taken from: the language files, or FineWeb\'s published numbers for all.'),
  'min-text-lines': limitField('Fewest lines that hold more than white space.'),
  'min-punctuated-lines': limitField('Least share of lines that end in the mark of a sentence, 0 to 1.'),
  'max-short-lines': limitField('Largest share of lines of at most 30 characters, 0 to 1.'),
  'max-repeated-line-characters': limitField('Largest share of characters in lines that stood before, 0 to 1.'),
  'max-line-breaks': limitField('Most line breaks for each word.'),
})

const sentences = [
  'The miller opens the gate and water turns the wheel.',
  'Rye from three villages is ground before noon today.',
  'Children carry every sack to a cart that waits there.',
  'Nobody remembers when the first dam was built here.',
]

type Config = z.infer<typeof config>

/** The limits in force for every row of a batch. */
function limitsOf(config: Config, context: Context) {
  const published = config.limits === 'fineweb' ? finewebLimits : undefined
  const files = languageFiles('fineweb', finewebLimits, [], config.language, context, published)
  return (batch: Batch) => files.limitsOf(batch, config)
}

export default definePrepareStage<Config>({
  name: 'fineweb',
  group: 'filters',
  summary: 'Drops documents whose lines are those of lists and menus, by the rules of FineWeb as datatrove 0.10 computes them.',
  version: 1,
  config,
  reads: ['text'],
  writes: [],
  measures: finewebMeasures,
  rules: saysOf(finewebRules),
  limits: { rules: finewebRules, of: limitsOf },
  examples: [
    { text: sentences.join('\n'), language: 'en' },
    { text: ' \n\t\n', drops: 'no-text-lines' },
    { text: sentences.join('\n').replaceAll('.', ','), language: 'en', drops: 'too-few-punctuated-lines' },
    { text: 'Rye and oats.\nBread today.\nFlour and bran here.', language: 'en', drops: 'too-many-short-lines' },
    { text: [...sentences, sentences[0]].join('\n'), language: 'en', drops: 'repeated-line-characters' },
    { text: [...sentences, sentences[0]].join('\n'), language: 'de', drops: 'repeated-line-characters' },
    { text: 'a.\nb.\nc.\nd.\ne.', config: { 'max-short-lines': 'off' }, drops: 'too-many-line-breaks' },
  ],
  open: async (config, context) => {
    const limits = limitsOf(config, context)
    const measure = textMeasurer(context, { families: ['fineweb'], language: config.language })
    return (batch) => {
      const { measures } = measure(batch)
      return { measures, verdict: decide(batch.rows, finewebRules, measures, limits(batch)) }
    }
  },
})
