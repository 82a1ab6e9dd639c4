import { QuernError } from '../core/errors.ts'
import { openDataset } from '../dataset/format.ts'
import { readSnapshot } from '../dataset/snapshot.ts'
import { exportDataset } from '../exports/export.ts'
import { type FormatName, formatNames } from '../exports/manifest.ts'
import type { Command, CommandInput } from './command.ts'
import { countOption, snapshotOption, stringOption } from './dataset-options.ts'
import { progressBar } from './progress-bar.ts'

const command: Command = {
  name: 'export',
  summary: 'Write the documents of a snapshot as another trainer reads them, into a new folder that appears whole or not at all.',
  args: [
    { name: 'dataset', summary: 'Path, file:// or s3:// URL of the dataset.', required: true },
    { name: 'dir', summary: 'A new or empty local folder.', required: true },
  ],
  options: [
    { flags: '--format <name>', summary: `One of ${formatNames.join(', ')}.` },
    snapshotOption,
    { flags: '--language <code...>', summary: 'Only this language.' },
    { flags: '--seq-len <tokens>', summary: 'litdata: the block size of its loader. mds: rows of so many tokens in place of documents.' },
    {
      flags: '--end-token <id>',
      summary: 'Put this token behind every document, where the dataset has no end of document; olmo needs one.',
    },
    { flags: '--json', summary: 'Print the manifest of the export as one JSON object.' },
  ],
  async run({ args, options }, terminal) {
    const [url, folder] = args
    if (url === undefined || folder === undefined) throw new QuernError('bad-usage', 'export needs a dataset and a folder')
    const settings = {
      format: formatOption(options),
      languages: Array.isArray(options['language']) ? (options['language'] as string[]) : [],
      seqLen: options['seqLen'] === undefined ? null : countOption(options, 'seqLen', '--seq-len', 1, 1),
      endToken: options['endToken'] === undefined ? null : countOption(options, 'endToken', '--end-token', 0, 0),
    }
    const store = await openDataset(url)
    const found = await readSnapshot(store, stringOption(options, 'snapshot'))
    const bar = progressBar(terminal)
    const { manifest, present } = await exportDataset(store, found, folder, settings, (language, done) => bar(`exporting ${language}`, done))
    terminal.progress('')
    const number = (value: number): string => value.toLocaleString('en')
    terminal.print(
      `Snapshot ${manifest.snapshot.version} for ${manifest.to}: ${number(manifest.documents)} documents, ${number(manifest.tokens)} tokens, ${number(manifest.files.length)} files in ${folder}${present ? ' (it was there, every hash is right)' : ''}`,
    )
    if (manifest.documents === 0) terminal.note('There is no document to train on; the folder holds its manifest only.')
    if (manifest.suppressed > 0) terminal.note(`${number(manifest.suppressed)} suppressed documents are left out.`)
    if (manifest.empty > 0) terminal.note(`${number(manifest.empty)} documents without a token are left out.`)
    if (manifest.endsInside > 0)
      terminal.note(
        `${number(manifest.endsInside)} end tokens stand inside documents: a reader that finds ends by token ${manifest.endOfDocument} is misled.`,
      )
    if (manifest.leftOver > 0)
      terminal.note(`${number(manifest.leftOver)} tokens at the ends of languages fill no row of ${manifest.seqLen} and are left out.`)
    terminal.json({ ...manifest, present })
    return 0
  },
}

export default command

function formatOption(options: CommandInput['options']): FormatName {
  const name = stringOption(options, 'format')
  const format = formatNames.find((known) => known === name)
  if (format === undefined)
    throw new QuernError('bad-usage', name === undefined ? 'export needs --format' : `--format ${name}: there is no such format`, {
      remedy: `Use one of ${formatNames.join(', ')}.`,
    })
  return format
}
