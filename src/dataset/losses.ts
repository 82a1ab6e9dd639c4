import { createHash } from 'node:crypto'
import * as z from 'zod'
import { canonicalJson } from '../core/canonical-json.ts'
import type { Store } from '../storage/store.ts'
import { layout } from './layout.ts'
import { parseObject } from './parse-object.ts'
import type { Snapshot } from './snapshot.ts'

const count = z.int().nonnegative()

/** What became of a group of documents in one night. `copies` are the near-duplicates among the dropped that equal their survivor. */
const Fates = z.strictObject({ read: count, copies: count, dropped: z.record(z.string(), count) })

export type Fates = z.infer<typeof Fates>

/** A night's drops by `stage/rule`, for every source and every language; documents without a language are under ''. */
export const Losses = z.strictObject({ bySource: z.record(z.string(), Fates), byLanguage: z.record(z.string(), Fates) })

export type Losses = z.infer<typeof Losses>

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

/** Stores them beside the lists; the snapshot names what this returns. */
export async function putLosses(store: Store, losses: Losses): Promise<string> {
  const text = canonicalJson(losses)
  const key = layout.list(createHash('sha256').update(text).digest('hex'))
  await store.put(key, text)
  return key
}

/** Undefined for a snapshot that was published before they were counted. */
export async function readLosses(store: Store, snapshot: Snapshot): Promise<Losses | undefined> {
  return snapshot.losses === undefined ? undefined : parseObject(Losses, await store.get(snapshot.losses), snapshot.losses)
}
