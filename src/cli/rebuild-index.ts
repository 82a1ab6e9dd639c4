import { QuernError } from '../core/errors.ts'
import { openDataset } from '../dataset/format.ts'
import { rebuildIndex } from '../mill/rebuild-index.ts'
import type { Command } from './command.ts'
import { progressBar } from './progress-bar.ts'

const rebuild: Command = {
  name: 'rebuild-index',
  summary: 'Make lost or damaged runs of the duplicate index again from the kept texts, byte for byte.',
  args: [{ name: 'dataset', summary: 'Path, file:// or s3:// URL of the dataset.', required: true }],
  options: [{ flags: '--json', summary: 'Print {"runs", "restored"} as one JSON object.' }],
  async run({ args }, terminal) {
    const [url] = args
    if (url === undefined) throw new QuernError('bad-usage', 'rebuild-index needs a dataset')
    const bar = progressBar(terminal)
    const result = await rebuildIndex(await openDataset(url), ({ run, runs }) => bar(`run ${run} of ${runs}`, (run - 1) / runs))
    terminal.progress('')
    for (const { path, documents } of result.restored) terminal.print(`  ${path}: ${documents.toLocaleString('en')} documents`)
    const whole = result.runs - result.restored.length
    terminal.print(`The index of ${url} is whole: ${result.restored.length} runs were made again, ${whole} were in order.`)
    terminal.json(result)
    return 0
  },
}

export default rebuild
