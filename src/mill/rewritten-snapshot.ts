import { randomUUID } from 'node:crypto'
import { addGroupSizes } from '../dataset/group-sizes.ts'
import { appendEntries, type DroppedEntry, filesOfShard, type LedgerEntry, type PageRef, readEntries, type ShardEntry } from '../dataset/pages.ts'
import { pathsOfShard } from '../dataset/resolve-shard.ts'
import type { FoundSnapshot, Snapshot } from '../dataset/snapshot.ts'
import { emptyTotals } from '../dataset/totals.ts'
import type { Store } from '../storage/store.ts'
import { countLedger } from './count-ledger.ts'
import { type Rejudged, rewriteLedger } from './erase-ledger.ts'
import { rewriteDropped, rewriteShard, type RewrittenShard } from './erase-shards.ts'
import { putIds } from './id-files.ts'
import type { Promotion } from './promote.ts'

/** What a snapshot does to the documents of its parent, instead of adding to them. */
export interface Changes {
  readonly operation: 'erase' | 'replace'
  /** Whether a document leaves its shard. Ids are 16 characters of one byte each. */
  readonly goes: (id: string) => boolean
  /** Paths of the shards that such documents lie in, as the ledger names them; undefined: the ids of all shards are looked at. */
  readonly shards: ReadonlySet<string> | undefined
  /** Whether a document leaves the dropped texts. */
  readonly losesText: (id: string) => boolean
  /** Dropped texts that are new. */
  readonly retained: DroppedEntry | undefined
  /** Documents of whose ledger rows little is left, with their codes of `suppressionRules`. */
  readonly erased: ReadonlyMap<string, number>
  /** Documents with another fate than before. */
  readonly fates: ReadonlyMap<string, Rejudged>
  /** What comes in; undefined: nothing. */
  readonly promotion: Promotion | undefined
  readonly index: {
    /** All that was ever kept and is no more: `joinIds`. */
    readonly erased: Uint8Array
    readonly versions: Snapshot['index']['versions']
  }
}

/**
 * A snapshot whose files are those of its parent with the changes made, to be committed; and the objects that it names no more.
 * Whole files are written anew, each alone and in its order, so that what is not concerned keeps its name. Costs passes over
 * some columns of the ledger and over the ids of the shards that are looked at, and the files that are concerned.
 */
export async function rewrittenSnapshot(
  store: Store,
  parent: FoundSnapshot,
  changes: Changes,
): Promise<{ readonly snapshot: Snapshot; readonly objects: readonly string[] }> {
  const { snapshot: old } = parent
  const { promotion } = changes
  const shards = await withoutRows(store, old, changes)
  const dropped = await withoutTexts(store, old, changes)
  const ledger: LedgerEntry[] = []
  const objects = [...shards.gone, ...dropped.gone]
  for await (const entry of readEntries(store, 'ledger', old.ledger)) {
    const files = await rewriteLedger(store, entry, { erased: changes.erased, rejudged: changes.fates, shards: shards.moved, dropped: dropped.moved })
    if (files[0] !== entry) objects.push(entry.path)
    ledger.push(...files)
  }
  const pages = { ...shards.pages }
  for (const [language, more] of promotion?.shards ?? []) pages[language] = await appendEntries(store, 'shards', pages[language] ?? [], more)
  const { byBenchmark } = old.totals
  // Erasing takes the label of the evaluation set with all else that the ledger said.
  const findings = changes.erased.size > 0 || byBenchmark === undefined ? {} : { byBenchmark }
  const totals = { ...(await countLedger(store, old, ledger)), ...findings }
  const { losses: _, ...content } = old
  const keys = [...(old.index.keys ?? []), ...(promotion?.keyRuns ?? [])]
  const { erased, versions } = changes.index
  const snapshot: Snapshot = {
    ...content,
    version: old.version + 1,
    parent: { version: old.version, sha256: parent.sha256 },
    commitId: randomUUID(),
    createdAt: new Date().toISOString(),
    operation: changes.operation,
    totals,
    tonight: emptyTotals(),
    index: {
      runs: [...old.index.runs, ...(promotion?.runs ?? [])],
      ...(keys.length === 0 ? {} : { keys }),
      ...(erased.byteLength === 0 ? {} : { erased: await putIds(store, erased) }),
      ...(versions === undefined ? {} : { versions }),
    },
    ledger: await appendEntries(store, 'ledger', [], ledger),
    groups: await addGroupSizes(store, [], ledger, totals.read - totals.kept),
    dropped: dropped.pages,
    shards: pages,
  }
  return { snapshot, objects }
}

async function withoutRows(store: Store, old: Snapshot, { goes, shards: concerned, promotion }: Changes) {
  const taken = new Map(promotion?.taken.map((one) => [one.shard.path, one]))
  const moved = new Map<string, { readonly path: string | undefined; readonly rows: Int32Array }>()
  const pages: Record<string, PageRef[]> = {}
  const gone: string[] = []
  for (const [language, list] of Object.entries(old.shards)) {
    const entries: ShardEntry[] = []
    let rewritten = false
    for await (const shard of readEntries(store, 'shards', list)) {
      const paths = pathsOfShard(shard)
      const other = taken.get(shard.path)
      if (other !== undefined) {
        rewritten = true
        if (!other.whole) for (const path of paths) moved.set(path, other)
        gone.push(...filesOfShard(shard).map(({ path }) => path))
        continue
      }
      const looked = concerned === undefined || paths.some((path) => concerned.has(path))
      const made: RewrittenShard | undefined = looked ? await rewriteShard(store, shard, old.tokenizer, goes) : undefined
      if (made === undefined) {
        entries.push(shard)
        continue
      }
      rewritten = true
      if (made.entry !== undefined) entries.push(made.entry)
      for (const path of paths) moved.set(path, { path: made.entry?.path, rows: made.rows })
      gone.push(...filesOfShard(shard).map(({ path }) => path))
    }
    if (entries.length > 0) pages[language] = rewritten ? await appendEntries(store, 'shards', [], entries) : list
  }
  return { moved, pages, gone }
}

async function withoutTexts(store: Store, old: Snapshot, { losesText, retained }: Changes) {
  const moved = new Map<string, string | undefined>()
  const entries: DroppedEntry[] = []
  const gone: string[] = []
  for await (const entry of readEntries(store, 'dropped', old.dropped)) {
    const made = await rewriteDropped(store, entry, losesText)
    if (made === undefined) {
      entries.push(entry)
      continue
    }
    if (made !== null) entries.push(made)
    for (const path of [entry.path, ...(entry.absorbed ?? [])]) moved.set(path, made?.path)
    gone.push(entry.path)
  }
  const pages = moved.size === 0 ? old.dropped : await appendEntries(store, 'dropped', [], entries)
  return { moved, gone, pages: retained === undefined ? pages : await appendEntries(store, 'dropped', pages, [retained]) }
}
