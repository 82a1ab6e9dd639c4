import type { ObjectFacts, Store } from '../storage/store.ts'
import { filesOfShard, type ListName, type PageRef, readEntries } from './pages.ts'
import type { Snapshot } from './snapshot.ts'

/** Every page of every list of a snapshot. */
export function* pagesOf(snapshot: Snapshot): Generator<[ListName, PageRef]> {
  for (const page of snapshot.inputs) yield ['inputs', page]
  for (const page of snapshot.ledger) yield ['ledger', page]
  for (const page of snapshot.dropped) yield ['dropped', page]
  for (const pages of Object.values(snapshot.shards)) for (const page of pages) yield ['shards', page]
}

/** Every object that a snapshot names, through its lists; the lists themselves and the rules are not among them. */
export async function* objectsOf(store: Store, snapshot: Snapshot): AsyncGenerator<ObjectFacts> {
  yield* snapshot.index.runs
  yield* snapshot.index.keys ?? []
  if (snapshot.index.erased !== undefined) yield snapshot.index.erased
  if (snapshot.index.versions !== undefined) yield snapshot.index.versions
  yield* snapshot.groups ?? []
  yield* snapshot.suppressions ?? []
  for (const pages of Object.values(snapshot.shards)) for await (const shard of readEntries(store, 'shards', pages)) yield* filesOfShard(shard)
  yield* readEntries(store, 'ledger', snapshot.ledger)
  yield* readEntries(store, 'dropped', snapshot.dropped)
}
