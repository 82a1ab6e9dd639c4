import { QuernError } from '../core/errors.ts'
import { openDataset } from '../dataset/format.ts'
import { pullShards } from '../dataset/pull.ts'
import { readSnapshot } from '../dataset/snapshot.ts'
import type { Command } from './command.ts'
import { countOption, listOption, snapshotOption, stringOption } from './dataset-options.ts'
import { progressBar } from './progress-bar.ts'

const pull: Command = {
  name: 'pull',
  summary: 'Bring token shards to a local folder, every hash checked; run it again and it goes on where it stopped.',
  args: [
    { name: 'dataset', summary: 'Path, file:// or s3:// URL of the dataset.', required: true },
    { name: 'dir', summary: 'Folder for the shards and manifest.json.', required: true },
  ],
  options: [
    snapshotOption,
    { flags: '--language <code...>', summary: 'Only the shards of this language.' },
    { flags: '--dp-rank <rank>', summary: 'Only this data-parallel rank’s share of the shards, from 0.' },
    { flags: '--dp-world-size <ranks>', summary: 'How many ranks share the shards.' },
    { flags: '--concurrency <requests>', summary: 'Ranges of 8 MiB asked for at once; the memory grows with it. 8 when not given.' },
    { flags: '--with-text', summary: 'The kept text beside each shard as well.' },
    { flags: '--json', summary: 'Print a summary as one JSON object.' },
  ],
  async run({ args, options }, terminal) {
    const [url, folder] = args
    if (url === undefined || folder === undefined) throw new QuernError('bad-usage', 'pull needs a dataset and a folder')
    const worldSize = countOption(options, 'dpWorldSize', '--dp-world-size', 1, 1)
    const rank = countOption(options, 'dpRank', '--dp-rank', 0, 0)
    if (rank >= worldSize)
      throw new QuernError('bad-usage', `--dp-rank is ${rank} of ${worldSize} ranks`, { remedy: 'Ranks go from 0 to --dp-world-size minus 1.' })
    const store = await openDataset(url)
    const found = await readSnapshot(store, stringOption(options, 'snapshot'))
    const bar = progressBar(terminal)
    const concurrency = countOption(options, 'concurrency', '--concurrency', 1, 8)
    const withText = options['withText'] === true
    const languages = listOption(options, 'language')
    const summary = await pullShards(store, found, folder, { languages, rank, worldSize, concurrency, withText }, (bytes, total) =>
      bar('pulling', bytes / total),
    )
    terminal.progress('')
    terminal.print(
      `Snapshot ${summary.snapshot}: ${summary.shards} ${summary.shards === 1 ? 'shard' : 'shards'}, ${summary.documents.toLocaleString('en')} documents, ${summary.tokens.toLocaleString('en')} tokens in ${folder}`,
    )
    terminal.print(`${summary.copied} copied, ${summary.present} were there, ${summary.replaced} were wrong and replaced; every hash is right.`)
    if (summary.resumedBytes > 0)
      terminal.print(`${summary.resumedBytes.toLocaleString('en')} bytes of half files were there and did not come again.`)
    if (summary.suppressed > 0)
      terminal.note(`${summary.suppressed} of these documents are suppressed: a reader must skip the ids of suppressed.json.`)
    terminal.json(summary)
    return 0
  },
}

export default pull
