import { QuernError } from '../core/errors.ts'
import { formatSize } from '../core/sizes.ts'
import { type Criteria, isEmpty } from '../dataset/criteria.ts'
import { openDataset } from '../dataset/format.ts'
import { retainSnapshots } from '../dataset/garbage.ts'
import { suppress as suppressDocuments, type Suppressed } from '../dataset/publish-suppression.ts'
import { readReceipts, type Receipt } from '../dataset/receipts.ts'
import { erase } from '../mill/erase.ts'
import { openSnapshotEncoder } from '../mill/snapshot-encoder.ts'
import type { Store } from '../storage/store.ts'
import type { Command, CommandInput, Terminal } from './command.ts'
import { criteriaOptions, readCriteria, stringOption, timeOption } from './dataset-options.ts'

const suppress: Command = {
  name: 'suppress',
  summary: 'Withdraw a source, host, licence, address or document: no reader gives it out any more, and no later night takes it in.',
  args: [{ name: 'dataset', summary: 'Path, file:// or s3:// URL of the dataset.', required: true }],
  options: [
    ...criteriaOptions,
    { flags: '--reason <text>', summary: 'Why, for the receipt. No names of people: receipts stay.' },
    {
      flags: '--apply',
      summary: 'Take it out of shards, texts and ledger too; duplicates of it come in. Older snapshots go after the grace period.',
    },
    { flags: '--grace <time>', summary: 'With --apply: how long older snapshots stay readable, such as 12h or 7d. Default: 7d.' },
    { flags: '--tokenizer <file>', summary: 'With --apply: the file of the tokenizer of the dataset, for duplicates that come in.' },
    { flags: '--no-promote', summary: 'With --apply: let no duplicate come in.' },
    { flags: '--dry-run', summary: 'Say what would be withdrawn and do nothing.' },
    { flags: '--receipts', summary: 'List what was withdrawn so far instead.' },
    { flags: '--json', summary: 'Print {"snapshot", "published", "documents", "tokens", "erasure", …} or {"receipts"} as one JSON object.' },
  ],
  async run({ args, options }, terminal) {
    const [url] = args
    if (url === undefined) throw new QuernError('bad-usage', 'suppress needs a dataset')
    const store = await openDataset(url)
    const criteria = readCriteria(options)
    if (options['receipts'] === true) return listReceipts(store, criteria, terminal)
    if (isEmpty(criteria))
      throw new QuernError('bad-usage', 'suppress needs to know what', { remedy: 'Name it with --source, --host, --licence, --url or --document.' })
    const dryRun = options['dryRun'] === true
    const suppressed = await suppressDocuments(store, criteria, stringOption(options, 'reason') ?? '', dryRun)
    tell(terminal, suppressed, dryRun)
    const receipt = options['apply'] === true && !dryRun ? await apply(store, criteria, options, terminal) : undefined
    const { snapshot, published, found } = suppressed
    terminal.json({
      snapshot: receipt?.snapshot ?? snapshot,
      published,
      dryRun,
      criteria,
      ...found,
      ...(receipt === undefined ? {} : { erasure: receipt.erasure }),
    })
    return 0
  },
}

export default suppress

/** Erases, then notes what is of no use any more, so that the grace period begins now; what has waited long enough already goes. */
async function apply(store: Store, criteria: Criteria, options: CommandInput['options'], terminal: Terminal): Promise<Receipt | undefined> {
  const graceMs = timeOption(options, 'grace', '--grace', '7d')
  const tokenizer = stringOption(options, 'tokenizer')
  const receipt = await erase(store, criteria, {
    reason: stringOption(options, 'reason') ?? '',
    graceMs,
    encoder: options['promote'] === false ? undefined : (rules, snapshot) => openSnapshotEncoder(rules, snapshot, tokenizer),
    say: (line) => terminal.note(line),
  })
  const { deleted, waiting, writers } = await retainSnapshots(store, { last: Number.MAX_SAFE_INTEGER, graceMs, dryRun: false })
  if (receipt?.erasure !== undefined) {
    const { promoted, renamed, waiting: others, objects, deleteAfter } = receipt.erasure
    terminal.print(`Snapshot ${receipt.snapshot}: they are in none of its files. ${count(objects.length)} files were written anew.`)
    terminal.print(`  ${count(promoted.documents)} duplicates came in, ${count(renamed)} name another survivor now`)
    if (others.documents > 0)
      terminal.print(
        `  ${count(others.documents)} have no text here and come back when their source is read again: quern suppress --receipts --json lists them`,
      )
    terminal.print(`Older snapshots stay readable until ${deleteAfter}; the first quern retain after that deletes them and the old files.`)
  }
  if (deleted.objects > 0) terminal.print(`${count(deleted.objects)} old files are deleted.`)
  if (waiting.objects > 0 && receipt === undefined) terminal.print(`${count(waiting.objects)} old files wait for the end of their grace period.`)
  if (writers.length > 0) terminal.print(`Nothing is deleted while runs are at work: ${writers.map(({ who }) => who).join('; ')}.`)
  return receipt
}

async function listReceipts(store: Store, criteria: Criteria, terminal: Terminal): Promise<number> {
  if (!isEmpty(criteria)) throw new QuernError('bad-usage', '--receipts takes no other option', { remedy: 'Leave out what is to be suppressed.' })
  const receipts = await readReceipts(store)
  terminal.json({ receipts })
  for (const { action, snapshot, createdAt, documents, tokens, reason, criteria: what } of receipts)
    terminal.print(
      `snapshot ${snapshot}  ${action}  ${createdAt}  ${count(documents.kept)} documents, ${count(tokens)} tokens  ${describe(what)}  ${reason}`.trimEnd(),
    )
  if (receipts.length === 0) terminal.print('Nothing was suppressed so far.')
  return 0
}

function tell(terminal: Terminal, { snapshot, published, found }: Suppressed, dryRun: boolean): void {
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
