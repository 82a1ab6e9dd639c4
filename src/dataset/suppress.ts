import * as z from 'zod'
import type { Store } from '../storage/store.ts'
import { Criteria, together } from './criteria.ts'
import { layout } from './layout.ts'
import { parseObject } from './parse-object.ts'
import type { Snapshot } from './snapshot.ts'

const Ids = z.looseObject({ ids: z.array(z.string().regex(/^[0-9a-f]{32}$/)) })

/**
 * What `quern suppress` puts under `suppressed/`: readers look at `ids` alone, later nights at `criteria`. Without a time,
 * so that a suppression that was stopped and is run again is the same object.
 */
export const Suppression = z.strictObject({
  format: z.literal('quern-suppression/1'),
  criteria: Criteria,
  reason: z.string(),
  ids: Ids.shape.ids,
})

export type Suppression = z.infer<typeof Suppression>

/**
 * Documents that no reader may give out from now on, by id: the union of all files under `suppressed/`. Removing them
 * from the shards themselves comes later and is slower; this is what holds at once. A file that does not parse stops the
 * reader: giving out what should be hidden is worse than giving out nothing.
 */
export async function readSuppressed(store: Store): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  for await (const { key } of store.list(layout.suppressed)) {
    if (!key.endsWith('.json')) continue
    for (const id of parseObject(Ids, await store.get(key), key).ids) ids.add(id)
  }
  return ids
}

/** What nights after this snapshot must not take in again. */
export async function readCriteria(store: Store, snapshot: Snapshot | undefined): Promise<Criteria> {
  const all: Criteria[] = []
  for (const { path } of snapshot?.suppressions ?? []) all.push(parseObject(Suppression, await store.get(path), path).criteria)
  return together(all)
}

/** Ids that the suppressions of this very snapshot hide: those of one that was stopped before its commit are not among them. */
export async function readNamed(store: Store, snapshot: Snapshot): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  for (const { path } of snapshot.suppressions ?? []) for (const id of parseObject(Ids, await store.get(path), path).ids) ids.add(id)
  return ids
}
