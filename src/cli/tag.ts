import { QuernError } from '../core/errors.ts'
import { openDataset } from '../dataset/format.ts'
import { removeTag, tagSnapshot } from '../dataset/tags.ts'
import type { Command } from './command.ts'

const tag: Command = {
  name: 'tag',
  summary: 'Give a snapshot a name: it can be asked for by it, and quern retain keeps it.',
  args: [
    { name: 'dataset', summary: 'Path, file:// or s3:// URL of the dataset.', required: true },
    { name: 'name', summary: 'The name, beginning with a letter.', required: true },
    { name: 'snapshot', summary: 'A version number or another tag; the newest when not given.', required: false },
  ],
  options: [
    { flags: '--move', summary: 'The name may stand for another snapshot until now.' },
    { flags: '--delete', summary: 'Remove the name; the snapshot stays until retention takes it.' },
    { flags: '--json', summary: 'Print {"name", "snapshot"} as one JSON object; snapshot is null when the name was removed.' },
  ],
  async run({ args, options }, terminal) {
    const [url, name, which] = args
    if (url === undefined || name === undefined) throw new QuernError('bad-usage', 'tag needs a dataset and a name')
    const store = await openDataset(url)
    if (options['delete'] === true) {
      if (which !== undefined || options['move'] === true)
        throw new QuernError('bad-usage', '--delete takes the name alone', { remedy: 'Leave out the snapshot and --move.' })
      await removeTag(store, name)
      terminal.print(`The tag ${name} is gone.`)
      terminal.json({ name, snapshot: null })
      return 0
    }
    const snapshot = await tagSnapshot(store, name, which, options['move'] === true)
    terminal.print(`${name} is snapshot ${snapshot}.`)
    terminal.json({ name, snapshot })
    return 0
  },
}

export default tag
