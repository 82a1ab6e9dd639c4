import * as z from 'zod'
import { canonicalJson } from '../core/canonical-json.ts'
import { QuernError } from '../core/errors.ts'
import type { Store } from '../storage/store.ts'
import { layout, versionOfSnapshot } from './layout.ts'
import { holders, takeLease, type Holder } from './lease.ts'
import { parseObject } from './parse-object.ts'
import { objectsOf, pagesOf } from './reachable.ts'
import { readReceipts } from './receipts.ts'
import { packRetired } from './retired.ts'
import { readSnapshot } from './snapshot.ts'
import { readTags } from './tags.ts'

/** What only snapshots give a meaning to. */
const collected = ['data/', 'text/', 'hosts/', 'dropped/', 'ledger/', 'index/', 'groups/', 'lists/'] as const

/** When something was first found to be reached by nothing, by the store's clock. */
const Marks = z.strictObject({ format: z.literal('quern-garbage/1'), since: z.record(z.string(), z.number()) })

export interface RetainOptions {
  /** Snapshots to keep, the newest ones; tagged ones stay besides. */
  readonly last: number
  /** What nothing reaches goes when this has been known, and it has existed, for so long. */
  readonly graceMs: number
  /** Says what would be done. */
  readonly dryRun: boolean
}

export interface Retained {
  readonly kept: readonly number[]
  /** Versions removed, or that would be. */
  readonly removed: readonly number[]
  readonly deleted: { readonly objects: number; readonly bytes: number }
  /** Known to be of no use, and to go after the grace period. */
  readonly waiting: { readonly snapshots: readonly number[]; readonly objects: number; readonly bytes: number }
  /** Runs at work: while there are any, nothing is deleted. */
  readonly writers: readonly Holder[]
}

interface Candidate {
  readonly bytes: number
  readonly modified: number
}

/**
 * Keeps the newest snapshots and the tagged ones, and all they reach; the rest is garbage. It is marked when first seen and
 * deleted by a later call, after the grace period, so that whoever reads an old snapshot has that long to finish. Never
 * deleted: what a snapshot, a tag or a finished result of an unfinished run names, and anything while a run is at work.
 * Memory: the paths of all objects.
 */
export async function retainSnapshots(store: Store, { last, graceMs, dryRun }: RetainOptions): Promise<Retained> {
  const lease = dryRun ? undefined : await takeLease(store, 'sweep')
  try {
    const others = await holders(store, lease)
    const sweeper = others.find(({ kind }) => kind === 'sweep')
    if (sweeper !== undefined && !dryRun)
      throw new QuernError('conflict', `collecting garbage in ${store.url}: another quern retain is at work (${sweeper.who})`, {
        remedy: `Wait for it. If it is gone, its lease ${sweeper.key} runs out after 15 minutes.`,
      })
    const writers = others.filter(({ kind }) => kind === 'write')
    // Objects first, then what may reach them: an object that comes later is not looked at.
    const garbage = await listObjects(store)
    const erasure = (await readReceipts(store)).findLast(({ action }) => action === 'erase')?.snapshot ?? 0
    const { kept, expired, pinned } = await chooseSnapshots(store, last, erasure, garbage)
    await removeReachable(store, kept, garbage)
    const now = lease?.takenAt ?? Date.now()
    const before = await readMarks(store)
    const since = Object.fromEntries([...garbage.keys()].map((key) => [key, before[key] ?? now]))
    const due = [...garbage].filter(([key, { modified }]) => now - (before[key] ?? Infinity) >= graceMs && now - modified >= graceMs)
    const going = writers.length > 0 ? [] : due
    if (lease !== undefined) {
      // Marks first: a sweep that is killed halfway leaves nothing that the next would take for new.
      await store.replace(layout.garbage, canonicalJson({ format: 'quern-garbage/1', since }))
      await deleteAll(
        store,
        going.map(([key]) => key),
        () => lease.check(),
        erasure,
      )
      const open = [...kept, ...expired].filter((version) => !pinned.has(version) && !going.some(([key]) => key === layout.snapshot(version)))
      if (going.some(([key]) => versionOfSnapshot(key) !== undefined)) await packRetired(store, open)
      for (const [key] of going) delete since[key]
      await store.replace(layout.garbage, canonicalJson({ format: 'quern-garbage/1', since }))
    }
    const gone = new Set(going.map(([key]) => key))
    const waiting = [...garbage].filter(([key]) => !gone.has(key))
    const objects = (list: readonly (readonly [string, Candidate])[]): { objects: number; bytes: number } => {
      const own = list.filter(([key]) => versionOfSnapshot(key) === undefined)
      return { objects: own.length, bytes: own.reduce((sum, [, { bytes }]) => sum + bytes, 0) }
    }
    return {
      kept,
      removed: expired.filter((version) => gone.has(layout.snapshot(version))),
      deleted: objects(going),
      waiting: { snapshots: expired.filter((version) => !gone.has(layout.snapshot(version))), ...objects(waiting) },
      writers,
    }
  } finally {
    await lease?.release()
  }
}

