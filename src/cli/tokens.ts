import { basename } from 'node:path'
import { QuernError } from '../core/errors.ts'
import { tiktokenEncodings } from '../native/tokenizer.ts'
import type { Command } from './command.ts'
import { stringOption } from './dataset-options.ts'
import { fertilityCounter } from './fertility.ts'
import { openTokenizer, reportFertility } from './fertility-report.ts'
import { readInputTexts } from './text-inputs.ts'

const tokens: Command = {
  name: 'tokens',
  summary: 'Count what texts come to in tokens: tokens per word and bytes per token, by language, for one tokenizer or several side by side.',
  args: [{ name: 'file', summary: 'A dataset, JSON lines (.jsonl, .gz, .zst), Parquet, or text files.', required: true, many: true }],
  options: [
    { flags: '--tokenizer <file>', summary: 'The tokenizer file; package:NAME/FILE takes it from an installed package.' },
    { flags: '--compare <files...>', summary: 'Tokenizers to set beside it, in a table and a plot.', greedy: true },
    {
      flags: '--encoding <name>',
      summary: `Pattern of files of tiktoken ranks: ${tiktokenEncodings.join(', ')}; by the file's name when not given.`,
    },
    { flags: '--plot <file>', summary: 'Where the plot goes (SVG); with --compare, fertility.svg if not given.' },
    { flags: '--json', summary: 'Print the counts as one JSON object.' },
  ],
  async run({ args, options }, terminal) {
    const compare = Array.isArray(options['compare']) ? (options['compare'] as readonly string[]) : []
    const own = stringOption(options, 'tokenizer')
    const files = [...(own === undefined ? [] : [own]), ...compare]
    if (files.length === 0) throw new QuernError('bad-usage', 'tokens needs a tokenizer', { remedy: 'Add --tokenizer FILE.' })
    const encoding = stringOption(options, 'encoding')
    const tokenizers = files.map((file) => openTokenizer(file, { encoding: encodingOf(file) ?? encoding }))
    const counter = fertilityCounter(tokenizers)
    for (const path of args) {
      for await (const batch of readInputTexts(path)) {
        counter.add(batch)
        terminal.progress(
          `counting ${basename(path)}: ${[...counter.byLanguage.values()].reduce((sum, { documents }) => sum + documents, 0)} documents`,
        )
      }
    }
    terminal.progress('')
    if (counter.byLanguage.size === 0)
      throw new QuernError('not-found', `counting tokens: ${args.join(', ')} hold no text`, { remedy: 'Give files with texts.' })
    const plot = stringOption(options, 'plot') ?? (compare.length > 0 ? 'fertility.svg' : undefined)
    terminal.json(reportFertility(terminal, { files, tokenizers, byLanguage: counter.byLanguage }, plot))
    return 0
  },
}

export default tokens

/** Files of ranks are published under the names of their encodings, which tells several of them apart. */
function encodingOf(file: string): string | undefined {
  return tiktokenEncodings.find((name) => basename(file) === `${name}.tiktoken`)
}
