import { statSync } from 'node:fs'
import * as z from 'zod'
import { textOf } from '../../core/batch.ts'
import { canonicalJson } from '../../core/canonical-json.ts'
import { type Context, definePrepareStage } from '../../core/component.ts'
import { decide, type LimitRules, saysOf } from '../../core/decide.ts'
import { QuernError } from '../../core/errors.ts'
import { openEvaluationSets } from '../../native/contaminated.ts'

const rules: LimitRules = {
  'shared-ngrams': {
    measure: 'contaminated_ngrams',
    above: 'max-ngrams',
    says: 'It shares more n-grams with evaluation sets than `max-ngrams`, and whole documents go.',
  },
  'shared-share': {
    measure: 'contaminated_share',
    above: 'max-share',
    says: 'A larger share of its words than `max-share` stands in n-grams that evaluation sets hold.',
  },
  'too-little-left': {
    measure: 'contaminated_words_left',
    below: 'min-left',
    says: 'Spans were cut, and fewer words than `min-left` are left.',
  },
}

const benchmark = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w./ -]{0,99}$/, 'a name begins with a letter or digit and has at most 100 of these, spaces and . _ / -')
    .describe('What the ledger and the counts call it.'),
  files: z.array(z.string().min(1)).min(1).describe('Its files: JSON lines, Parquet or plain lines; JSON lines and plain ones also packed by gzip.'),
  fields: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'The fields that make an item, joined in this order, such as [question, answer]; a path (choices.text) leads into objects, and every ' +
        'element of a list counts. None: each line is an item.',
    ),
})

const config = z.strictObject({
  benchmarks: z.array(benchmark).default([]).describe('The evaluation sets that must not be trained on.'),
  ngram: z
    .int()
    .min(2)
    .max(100)
    .default(13)
    .describe('Words of an n-gram: letters without case and accents, and digits. GPT-3 takes 13, datatrove 12.'),
  'shortest-item': z
    .int()
    .min(1)
    .max(100)
    .default(8)
    .describe('An item with fewer words than an n-gram is looked for as a whole if it has this many, and is left out otherwise.'),
  'most-items': z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10)
    .describe(
      'An n-gram that more items hold is the wording of a template ("answer the question below") and not looked for. Raise it for a set in which many questions share a passage.',
    ),
  remove: z
    .enum(['document', 'span'])
    .default('document')
    .describe('"document": the whole. "span": the words inside shared n-grams, and the marks behind them.'),
  'max-ngrams': z.int().min(0).default(0).describe('Most shared n-grams, repeats counted; applies where whole documents go.'),
  'max-share': z.number().min(0).max(1).default(0.5).describe('Largest share of the words inside shared n-grams, 0 to 1.'),
  'min-left': z.int().min(0).default(50).describe('A document from which spans were cut must keep this many words.'),
})

type Config = z.infer<typeof config>

/** Held in the sources so that the examples below are examples of a file too. */
const sample = 'data-samples/evaluation/mill-questions.jsonl'
const mills = { benchmarks: [{ name: 'mill-questions', files: [sample], fields: ['question', 'answer'] }] }
const question = 'How many sacks of rye does the miller of Kolding grind in a week of five days if he grinds 12 sacks each day?'
const page = 'The mill stands by the river and has turned since the year in which the bridge was built.'