async function listObjects(store: Store): Promise<Map<string, Candidate>> {
  const found = new Map<string, Candidate>()
  for (const prefix of [...collected, layout.snapshots])
    for await (const { key, bytes, modified } of store.list(prefix))
      if (prefix !== layout.snapshots || versionOfSnapshot(key) !== undefined) found.set(key, { bytes, modified })
  return found
}

async function chooseSnapshots(
  store: Store,
  last: number,
  erasure: number,
  listed: ReadonlyMap<string, Candidate>,
): Promise<{ kept: number[]; expired: number[]; pinned: ReadonlySet<number> }> {
  const versions = [...listed.keys()].flatMap((key) => versionOfSnapshot(key) ?? []).sort((a, b) => a - b)
  const tagged = new Set((await readTags(store)).map(({ version }) => version))
  // What is erased is in all snapshots before: neither a tag nor their number keeps them.
  const kept = versions.filter((version, i) => version >= erasure && (i >= versions.length - last || tagged.has(version)))
  const newest = new Set(versions.slice(-last))
  return { kept, expired: versions.filter((version) => !kept.includes(version)), pinned: new Set(kept.filter((version) => !newest.has(version))) }
}

/** Takes from `garbage` what is in use. A snapshot or list that cannot be read stops everything: what it reaches is not known. */
async function removeReachable(store: Store, kept: readonly number[], garbage: Map<string, Candidate>): Promise<void> {
  const pagesSeen = new Set<string>()
  for (const version of kept) {
    const { snapshot } = await readSnapshot(store, version)
    garbage.delete(layout.snapshot(version))
    for (const path of [...Object.values(snapshot.rules), snapshot.losses]) if (path !== undefined) garbage.delete(path)
    const pages = [...pagesOf(snapshot)].map(([, page]) => page.path)
    for (const page of pages) garbage.delete(page)
    // Snapshots share most of their pages, and equal pages reach equal objects.
    const only = <T extends { readonly path: string }>(list: readonly T[]): T[] => list.filter(({ path }) => !pagesSeen.has(path))
    const shards = Object.fromEntries(Object.entries(snapshot.shards).map(([language, own]) => [language, only(own)]))
    const fresh = { ...snapshot, ledger: only(snapshot.ledger), dropped: only(snapshot.dropped), shards }
    for await (const { path } of objectsOf(store, fresh)) garbage.delete(path)
    for (const page of pages) pagesSeen.add(page)
  }
  // What an unfinished run has finished already, it will name without making it again.
  for await (const { key } of store.list('parts/')) {
    const bytes = await store.find(key)
    if (bytes !== undefined) for (const path of pathsIn(JSON.parse(new TextDecoder().decode(bytes)))) garbage.delete(path)
  }
}

function* pathsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') {
    if (collected.some((prefix) => value.startsWith(prefix))) yield value
  } else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) yield* pathsIn(inner)
}

async function readMarks(store: Store): Promise<Readonly<Record<string, number>>> {
  const bytes = await store.find(layout.garbage)
  return bytes === undefined ? {} : parseObject(Marks, bytes, layout.garbage).since
}

/** Snapshots before what only they reach: no reader finds one whose objects are going. */
async function deleteAll(store: Store, keys: readonly string[], check: () => Promise<void>, erasure: number): Promise<void> {
  for (const key of keys) {
    const version = versionOfSnapshot(key)
    if (version === undefined) continue
    await check()
    await store.put(layout.retired(version), await store.get(key))
    if (version < erasure) await store.put(layout.erased(version), canonicalJson({ by: erasure }))
    await store.delete(key)
  }
  const objects = keys.filter((key) => versionOfSnapshot(key) === undefined)
  for (let at = 0; at < objects.length; at += 64) {
    await check()
    await Promise.all(objects.slice(at, at + 64).map((key) => store.delete(key)))
  }
}
