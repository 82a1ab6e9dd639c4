import { QuernError } from '../core/errors.ts'
import { openDataset } from '../dataset/format.ts'
import { verifyDataset } from '../dataset/verify.ts'
import { verifyPulled } from '../dataset/verify/pulled.ts'
import { openStore } from '../storage/store.ts'
import type { Command } from './command.ts'
import { progressBar } from './progress-bar.ts'
import { snapshotOption, stringOption } from './dataset-options.ts'

const verify: Command = {
  name: 'verify',
  summary: 'Check every checksum, count and law of a dataset, or of a pulled folder, that can be checked from outside.',
  args: [{ name: 'dataset', summary: 'Path, file:// or s3:// URL of the dataset.', required: true }],
  options: [snapshotOption, { flags: '--json', summary: 'Print {"ok", "checks", "problems"} as one JSON object.' }],
  async run({ args, options }, terminal) {
    const [url] = args
    if (url === undefined) throw new QuernError('bad-usage', 'verify needs a dataset')
    const bar = progressBar(terminal)
    const snapshot = stringOption(options, 'snapshot')
    const pulled = await verifyPulled(await openStore(url), snapshot, (done) => bar('shards', done))
    const verdict = pulled ?? (await verifyDataset(await openDataset(url), snapshot, ({ what, done }) => bar(what, done)))
    terminal.progress('')
    for (const problem of verdict.problems) terminal.print(`  ${problem}`)
    if (verdict.problems.some((problem) => problem.startsWith('index/')))
      terminal.print(`  Runs of the index can be made again: quern rebuild-index ${url}`)
    const checks = `${verdict.checks.toLocaleString('en')} checks`
    terminal.print(verdict.ok ? `${url} is sound: ${checks}, nothing wrong.` : `${url} is damaged: ${checks}, the problems are above.`)
    if (pulled !== undefined && pulled.absent > 0)
      terminal.print(`${pulled.absent} shards are not in this folder: another rank's, or not pulled yet. quern pull brings them.`)
    terminal.json(verdict)
    return verdict.ok ? 0 : 3
  },
}

export default verify
