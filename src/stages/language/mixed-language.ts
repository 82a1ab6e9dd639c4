import * as z from 'zod'
import { type Batch, type LabelColumn, textOf } from '../../core/batch.ts'
import { definePrepareStage, type LimitPlace } from '../../core/component.ts'
import { decide, type LimitRules, type Limits, saysOf } from '../../core/decide.ts'
import { QuernError } from '../../core/errors.ts'
import { dominantScripts, openLanguageModel } from '../../native/language-model.ts'
import { cutSegments } from '../../native/text-segments.ts'
import { labelFolder } from './fold-labels.ts'
import { checkPackaged, modelFile } from './models.ts'
import { relatives } from './relatives.ts'

/** Labels asked for a segment: enough for those that fold into one language. */
const asked = 4

const rules: LimitRules = {
  'too-mixed': {
    measure: 'segment_language_share',
    below: 'min-language-share',
    says: "A smaller share of the judged segments than `min-language-share` is in the document's language.",
  },
}

const config = z.strictObject({
  model: z.string().min(1).default('lid.176').describe('The model of the language stage: lid.176, or the path of a fastText model.'),
  'min-language-share': z.number().min(0).max(1).default(0.5).describe("Least share of judged segments in the document's language."),
  limits: z.record(z.string(), z.number().min(0).max(1)).default({}).describe('Least share by language, where it differs from `min-language-share`.'),
  'min-segment-letters': z
    .int()
    .min(1)
    .max(1000)
    .default(40)
    .describe('Fewest letters of a sentence or line that is judged: shorter ones are named at random.'),
  'min-segment-score': z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('Least probability of the likeliest language; segments below it are not counted.'),
  'min-segments': z.int().min(1).default(3).describe('Fewest judged segments by which a document is dropped.'),
  'max-segments': z.int().min(1).max(10_000).default(50).describe('Most segments judged of a document; of more, so many at equal distances.'),
})

type Config = z.infer<typeof config>

/** A row without a judged segment has no share to compare, whatever its limit. */
function limitsOf(config: Config, { rows, columns }: Batch): Limits {
  const language = columns['language']
  if (language?.type !== 'label') return { 'min-language-share': new Float64Array(rows).fill(NaN) }
  const ofLabel = language.labels.map((code) => config.limits[code] ?? config['min-language-share'])
  return { 'min-language-share': Float64Array.from(language.indices, (label) => ofLabel[label] ?? NaN) }
}

function place(_limit: string, language: string): LimitPlace {
  return { option: language === '' ? ['min-language-share'] : ['limits', language], languageFile: null }
}

const german = 'Das Korn wird in der alten Mühle am Fluss gemahlen. Am Abend fährt der Müller mit dem Wagen zurück ins Dorf. '
const english = 'The grain is ground in the old mill beside the river. In the evening the miller drives his wagon back to the village. '

export default definePrepareStage<Config>({
  name: 'mixed-language',
  group: 'language',
  summary:
    "Drops documents of which too few sentences are in the document's language, by the model of the language stage. " +
    'Languages that the model takes for each other in single sentences count as one (sr in hr, da in nb, cs in sk …).',
  version: 1,
  config,
  reads: ['text', 'language'],
  writes: ['language_letter_share'],
  measures: {
    segments_judged: 'Sentences and lines whose language the model was sure of.',
    segment_language_share: "Share of them in the document's language or a near relative, 0 to 1; not known for fewer than `min-segments`.",
    second_language_share: 'Share of them in the most frequent other language, 0 to 1.',
  },
  rules: saysOf(rules),
  limits: { rules, of: (config) => (batch) => limitsOf(config, batch), place },
  examples: [
    { text: german.repeat(3), language: 'de' },
    { text: german + english.repeat(3), language: 'de', drops: 'too-mixed' },
    { text: german + english, language: 'de', config: { 'min-segments': 9 } },
  ],
  assets: ({ model }, context) => [modelFile(model, context).path],
  open: async (config, context) => {
    const { path, name } = modelFile(config.model, context)
    checkPackaged(config.model, path)
    const model = openLanguageModel(path)
    const folder = labelFolder(name, model.labels)
    const codes = new Map(folder.codes.map((code, i) => [code, i]))
    const unknown = Object.keys(config.limits).filter((code) => !codes.has(code))
    if (unknown.length > 0)
      throw new QuernError('bad-config', `mixed-language: limits: the model ${config.model} does not know ${unknown.join(', ')}`, {
        remedy: `It knows ${folder.codes.toSorted().join(', ')}.`,
      })
    const accepted = folder.codes.map((code) => new Set([code, ...(relatives[code] ?? [])].map((other) => codes.get(other))))

    /** The likeliest language of each segment, -1 where the model is not sure. */
    const segmentLanguages = (text: ReturnType<typeof cutSegments>['text']): Int32Array => {
      const predictions = model.predict(text, asked)
      const scripts = dominantScripts(text)
      return Int32Array.from({ length: text.offsets.length - 1 }, (_, i) => {
        const { codes, scores } = folder.fold(predictions, i, asked, scripts.labels[scripts.indices[i]!])
        // Relatives share a sentence's probability: their sum says whether the model is sure.
        const sum = codes.reduce((sum, code, at) => (accepted[codes[0]!]!.has(code) ? sum + scores[at]! : sum), 0)
        return sum >= config['min-segment-score'] ? (codes[0] ?? -1) : -1
      })
    }

    return (batch) => {
      const { rows } = batch
      const label = batch.columns['language'] as LabelColumn
      const numberOfLabel = label.labels.map((code) => codes.get(code) ?? -1)
      const segments = cutSegments(textOf(batch, 'text'), config['min-segment-letters'], config['max-segments'])
      const found = segmentLanguages(segments.text)
      const judged = new Float64Array(rows).fill(NaN)
      const share = new Float64Array(rows).fill(NaN)
      const second = new Float64Array(rows).fill(NaN)
      const letterShare = new Float64Array(rows).fill(NaN)
      let at = 0
      for (let row = 0; row < rows; row++) {
        const language = numberOfLabel[label.indices[row]!] ?? -1
        let [all, right, letters, rightLetters] = [0, 0, 0, 0]
        const others = new Map<number, number>()
        for (; at < found.length && segments.rows[at] === row; at++) {
          const code = found[at]!
          if (code === -1) continue
          all++
          letters += segments.letters[at]!
          if (accepted[language]?.has(code)) {
            right++
            rightLetters += segments.letters[at]!
          } else others.set(code, (others.get(code) ?? 0) + 1)
        }
        // A language that the model cannot name is none that its segments could have.
        if (language === -1) continue
        judged[row] = all
        if (all === 0) continue
        letterShare[row] = rightLetters / letters
        second[row] = Math.max(0, ...others.values()) / all
        if (all >= config['min-segments']) share[row] = right / all
      }
      const measures = { segments_judged: judged, segment_language_share: share, second_language_share: second }
      return {
        columns: { language_letter_share: { type: 'number', values: letterShare } },
        measures,
        verdict: decide(rows, rules, measures, limitsOf(config, batch)),
      }
    }
  },
})
