import { createHash } from 'node:crypto'
import * as z from 'zod'
import { canonicalJson } from '../core/canonical-json.ts'
import { QuernError } from '../core/errors.ts'
import type { ObjectFacts, Store } from '../storage/store.ts'
import { layout } from './layout.ts'
import { parseObject } from './parse-object.ts'

/**
 * The long lists behind a snapshot. A page is an immutable object named by its content; full pages are named again by
 * every later snapshot and only the last one is written anew, so that a night of year three writes as much as one of year one.
 */
const count = z.int().nonnegative()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

export const PageRef = z.strictObject({ path: z.string(), bytes: count, sha256, entries: count })
export type PageRef = z.infer<typeof PageRef>

const facts = { path: z.string(), bytes: count, sha256 }

export const InputEntry = z.strictObject({ source: z.string(), ...facts, licence: z.string() })
export type InputEntry = z.infer<typeof InputEntry>

export const LedgerEntry = z.strictObject({ ...facts, rows: count })
export type LedgerEntry = z.infer<typeof LedgerEntry>

export const DroppedEntry = z.strictObject({
  ...facts,
  documents: count,
  /** Paths of the smaller objects that this one was made of: ledger rows of their nights go on naming them. */
  absorbed: z.array(z.string()).optional(),
})
export type DroppedEntry = z.infer<typeof DroppedEntry>

export const ShardEntry = z.strictObject({
  ...facts,
  text: z.strictObject(facts),
  /** Hosts of the documents: `hosts.ts`. Absent in shards from before they were written. */
  hosts: z.strictObject(facts).optional(),
  language: z.string(),
  documents: count,
  tokens: count,
  /** UTF-8 bytes of the documents' text. */
  textBytes: count,
  /** `[offset, metaLength, bodyLength, rows, tokens]` of every record batch: one ranged read gets any of them. */
  batches: z.array(z.tuple([count, count, count, count, count])),
  /** Earlier, smaller shards whose rows this one begins with, newest last: `documents` of them each, at the same rows. */
  absorbed: z.array(z.strictObject({ path: z.string(), documents: count })),
})
export type ShardEntry = z.infer<typeof ShardEntry>

/** A shard and what lies beside it, row for row. */
export function filesOfShard(shard: ShardEntry, withText = true): ObjectFacts[] {
  return [shard, ...(withText ? [shard.text] : []), ...(shard.hosts === undefined ? [] : [shard.hosts])]
}

/** What each list holds and how many entries make a full page (a page stays under about a megabyte). */
export const lists = {
  inputs: { entry: InputEntry, size: 4096 },
  ledger: { entry: LedgerEntry, size: 4096 },
  dropped: { entry: DroppedEntry, size: 4096 },
  shards: { entry: ShardEntry, size: 256 },
} as const

export type ListName = keyof typeof lists
export interface ListEntries {
  readonly inputs: InputEntry
  readonly ledger: LedgerEntry
  readonly dropped: DroppedEntry
  readonly shards: ShardEntry
}

/** Entries after those of `pages`, which may first lose their last `drop` (a tail shard that was pressed again). */
export async function appendEntries<L extends ListName>(
  store: Store,
  list: L,
  pages: readonly PageRef[],
  entries: readonly ListEntries[L][],
  drop = 0,
): Promise<PageRef[]> {
  const { size } = lists[list]
  if (entries.length === 0 && drop === 0) return [...pages]
  const kept = [...pages]
  const open: ListEntries[L][] = []
  let toDrop = drop
  while (kept.length > 0 && (toDrop > 0 || (kept.at(-1)?.entries ?? size) < size)) {
    const last = await readPage(store, list, kept.pop() as PageRef)
    const stays = last.slice(0, Math.max(0, last.length - toDrop))
    toDrop -= last.length - stays.length
    open.unshift(...stays)
  }
  if (toDrop > 0) throw new RangeError(`the list ${list} has ${drop - toDrop} entries, and ${drop} were to be dropped`)
  open.push(...entries)
  for (let at = 0; at < open.length; at += size) kept.push(await writePage(store, open.slice(at, at + size)))
  return kept
}

async function writePage(store: Store, entries: readonly unknown[]): Promise<PageRef> {
  const content = new TextEncoder().encode(canonicalJson(entries))
  const sha256 = createHash('sha256').update(content).digest('hex')
  const path = layout.list(sha256)
  await store.put(path, content)
  return { path, bytes: content.byteLength, sha256, entries: entries.length }
}

/** One page, its hash and every entry checked. */
export async function readPage<L extends ListName>(store: Store, list: L, page: PageRef): Promise<ListEntries[L][]> {
  const bytes = await store.get(page.path)
  if (createHash('sha256').update(bytes).digest('hex') !== page.sha256)
    throw new QuernError('damaged-dataset', `reading ${page.path}: its SHA-256 is not the one that the snapshot names`, {
      remedy: 'Run quern verify on the dataset.',
    })
  const entries = parseObject(z.array(lists[list].entry) as unknown as z.ZodType<ListEntries[L][]>, bytes, page.path)
  if (entries.length !== page.entries)
    throw new QuernError('damaged-dataset', `reading ${page.path}: it has ${entries.length} entries, and the snapshot says ${page.entries}`)
  return entries
}

/** All entries of a list in order, a page in memory at a time. */
export async function* readEntries<L extends ListName>(store: Store, list: L, pages: readonly PageRef[]): AsyncGenerator<ListEntries[L]> {
  for (const page of pages) yield* await readPage(store, list, page)
}
