import { QuernError } from '../core/errors.ts'
import { openDataset } from '../dataset/format.ts'
import { verifyDataset } from '../dataset/verify.ts'
import type { Command } from './command.ts'
import { progressBar } from './progress-bar.ts'
import { snapshotOption, stringOption } from './dataset-options.ts'

const verify: Command = {
  name: 'verify',
  summary: 'Check every checksum, count and law of a dataset that can be checked from outside.',
  args: [{ name: 'dataset', summary: 'Path, file:// or s3:// URL of the dataset.', required: true }],
  options: [snapshotOption, { flags: '--json', summary: 'Print {"ok", "checks", "problems"} as one JSON object.' }],
  async run({ args, options }, terminal) {
    const [url] = args
    if (url === undefined) throw new QuernError('bad-usage', 'verify needs a dataset')
    const bar = progressBar(terminal)
    const verdict = await verifyDataset(await openDataset(url), stringOption(options, 'snapshot'), ({ what, done }) => bar(what, done))
    terminal.progress('')
    for (const problem of verdict.problems) terminal.print(`  ${problem}`)
    if (verdict.problems.some((problem) => problem.startsWith('index/')))
      terminal.print(`  Runs of the index can be made again: quern rebuild-index ${url}`)
    const checks = `${verdict.checks.toLocaleString('en')} checks`
    terminal.print(verdict.ok ? `${url} is sound: ${checks}, nothing wrong.` : `${url} is damaged: ${checks}, the problems are above.`)
    terminal.json(verdict)
    return verdict.ok ? 0 : 3
  },
}

export default verify
