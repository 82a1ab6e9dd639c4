import * as z from 'zod'
import { type Batch, textOf } from '../../core/batch.ts'
import { type Context, definePrepareStage } from '../../core/component.ts'
import { decide, type LimitRules, saysOf } from '../../core/decide.ts'
import { webDocsScorer } from '../../native/web-docs-score.ts'
import { languageField, languageFiles, limitField } from './language-limits.ts'
import { limitColumn } from './limit-column.ts'

/** The description calls documents from 0.5 good and up to 0.4 bad; the limit takes the doubtful ones with the good. */
const general = { 'min-score': 0.4, punctuation: 2.4 } as const

const rules: LimitRules = {
  'low-score': { measure: 'web_docs_score', below: 'min-score', says: 'The Web Docs Score is below `min-score`.' },
}

const config = z.strictObject({
  language: languageField,
  'min-score': limitField('Least score, 0 to 1. HPLT publishes from 0.5; 0.4 drops only what its description calls bad.'),
  punctuation: limitField("Marks for a hundred letters in good text of the language: all thresholds are scaled by it from Spanish's 2.4."),
})

const prose =
  'El molino está junto al río, y desde hace cuatrocientos años muele el trigo de toda la comarca. Por la mañana llegan los carros cargados de sacos; ' +
  'por la tarde, cuando baja el sol, el molinero cierra la compuerta y escucha el agua. Nadie recuerda quién talló las piedras.'

type Config = z.infer<typeof config>

/** The limits in force for every row of a batch. */
function limitsOf(config: Config, context: Context) {
  const files = languageFiles('web-docs-score', general, [], config.language, context)
  return (batch: Batch) => files.limitsOf(batch, config)
}

export default definePrepareStage<Config>({
  name: 'web-docs-score',
  group: 'filters',
  summary:
    "Scores how much a document looks like written language, after the published description of HPLT's Web Docs Score, and drops low scores. " +
    'Put mixed-language above it, and the share of letters in the language counts; without it all letters do.',
  version: 1,
  config,
  reads: ['text'],
  writes: [],
  measures: {
    web_docs_score: 'Basic score times penalty, 0 (bad) to 1; not known for a text without a letter.',
    web_docs_basic: '0.8 language + 0.1 long segments + 0.1 great segment, 0 to 1.',
    web_docs_penalty: 'Product of the seven parts below in which the worst weigh most, 0 to 1.',
    web_docs_language: "Share of letters in the document's language, 0 to 1; 1 when no stage told.",
    web_docs_long_segments: 'A tenth for every long line, 0 to 1.',
    web_docs_great_segment: 'How long the very long lines are, 0 to 1.',
    web_docs_urls: 'Few addresses: 1, many: 0.',
    web_docs_numbers: 'Few digits: 1, many or heaped: 0.',
    web_docs_punctuation: 'Usual punctuation: 1, too much or too little: 0.',
    web_docs_symbols: 'Few symbols: 1, many or heaped: 0.',
    web_docs_repeated: 'Share of lines that stand once, 0 to 1.',
    web_docs_informativeness: "Compression as usual for the text's size: 1, far from it: 0.",
    web_docs_short_segments: 'Lines of many lengths: 1, all equally short: 0.5.',
  },
  rules: saysOf(rules),
  limits: { rules, of: limitsOf },
  examples: [
    { text: prose, language: 'es' },
    { text: 'Inicio\nProductos\nServicios\nNoticias\nContacto\nEmpresa\n'.repeat(5), language: 'es', drops: 'low-score' },
  ],
  open: async (config, context) => {
    const limitsFor = limitsOf(config, context)
    const score = webDocsScorer()
    return (batch) => {
      const limits = limitsFor(batch)
      // "off" is no figure to scale by: Spanish's then.
      const punctuation = limitColumn(limits['punctuation']!, batch.rows).map((marks) => (marks > 0 ? marks : general.punctuation))
      const measures = score(textOf(batch, 'text'), punctuation, languageShare(batch))
      return { measures, verdict: decide(batch.rows, rules, measures, limits) }
    }
  },
})

function languageShare({ rows, columns }: Batch): Float64Array {
  const column = columns['language_letter_share']
  return column?.type === 'number' ? column.values : new Float64Array(rows).fill(NaN)
}
