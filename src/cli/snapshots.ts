import { QuernError } from '../core/errors.ts'
import { openDataset } from '../dataset/format.ts'
import { readEntries } from '../dataset/pages.ts'
import { ancestors, latestSnapshot, readSnapshot, type Snapshot } from '../dataset/snapshot.ts'
import { readTags } from '../dataset/tags.ts'
import type { Command } from './command.ts'

const snapshots: Command = {
  name: 'snapshots',
  summary: 'List the versions of a dataset that can be read, the newest first, with their tags.',
  args: [{ name: 'dataset', summary: 'Path, file:// or s3:// URL of the dataset.', required: true }],
  options: [
    { flags: '--ledger', summary: 'Print where the files of the newest ledger lie instead, in order, one a line: what other tools are to read.' },
    { flags: '--json', summary: 'Print {"snapshots": [...]} as one JSON object, or {"ledger": [...]}.' },
  ],
  async run({ args, options }, terminal) {
    const [url] = args
    if (url === undefined) throw new QuernError('bad-usage', 'snapshots needs a dataset')
    const store = await openDataset(url)
    const tags = await readTags(store)
    const latest = await latestSnapshot(store)
    if (options['ledger'] === true) {
      const files: string[] = []
      for await (const { path } of readEntries(store, 'ledger', latest?.snapshot.ledger ?? [])) files.push(`${store.url}/${path}`)
      terminal.json({ ledger: files })
      for (const file of files) terminal.print(file)
      return 0
    }
    const found: Snapshot[] = latest === undefined ? [] : [latest.snapshot]
    if (latest !== undefined) for await (const older of ancestors(store, latest.snapshot)) found.push(older)
    // A tag pins its snapshot, and a chain that cannot be walked must not hide it.
    for (const version of new Set(tags.map((tag) => tag.version)))
      if (!found.some((one) => one.version === version)) {
        // A tag does not keep what was erased: it goes on naming a snapshot that is gone.
        const pinned = await readSnapshot(store, version).catch((error: unknown) => {
          if (error instanceof QuernError && error.code === 'erased') return undefined
          throw error
        })
        if (pinned !== undefined) found.push(pinned.snapshot)
      }
    const rows = found
      .sort((a, b) => b.version - a.version)
      .map((snapshot) => ({
        version: snapshot.version,
        createdAt: snapshot.createdAt,
        operation: snapshot.operation,
        pipeline: snapshot.pipeline.name,
        kept: snapshot.totals.kept,
        tokens: snapshot.totals.tokens,
        tags: tags.filter(({ version }) => version === snapshot.version).map(({ name }) => name),
      }))
    terminal.json({ snapshots: rows })
    terminal.print('version  published                 operation    documents           tokens  tags')
    for (const { version, createdAt, operation, kept, tokens, tags: names } of rows)
      terminal.print(
        `${String(version).padStart(7)}  ${createdAt.padEnd(24)}  ${operation.padEnd(9)} ${kept.toLocaleString('en').padStart(11)} ${tokens.toLocaleString('en').padStart(16)}  ${names.join(' ')}`.trimEnd(),
      )
    return 0
  },
}

export default snapshots
