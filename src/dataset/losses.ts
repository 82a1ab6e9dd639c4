import { createHash } from 'node:crypto'
import * as z from 'zod'
import { canonicalJson } from '../core/canonical-json.ts'
import type { Store } from '../storage/store.ts'
import { layout } from './layout.ts'
import { parseObject } from './parse-object.ts'
import { ancestors, type Snapshot } from './snapshot.ts'

const count = z.int().nonnegative()

/** What became of a group of documents in one night. `copies` are the near-duplicates among the dropped that equal their survivor. */
const Fates = z.strictObject({ read: count, copies: count, dropped: z.record(z.string(), count) })

export type Fates = z.infer<typeof Fates>

/** A night's drops by `stage/rule`, for every source and every language; documents without a language are under ''. */
export const Losses = z.strictObject({ bySource: z.record(z.string(), Fates), byLanguage: z.record(z.string(), Fates) })

export type Losses = z.infer<typeof Losses>

/**
 * A night's losses and those of the nights before it, the newest first: the next night asks one object what is usual, and not
 * a snapshot and an object a night. Absent in datasets from before they were kept together.
 */
const StoredLosses = z.strictObject({ ...Losses.shape, before: z.array(Losses).optional() })

export function emptyLosses(): Losses {
  return { bySource: {}, byLanguage: {} }
}

/** Adds `n` documents with one fate to a group, in place: `rule` is undefined for kept ones. */
export function countFate(group: Losses['bySource'], name: string, rule: string | undefined, n: number, copies: number): void {
  const fates = (Object.hasOwn(group, name) ? group[name] : undefined) ?? (group[name] = { read: 0, copies: 0, dropped: {} })
  fates.read += n
  fates.copies += copies
  if (rule !== undefined) fates.dropped[rule] = (fates.dropped[rule] ?? 0) + n
}

/** Stores them beside the lists; the snapshot names what this returns. `before` is what `readLossesUpTo` gave of the parent, undefined where nobody asks. */
export async function putLosses(store: Store, losses: Losses, before: readonly Losses[] | undefined): Promise<string> {
  const text = canonicalJson({ ...losses, ...(before === undefined ? {} : { before }) })
  const key = layout.list(createHash('sha256').update(text).digest('hex'))
  await store.put(key, text)
  return key
}

/** Undefined for a snapshot that was published before they were counted. */
export async function readLosses(store: Store, snapshot: Snapshot): Promise<Losses | undefined> {
  const found = await readStored(store, snapshot)
  return found && { bySource: found.bySource, byLanguage: found.byLanguage }
}

/** Snapshots without losses, of a suppression or an erasure, that are stepped over on the way to the newest with some. */
const mostSteps = 32

/**
 * The losses of a snapshot's last `nights` nights, the newest first. They are as many as have been remembered: a setting that
 * was raised has its number again after as many nights. One request, and one for each step over a snapshot without losses.
 */
export async function readLossesUpTo(store: Store, snapshot: Snapshot, nights: number): Promise<Losses[]> {
  const all: Losses[] = []
  let steps = 0
  for await (const one of withAncestors(store, snapshot)) {
    const found = await readStored(store, one)
    if (found !== undefined) all.push({ bySource: found.bySource, byLanguage: found.byLanguage }, ...(found.before ?? []))
    // Where nothing is remembered, the snapshots themselves are asked, as far back as it takes.
    if (found?.before !== undefined || all.length >= nights || ++steps === mostSteps) break
  }
  return all.slice(0, nights)
}

async function* withAncestors(store: Store, snapshot: Snapshot): AsyncGenerator<Snapshot> {
  yield snapshot
  yield* ancestors(store, snapshot)
}

async function readStored(store: Store, { losses }: Snapshot): Promise<z.infer<typeof StoredLosses> | undefined> {
  return losses === undefined ? undefined : parseObject(StoredLosses, await store.get(losses), losses)
}