export default definePrepareStage<Config>({
  name: 'contaminated',
  group: 'duplicates',
  summary:
    'Finds what documents share with evaluation sets, word n-gram by n-gram, and drops the document or cuts the span. ' +
    'The ledger names the benchmark of the item that shares most, and the item; the snapshot counts by benchmark.',
  version: 1,
  config,
  reads: ['text'],
  writes: ['text', 'benchmark'],
  measures: {
    contaminated_ngrams: 'N-grams of the text that an evaluation set holds, repeats counted.',
    contaminated_share: 'Share of the words inside such n-grams, 0 to 1.',
    contaminated_item: 'Number of the item that shares most with the text: its line or row, counted from 1 through the files of the benchmark.',
    contaminated_words_left: 'Words outside such n-grams; not known where there are none.',
  },
  rules: saysOf(rules),
  examples: [
    { text: page, config: mills },
    { text: `${page} ${question}`, config: mills, drops: 'shared-ngrams' },
    { text: `${question} ${page}`, config: { ...mills, 'max-ngrams': 100, 'max-share': 0.3 }, drops: 'shared-share' },
    { text: `${page}\n${question}\n${page}`, config: { ...mills, remove: 'span', 'min-left': 10 }, gives: `${page}\n\n${page}` },
    { text: `${page} ${question} ${page}`, config: { ...mills, remove: 'span' }, drops: 'too-little-left' },
  ],
  assets: (config, context) => {
    if (config.benchmarks.length === 0)
      throw new QuernError('bad-config', 'contaminated: it is given no evaluation set, and would find nothing', {
        remedy: 'Name files under `benchmarks`, or remove the stage.',
      })
    const twice = config.benchmarks.find(({ name }, i) => config.benchmarks.findIndex((other) => other.name === name) !== i)
    if (twice !== undefined)
      throw new QuernError('bad-config', `contaminated: benchmarks: "${twice.name}" stands twice, and the ledger could not tell them apart`, {
        remedy: 'List all its files in one entry, or give each a name.',
      })
    for (const { files, fields } of config.benchmarks)
      for (const name of files)
        if (fields.length === 0 && /\.(jsonl|ndjson|parquet)(\.gz)?$/i.test(name))
          throw new QuernError('bad-config', `contaminated: benchmarks: "${name}" has fields, and none is named`, {
            remedy: 'Name those that hold the questions and answers under `fields`.',
          })
    return filesOf(config, context).flatMap((files) => files.map(({ path }) => path))
  },
  open: async (config, context) => {
    const files = filesOf(config, context)
    const { ngram, 'shortest-item': shortest, 'most-items': mostItems } = config
    const sizes = files.map((of) => of.map(({ path, fields }) => [path, fields, identity(path)]))
    const sets = openEvaluationSets(canonicalJson([ngram, shortest, mostItems, sizes]), { ngram, shortest, mostItems }, files)
    if (sets.items === sets.leftOut && files.length > 0)
      throw new QuernError(
        'bad-config',
        `contaminated: benchmarks: none of the ${sets.items} items has ${shortest} words, so nothing would be found`,
        {
          remedy: 'Name the fields that hold the questions, or lower shortest-item.',
        },
      )
    const labels = config.benchmarks.map(({ name }) => name)
    const cut = config.remove === 'span'
    const limits = {
      'max-ngrams': cut ? NaN : config['max-ngrams'],
      'max-share': config['max-share'],
    }
    return (batch) => {
      const { rows } = batch
      const found = sets.compare(textOf(batch, 'text'), cut)
      const measures = {
        contaminated_ngrams: found.ngrams,
        contaminated_share: found.share,
        contaminated_item: found.item,
        contaminated_words_left: found.wordsLeft.map((left, row) => (found.ngrams[row]! > 0 ? left : NaN)),
      }
      return {
        columns: { text: found.text, benchmark: { type: 'label', indices: found.benchmark, labels } },
        measures,
        verdict: decide(rows, rules, measures, { ...limits, 'min-left': cut ? config['min-left'] : NaN }),
      }
    }
  },
})

function filesOf({ benchmarks }: Config, context: Context) {
  return benchmarks.map(({ files, fields }) => files.map((name) => ({ path: context.file(name), name, fields })))
}

/** Workers of one process share sets by this: a file that was changed in between is another one. */
function identity(path: string): readonly number[] {
  const { size, mtimeMs, ino } = statSync(path)
  return [size, mtimeMs, ino]
}
