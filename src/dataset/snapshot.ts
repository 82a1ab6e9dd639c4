import { createHash } from 'node:crypto'
import * as z from 'zod'
import { canonicalJson } from '../core/canonical-json.ts'
import { QuernError } from '../core/errors.ts'
import type { Store } from '../storage/store.ts'
import { GroupFile } from './group-sizes.ts'
import { layout, versionOfSnapshot } from './layout.ts'
import { PageRef } from './pages.ts'
import { parseObject } from './parse-object.ts'
import { retiredSnapshots } from './retired.ts'
import { Totals } from './totals.ts'

const count = z.int().nonnegative()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

const Tokenizer = z.strictObject({
  name: z.string(),
  sha256,
  vocabularySize: count,
  dtype: z.enum(['uint16', 'uint32']),
  endOfDocument: count.nullable(),
  special: z.record(z.string(), count),
})

/**
 * One published state of a dataset: everything a reader needs is reachable from here, by path, size and SHA-256. The
 * object's own SHA-256 is what its child and its tags name. Unknown fields are refused: a new field is a new feature.
 */
export const Snapshot = z.strictObject({
  format: z.literal('quern-snapshot/1'),
  version: z.int().positive(),
  parent: z.strictObject({ version: z.int().positive(), sha256 }).nullable(),
  /** Random: tells a run whose answer was lost whether the commit is its own. */
  commitId: z.string().min(16),
  createdAt: z.string(),
  /** `append` adds a night to the parent; `rebuild` starts from nothing under new rules; `suppress` leaves the content and hides some of it; `erase` takes it away; `replace` puts newer versions of pages in the place of older ones. */
  operation: z.enum(['append', 'rebuild', 'suppress', 'erase', 'replace']),
  pipeline: z.strictObject({ name: z.string(), rulesSha256: sha256 }),
  /** Every set of rules that made a part of this dataset: SHA-256 of its canonical JSON -> key of that JSON. */
  rules: z.record(sha256, z.string()),
  tokenizer: Tokenizer,
  /** Pages of InputEntry: every file read. */
  inputs: z.array(PageRef),
  totals: Totals,
  /** The same of this snapshot's own night. */
  tonight: Totals,
  index: z.strictObject({
    runs: z.array(z.strictObject({ path: z.string(), bytes: count, sha256, documents: count })),
    /** Runs of keys of whole columns and addresses, by the stage that compares them; absent where no stage ever did. */
    keys: z.array(z.strictObject({ stage: z.string(), path: z.string(), bytes: count, sha256, documents: count })).optional(),
    /** Ids of documents that the runs hold and the dataset does not any more, 16 bytes each, ascending. */
    erased: z.strictObject({ path: z.string(), bytes: count, sha256, documents: count }).optional(),
    /** The same of newer versions of published pages, dropped so far, that the next snapshot is to put in their place. */
    versions: z.strictObject({ path: z.string(), bytes: count, sha256, documents: count }).optional(),
  }),
  /** Pages of LedgerEntry, in the order in which documents were read. */
  ledger: z.array(PageRef),
  /** Tonight's drops by source and language: key of a `Losses`. Absent in snapshots from before they were counted. */
  losses: z.string().optional(),
  /** How many documents each kept one stands for. Absent in snapshots from before they were counted. */
  groups: z.array(GroupFile).optional(),
  /** What was suppressed so far, oldest first; see `suppress.ts`. Absent where nothing ever was. */
  suppressions: z.array(z.strictObject({ path: z.string(), bytes: count, sha256, documents: count })).optional(),
  /** Pages of DroppedEntry. */
  dropped: z.array(PageRef),
  /** Pages of ShardEntry by language. */
  shards: z.record(z.string(), z.array(PageRef)),
})

export type Snapshot = z.infer<typeof Snapshot>

export interface FoundSnapshot {
  readonly snapshot: Snapshot
  /** Of the object as stored: what a child's `parent` and a tag name. */
  readonly sha256: string
}

/** Publishes, or learns that another run was first. The only moment at which readers see anything. */
export async function commitSnapshot(store: Store, snapshot: Snapshot): Promise<'committed' | 'lost'> {
  const key = layout.snapshot(snapshot.version)
  const content = canonicalJson(Snapshot.parse(snapshot))
  let made = false
  let doubt: Error | undefined
  try {
    made = await store.putIfAbsent(key, content)
  } catch (error) {
    doubt = error as Error // the object may be there all the same: only reading it back tells
  }
  // Read back even after a clear yes: a store that says so to two writers loses a snapshot, and must not do it in silence.
  const found = await store.find(key)
  if (found === undefined) throw doubt ?? new QuernError('store-failed', `publishing ${key}: the store says that it exists and that it does not`)
  if (parseObject(z.looseObject({ commitId: z.string() }), found, key).commitId !== snapshot.commitId) {
    if (!made) return 'lost'
    throw new QuernError(
      'store-failed',
      `publishing ${key}: the store took it and then gave another run's snapshot in its place; it breaks its promise`,
      {
        remedy: 'Let only one run at a time write here (--single-writer), or use a store with conditional writes; then run this again.',
      },
    )
  }
  // Only a hint: a failure here must not turn a published snapshot into a failed run.
  await store.replace(layout.latest, canonicalJson({ version: snapshot.version })).catch(() => undefined)
  return 'committed'
}

