import type { Store } from '../storage/store.ts'
import { languageOfShard } from './layout.ts'
import { readEntries, type ShardEntry } from './pages.ts'
import type { Snapshot } from './snapshot.ts'

/** Finds the shard of a snapshot that holds the rows of a path written in the ledger, at the same row numbers. */
export type ShardResolver = (path: string) => Promise<ShardEntry | undefined>

/**
 * A ledger row of an old night names the shard of that night. Where a later night pressed a small tail shard again, the
 * new one begins with the same rows and names what it absorbed. Lists are read a language at a time, when first asked for.
 */
export function shardResolver(store: Store, snapshot: Snapshot): ShardResolver {
  const languages = new Map<string, Promise<Map<string, ShardEntry>>>()

  async function load(language: string): Promise<Map<string, ShardEntry>> {
    const paths = new Map<string, ShardEntry>()
    for await (const shard of readEntries(store, 'shards', snapshot.shards[language] ?? [])) addShard(paths, shard)
    return paths
  }

  return async (path) => {
    const language = languageOfShard(path)
    if (language === undefined || !Object.hasOwn(snapshot.shards, language)) return undefined
    let paths = languages.get(language)
    if (paths === undefined) languages.set(language, (paths = load(language)))
    return (await paths).get(path)
  }
}

/** The paths by which ledger rows name a shard: its own, and those that it absorbed. */
export function pathsOfShard({ path, absorbed }: ShardEntry): string[] {
  return [path, ...absorbed.map((old) => old.path)]
}

/** Registers a shard under all of its paths. */
function addShard(paths: Map<string, ShardEntry>, shard: ShardEntry): void {
  for (const path of pathsOfShard(shard)) paths.set(path, shard)
}

export async function resolveShard(store: Store, snapshot: Snapshot, path: string): Promise<ShardEntry | undefined> {
  return shardResolver(store, snapshot)(path)
}

/** What a shard that is pressed again together with an old tail says of it. */
export function absorb(old: ShardEntry): ShardEntry['absorbed'] {
  return [...old.absorbed, { path: old.path, documents: old.documents }]
}

/** Where dropped texts lie now, by the path that the ledger names; a path that is not in it is right as it stands. */
export async function movedTexts(store: Store, snapshot: Snapshot): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>()
  for await (const { path, absorbed = [] } of readEntries(store, 'dropped', snapshot.dropped)) for (const old of absorbed) paths.set(old, path)
  return paths
}
