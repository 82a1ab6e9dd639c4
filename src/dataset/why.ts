import { QuernError } from '../core/errors.ts'
import type { Store } from '../storage/store.ts'
import { findInLedger, type LedgerRow } from './ledger-reader.ts'
import { ledgerColumns } from './ledger-schema.ts'
import { movedTexts, shardResolver } from './resolve-shard.ts'
import type { Snapshot } from './snapshot.ts'
import { readSuppressed } from './suppress.ts'
import { findDroppedText, readTextRow, type TextRow } from './text.ts'

/** Why one document is where it is. */
export interface Story {
  readonly document: string
  readonly url: string | null
  readonly outcome: string
  readonly stage: string | null
  readonly rule: string | null
  readonly measured: number | null
  readonly limit: number | null
  readonly survivor: string | null
  readonly similarity: number | null
  /** The shard that holds it in this snapshot, and the row there. */
  readonly shard: string | null
  readonly row: number | null
  /** What every stage measured of it; what does not apply is left out. */
  readonly measures: Readonly<Record<string, number>>
  /** No reader gives out its text any more. */
  readonly suppressed: boolean
  /** Everything else that the ledger says. */
  readonly ledger: LedgerRow
}

/** All documents with this id (32 hex digits) or URL, in the order in which they were read. `not-found` when there is none. */
export async function whyDocument(store: Store, snapshot: Snapshot, which: string): Promise<Story[]> {
  const isId = /^[0-9a-f]{32}$/i.test(which)
  const rows = await findInLedger(store, snapshot, isId ? 'doc_id' : 'url', isId ? Buffer.from(which, 'hex') : new TextEncoder().encode(which))
  if (rows.length === 0)
    throw new QuernError(
      'not-found',
      `looking for ${which}: snapshot ${snapshot.version} of ${store.url} knows no document with this ${isId ? 'id' : 'URL'}`,
      {
        remedy: 'Give an id of 32 hex digits, or the URL exactly as the source gave it.',
      },
    )
  const suppressed = await readSuppressed(store)
  const resolve = shardResolver(store, snapshot)
  return Promise.all(
    rows.map(async (row) => toStory(row, suppressed, typeof row['shard'] === 'string' ? (await resolve(row['shard']))?.path : undefined)),
  )
}

function toStory(row: LedgerRow, suppressed: ReadonlySet<string>, shard: string | undefined): Story {
  const text = (name: string) => (typeof row[name] === 'string' ? row[name] : null)
  const number = (name: string) => (typeof row[name] === 'number' ? row[name] : null)
  const document = text('doc_id') ?? ''
  const measures = Object.entries(row).filter(
    (entry): entry is [string, number] => !Object.hasOwn(ledgerColumns, entry[0]) && typeof entry[1] === 'number',
  )
  return {
    document,
    url: text('url'),
    outcome: text('outcome') ?? 'unknown',
    stage: text('stage'),
    rule: text('rule'),
    measured: number('measured'),
    limit: number('limit'),
    survivor: text('survivor'),
    similarity: number('similarity'),
    shard: shard ?? text('shard'),
    row: number('shard_row'),
    measures: Object.fromEntries(measures),
    suppressed: suppressed.has(document),
    ledger: Object.fromEntries(Object.entries(row).filter(([name]) => Object.hasOwn(ledgerColumns, name))),
  }
}

/** The text, from beside its shard or from what was dropped; undefined when it was not retained or must not be given out. */
export async function textOfStory(store: Store, snapshot: Snapshot, story: Story): Promise<TextRow | undefined> {
  if (story.suppressed) return undefined
  if (story.outcome === 'kept') {
    const shard = story.shard === null ? undefined : await shardResolver(store, snapshot)(story.shard)
    return shard === undefined || story.row === null ? undefined : readTextRow(store, shard.text.path, story.row)
  }
  const path = story.ledger['dropped_text']
  if (typeof path !== 'string') return undefined
  const paths = await movedTexts(store, snapshot)
  return findDroppedText(store, paths.get(path) ?? path, Buffer.from(story.document, 'hex'))
}
