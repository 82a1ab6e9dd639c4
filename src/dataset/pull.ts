import { resolve } from 'node:path'
import { canonicalJson } from '../core/canonical-json.ts'
import { QuernError } from '../core/errors.ts'
import { openFileStore } from '../storage/file-store.ts'
import type { Store } from '../storage/store.ts'
import { eachDocId } from './each-doc-id.ts'
import { filesOfShard, readEntries, type ShardEntry } from './pages.ts'
import { type PullCounts, pullObjects } from './pull-objects.ts'
import { manifestKey, type Manifest } from './pulled-manifest.ts'
import type { FoundSnapshot } from './snapshot.ts'
import { readSuppressed } from './suppress.ts'

export interface PullOptions {
  /** Only shards in these languages; all when it is empty. */
  readonly languages: readonly string[]
  /** Shard i goes to the rank i modulo the number of ranks. */
  readonly rank: number
  readonly worldSize: number
  /** Ranges asked for at once. */
  readonly concurrency: number
  /** The kept text beside each shard as well. */
  readonly withText: boolean
}

export interface PullSummary extends PullCounts {
  readonly snapshot: number
  readonly shards: number
  readonly documents: number
  readonly tokens: number
  readonly bytes: number
  /** Rows of these shards that a reader must skip; `suppressed.json` names the documents. */
  readonly suppressed: number
}

/**
 * Brings a snapshot's token shards, with the hosts beside them and the group sizes, to a local folder under the same paths, every hash checked, with `manifest.json`: the
 * snapshot, its shard lists written out. What is there and right is left alone and a half shard is continued, so the same
 * call goes on after a kill. The manifest comes last and names all shards of the chosen languages, whichever rank took them.
 * Memory: `concurrency` pieces of 8 MiB and the lists.
 */
export async function pullShards(
  store: Store,
  found: FoundSnapshot,
  folder: string,
  options: PullOptions,
  onProgress: (bytes: number, total: number) => void = () => undefined,
): Promise<PullSummary> {
  const { snapshot, sha256 } = found
  const place = resolve(folder)
  if (place === store.url) throw new QuernError('bad-usage', `pulling from ${store.url} into itself`, { remedy: 'Give another folder.' })
  const shards = await chooseShards(store, found, options.languages)
  const own = Object.values(shards)
    .flat()
    .filter((_, i) => i % options.worldSize === options.rank)
  // By their names: shards of one site and equally many documents share the file of their hosts.
  const files = [...own.flatMap((shard) => filesOfShard(shard, options.withText)), ...(snapshot.groups ?? [])]
  const objects = [...new Map(files.map((file) => [file.path, file])).values()]
  const target = openFileStore(place)
  await target.clean()
  const total = objects.reduce((sum, { bytes }) => sum + bytes, 0)
  let done = 0
  const counts = await pullObjects(store, place, objects, {
    concurrency: options.concurrency,
    onBytes: (bytes) => onProgress((done += bytes), total),
  })
  const hidden = await readSuppressed(store)
  const suppressed = hidden.size === 0 ? 0 : await countHidden(target, own, hidden)
  await target.replace('suppressed.json', canonicalJson({ ids: [...hidden].sort() }))
  const manifest: Manifest = { ...snapshot, shards, sha256, pulledFrom: store.url, withText: options.withText }
  await target.replace(manifestKey, canonicalJson(manifest))
  return {
    snapshot: snapshot.version,
    shards: own.length,
    documents: own.reduce((sum, shard) => sum + shard.documents, 0),
    tokens: own.reduce((sum, shard) => sum + shard.tokens, 0),
    bytes: total,
    ...counts,
    suppressed,
  }
}

async function chooseShards(store: Store, { snapshot }: FoundSnapshot, wanted: readonly string[]): Promise<Record<string, ShardEntry[]>> {
  const languages = Object.keys(snapshot.shards).sort()
  const missing = wanted.filter((name) => !languages.includes(name))
  if (missing.length > 0)
    throw new QuernError(
      'not-found',
      `pulling from ${store.url}: snapshot ${snapshot.version} has no shard in ${missing.map((name) => `"${name}"`).join(', ')}`,
      {
        remedy: languages.length === 0 ? 'It has no shards at all.' : `It has: ${languages.join(', ')}.`,
      },
    )
  const chosen: Record<string, ShardEntry[]> = {}
  for (const name of languages.filter((language) => wanted.length === 0 || wanted.includes(language))) {
    chosen[name] = []
    for await (const shard of readEntries(store, 'shards', snapshot.shards[name] ?? [])) chosen[name].push(shard)
  }
  return chosen
}

async function countHidden(target: Store, shards: readonly ShardEntry[], hidden: ReadonlySet<string>): Promise<number> {
  let count = 0
  for (const { path } of shards)
    await eachDocId(target, path, (ids) => {
      for (let at = 0; at < ids.byteLength; at += 16) if (hidden.has(Buffer.from(ids.subarray(at, at + 16)).toString('hex'))) count++
    })
  return count
}
