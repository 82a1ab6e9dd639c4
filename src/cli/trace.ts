import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { QuernError } from '../core/errors.ts'
import { isEmpty, refuseUnknown } from '../dataset/criteria.ts'
import { openDataset } from '../dataset/format.ts'
import { openLoaderState } from '../dataset/loader-state.ts'
import type { MixSegment } from '../dataset/sample-order.ts'
import { type TracedDocument, traceRun } from '../dataset/trace.ts'
import type { Command } from './command.ts'
import { criteriaOptions, readCriteria, stringOption } from './dataset-options.ts'

const weightsOf = z.record(z.string(), z.number().nonnegative())
const Weights = z.union([z.array(z.strictObject({ from: z.int().nonnegative(), weights: weightsOf })), weightsOf])

const trace: Command = {
  name: 'trace',
  summary: 'Tell how many tokens of a source, host, licence, address or document a training run has been given, from its loader state.',
  args: [{ name: 'dataset', summary: 'Path, file:// or s3:// URL of the dataset that the run reads.', required: true }],
  options: [
    { flags: '--state <file>', summary: 'What state_dict() of quern-loader gave, as JSON (required).' },
    ...criteriaOptions,
    { flags: '--languages <codes>', summary: 'Languages that the run was opened with, separated by commas; all when not given.' },
    { flags: '--weights <json>', summary: 'Weights of languages that the run was opened with: {"de": 3, "mt": 1} or a schedule.' },
    { flags: '--by-document', summary: 'List every document with what was given of it.' },
    { flags: '--json', summary: 'Print {"snapshot", "cursor", "documents", "tokens", "list"} as one JSON object.' },
  ],
  async run({ args, options }, terminal) {
    const [url] = args
    const file = stringOption(options, 'state')
    const criteria = readCriteria(options)
    if (url === undefined || file === undefined)
      throw new QuernError('bad-usage', 'trace needs a dataset and --state', {
        remedy: 'Save json.dumps(dataset.state_dict()) to a file and name it.',
      })
    if (isEmpty(criteria))
      throw new QuernError('bad-usage', 'trace needs to know what', { remedy: 'Name it with --source, --host, --licence, --url or --document.' })
    const content = await readFile(file).catch((cause: unknown) => {
      throw new QuernError('missing-file', `reading ${file}: there is no such file`, { remedy: 'Check the path.', cause })
    })
    const store = await openDataset(url)
    const languages = stringOption(options, 'languages')?.split(',')
    const run = await openLoaderState(store, content, file, { languages, weights: readWeights(stringOption(options, 'weights')) })
    refuseUnknown(`tracing ${file}`, run.snapshot, criteria)
    const list: TracedDocument[] = []
    const found = await traceRun(store, run, criteria, (document) => void (options['byDocument'] === true && list.push(document)))
    const { snapshot, cursor } = run.state
    terminal.json({ snapshot, cursor, ...found, ...(options['byDocument'] === true ? { list } : {}) })
    const { documents, tokens } = found
    terminal.print(`The run has been given ${cursor.toLocaleString('en')} samples of snapshot ${snapshot}. Of what you name it has seen`)
    terminal.print(`  ${documents.seen.toLocaleString('en')} of ${documents.matched.toLocaleString('en')} documents`)
    terminal.print(
      `  ${tokens.seen.toLocaleString('en')} of ${tokens.matched.toLocaleString('en')} tokens, ${tokens.given.toLocaleString('en')} with repeats`,
    )
    for (const { document, source, language, tokens: all, seen, given } of list)
      terminal.print(`  ${document}  ${source}  ${language}  ${seen} of ${all} tokens, ${given} with repeats`)
    return 0
  },
}

export default trace

function readWeights(written: string | undefined): readonly MixSegment[] | undefined {
  if (written === undefined) return undefined
  try {
    const weights = Weights.parse(JSON.parse(written))
    return Array.isArray(weights) ? weights : [{ from: 0, weights }]
  } catch (cause) {
    throw new QuernError('bad-usage', `--weights is ${written}`, {
      remedy: 'Give JSON such as {"de": 3, "mt": 1} or [{"from": 0, "weights": {…}}], as the run had it.',
      cause,
    })
  }
}
