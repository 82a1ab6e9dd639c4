import { QuernError } from '../core/errors.ts'
import { formatSize } from '../core/sizes.ts'
import { openDataset } from '../dataset/format.ts'
import { retainSnapshots } from '../dataset/garbage.ts'
import type { Command } from './command.ts'
import { countOption, stringOption, timeOption } from './dataset-options.ts'

const defaultGrace = '7d'

const retain: Command = {
  name: 'retain',
  summary: 'Keep the newest snapshots and the tagged ones; what nothing reaches any more is noted now and deleted after a grace period.',
  args: [{ name: 'dataset', summary: 'Path, file:// or s3:// URL of the dataset.', required: true }],
  options: [
    { flags: '--last <n>', summary: 'How many of the newest snapshots to keep (required).' },
    {
      flags: '--grace <time>',
      summary: 'How long what is of no use stays, such as 12h or 7d; readers of old snapshots have that long. Default: 7d.',
    },
    { flags: '--dry-run', summary: 'Say what would be done and do nothing.' },
    { flags: '--json', summary: 'Print {"kept", "removed", "deleted", "waiting", "writers"} as one JSON object.' },
  ],
  async run({ args, options }, terminal) {
    const [url] = args
    if (url === undefined) throw new QuernError('bad-usage', 'retain needs a dataset')
    if (options['last'] === undefined)
      throw new QuernError('bad-usage', 'retain needs --last', { remedy: 'Say how many snapshots to keep, for example --last 30 --dry-run.' })
    const last = countOption(options, 'last', '--last', 1, 1)
    const graceMs = timeOption(options, 'grace', '--grace', defaultGrace)
    const dryRun = options['dryRun'] === true
    const done = await retainSnapshots(await openDataset(url), { last, graceMs, dryRun })
    const { kept, removed, deleted, waiting, writers } = done
    terminal.print(`kept      ${list(kept)}`)
    terminal.print(
      `${dryRun ? 'to remove' : 'removed  '} ${list(removed)}; ${deleted.objects.toLocaleString('en')} objects, ${formatSize(deleted.bytes)}`,
    )
    terminal.print(`waiting   ${list(waiting.snapshots)}; ${waiting.objects.toLocaleString('en')} objects, ${formatSize(waiting.bytes)}`)
    if (writers.length > 0) terminal.print(`Nothing is deleted while runs are at work: ${writers.map(({ who }) => who).join('; ')}.`)
    else if (waiting.objects > 0 || waiting.snapshots.length > 0)
      terminal.print(`What waits goes with the first quern retain after ${stringOption(options, 'grace') ?? defaultGrace}.`)
    terminal.json({ ...done, dryRun })
    return 0
  },
}

export default retain

function list(versions: readonly number[]): string {
  return versions.length === 0 ? 'no snapshot' : `snapshot${versions.length === 1 ? '' : 's'} ${versions.join(', ')}`
}