/** The newest snapshot, or undefined before the first. */
export async function latestSnapshot(store: Store): Promise<FoundSnapshot | undefined> {
  let newest = await hintedVersion(store)
  for await (const { key } of store.list(layout.snapshots, newest === undefined ? '' : layout.snapshot(newest))) {
    const version = versionOfSnapshot(key)
    if (version !== undefined) newest = version
  }
  return newest === undefined ? undefined : readVersion(store, newest)
}

/** By version (`7`, `"7"`) or tag; the newest when not given. `not-found` when there is none. */
export async function readSnapshot(store: Store, which?: number | string): Promise<FoundSnapshot> {
  if (which === undefined) {
    const latest = await latestSnapshot(store)
    if (latest === undefined)
      throw new QuernError('not-found', `reading ${store.url}: nothing is published yet`, { remedy: 'Finish a run first: quern run.' })
    return latest
  }
  const version = typeof which === 'number' ? which : /^\d{1,15}$/.test(which) ? Number(which) : undefined
  if (version !== undefined) return readVersion(store, version)
  const bytes = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(String(which)) ? await store.find(layout.tag(String(which))) : undefined
  if (bytes === undefined)
    throw new QuernError('not-found', `reading ${store.url}: it has no tag "${which}"`, { remedy: 'Give a version number or an existing tag.' })
  const tag = parseObject(z.looseObject({ version: z.int(), sha256 }), bytes, layout.tag(String(which)))
  const found = await readVersion(store, tag.version)
  if (found.sha256 !== tag.sha256)
    throw new QuernError('damaged-dataset', `reading tag "${which}": snapshot ${tag.version} is not the one that was tagged`, {
      remedy: 'Run quern verify on the dataset.',
    })
  return found
}

/** The snapshots before one, newest first, as far back as they can be read; those that retention removed are passed over. */
export async function* ancestors(store: Store, snapshot: Snapshot): AsyncGenerator<Snapshot> {
  const retired = retiredSnapshots(store)
  for (let parent = snapshot.parent; parent !== null;) {
    const { version } = parent
    const published = await store.find(layout.snapshot(version))
    const bytes = published ?? (await retired(version))
    const parsed = bytes === undefined ? undefined : Snapshot.safeParse(tryJson(bytes))
    if (parsed?.success !== true || parsed.data.version !== version || (parsed.data.parent?.version ?? 0) >= version) return
    if (published !== undefined) yield parsed.data
    parent = parsed.data.parent
  }
}

function tryJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

async function readVersion(store: Store, version: number): Promise<FoundSnapshot> {
  const key = layout.snapshot(version)
  const bytes = await store.find(key)
  if (bytes === undefined && (await store.stat(layout.erased(version))) !== undefined)
    throw new QuernError('erased', `reading ${store.url}: snapshot ${version} held documents that were erased, and is gone with them`, {
      remedy: 'Take a newer one: quern snapshots lists them, quern suppress --receipts says what was erased and why.',
    })
  if (bytes === undefined && (await retiredSnapshots(store)(version)) !== undefined)
    throw new QuernError('not-found', `reading ${store.url}: snapshot ${version} was removed by quern retain`, {
      remedy: 'List those that are left with quern snapshots, and tag what must stay.',
    })
  if (bytes === undefined)
    throw new QuernError('not-found', `reading ${store.url}: it has no snapshot ${version}`, {
      remedy: 'quern snapshots lists those that it has.',
    })
  const snapshot = parseObject(Snapshot, bytes, key)
  if (snapshot.version !== version) throw new QuernError('damaged-dataset', `reading ${key}: it says that it is snapshot ${snapshot.version}`)
  return { snapshot, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** A wrong hint costs a listing, never a wrong answer. */
async function hintedVersion(store: Store): Promise<number | undefined> {
  const version = await latestHint(store)
  return version === undefined || (await store.stat(layout.snapshot(version))) === undefined ? undefined : version
}

/** The newest version that a publisher wrote down, whether or not it is there. */
export async function latestHint(store: Store): Promise<number | undefined> {
  const bytes = await store.find(layout.latest)
  const hint = bytes === undefined ? undefined : z.looseObject({ version: z.int().positive() }).safeParse(tryJson(bytes))
  return hint?.success === true ? hint.data.version : undefined
}
