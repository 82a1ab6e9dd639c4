import { QuernError } from '../core/errors.ts'
import { formatSize } from '../core/sizes.ts'
import { type Criteria, isEmpty } from '../dataset/criteria.ts'
import { openDataset } from '../dataset/format.ts'
import { suppress as suppressDocuments } from '../dataset/publish-suppression.ts'
import { readReceipts } from '../dataset/receipts.ts'
import type { Command, Terminal } from './command.ts'
import { criteriaOptions, readCriteria, stringOption } from './dataset-options.ts'

const suppress: Command = {
  name: 'suppress',
  summary: 'Withdraw a source, host, licence, address or document: no reader gives it out any more, and no later night takes it in.',
  args: [{ name: 'dataset', summary: 'Path, file:// or s3:// URL of the dataset.', required: true }],
  options: [
    ...criteriaOptions,
    { flags: '--reason <text>', summary: 'Why, for the receipt. No names of people: receipts stay.' },
    { flags: '--dry-run', summary: 'Say what would be withdrawn and do nothing.' },
    { flags: '--receipts', summary: 'List what was withdrawn so far instead.' },
    {
      flags: '--json',
      summary: 'Print {"snapshot", "published", "documents", "tokens", "textBytes", "bySource"} or {"receipts"} as one JSON object.',
    },
  ],
  async run({ args, options }, terminal) {
    const [url] = args
    if (url === undefined) throw new QuernError('bad-usage', 'suppress needs a dataset')
    const store = await openDataset(url)
    const criteria = readCriteria(options)
    if (options['receipts'] === true) {
      if (!isEmpty(criteria)) throw new QuernError('bad-usage', '--receipts takes no other option', { remedy: 'Leave out what is to be suppressed.' })
      const receipts = await readReceipts(store)
      terminal.json({ receipts })
      for (const { snapshot, createdAt, documents, tokens, reason, criteria: what } of receipts)
        terminal.print(
          `snapshot ${snapshot}  ${createdAt}  ${count(documents.kept)} documents, ${count(tokens)} tokens  ${describe(what)}  ${reason}`.trimEnd(),
        )
      if (receipts.length === 0) terminal.print('Nothing was suppressed so far.')
      return 0
    }
    if (isEmpty(criteria))
      throw new QuernError('bad-usage', 'suppress needs to know what', { remedy: 'Name it with --source, --host, --licence, --url or --document.' })
    const dryRun = options['dryRun'] === true
    const { snapshot, published, found } = await suppressDocuments(store, criteria, stringOption(options, 'reason') ?? '', dryRun)
    terminal.json({ snapshot, published, dryRun, criteria, ...found })
    tell(terminal, { snapshot, published, dryRun }, found)
    return 0
  },
}

export default suppress

function tell(
  terminal: Terminal,
  { snapshot, published, dryRun }: { readonly snapshot: number; readonly published: boolean; readonly dryRun: boolean },
  found: Awaited<ReturnType<typeof suppressDocuments>>['found'],
): void {
  const { documents, tokens, textBytes, bySource } = found
  terminal.print(
    `${count(documents.kept)} kept documents, ${count(tokens)} tokens, ${formatSize(textBytes)} of text; ${count(documents.dropped)} that were dropped before`,
  )
  for (const [source, group] of Object.entries(bySource))
    terminal.print(`  ${source}: ${count(group.documents)} documents, ${count(group.tokens)} tokens`)
  if (dryRun) terminal.print('Nothing was done.')
  else if (published) terminal.print(`Snapshot ${snapshot}: no reader gives them out any more, of this snapshot or an older one.`)
  else terminal.print(`All of it was suppressed before; the newest snapshot is ${snapshot}.`)
}

function describe(criteria: Criteria): string {
  return Object.entries(criteria)
    .filter(([, names]) => names.length > 0)
    .map(([kind, names]) => `${kind}: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`)
    .join('; ')
}

function count(number: number): string {
  return number.toLocaleString('en')
}
