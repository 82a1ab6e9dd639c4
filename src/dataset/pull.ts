import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { canonicalJson } from '../core/canonical-json.ts'
import { QuernError } from '../core/errors.ts'
import { openFileStore } from '../storage/file-store.ts'
import type { Store } from '../storage/store.ts'
import { eachDocId } from './each-doc-id.ts'
import { readEntries, type ShardEntry } from './pages.ts'
import type { FoundSnapshot } from './snapshot.ts'
import { readSuppressed } from './suppress.ts'

export interface PullOptions {
  /** Only this language's shards. */
  readonly language: string | undefined
  /** Shard i goes to the rank i modulo the number of ranks. */
  readonly rank: number
  readonly worldSize: number
}

export interface PullSummary {
  readonly snapshot: number
  readonly shards: number
  readonly documents: number
  readonly tokens: number
  readonly bytes: number
  /** Files that were copied, that were there and right, and that were there and wrong. */
  readonly copied: number
  readonly present: number
  readonly replaced: number
  /** Rows of these shards that a reader must skip; `suppressed.json` names the documents. */
  readonly suppressed: number
}

const pieceBytes = 8 << 20

/**
 * Brings a snapshot's token shards to a local folder under the same paths, every hash checked, with `manifest.json`: the
 * snapshot, its shard lists written out. What is there and right is left alone, so the same call goes on after a kill.
 * The manifest comes last and names all shards of the chosen languages, whichever rank took them.
 */
export async function pullShards(
  store: Store,
  { snapshot, sha256 }: FoundSnapshot,
  folder: string,
  options: PullOptions,
  onProgress: (bytes: number, total: number) => void = () => undefined,
): Promise<PullSummary> {
  if (resolve(folder) === store.url) throw new QuernError('bad-usage', `pulling from ${store.url} into itself`, { remedy: 'Give another folder.' })
  const shards = await chooseShards(store, { snapshot, sha256 }, options.language)
  const own = Object.values(shards)
    .flat()
    .filter((_, i) => i % options.worldSize === options.rank)
  const target = openFileStore(resolve(folder))
  await target.clean()
  const total = own.reduce((sum, shard) => sum + shard.bytes, 0)
  const counts = { copied: 0, present: 0, replaced: 0 }
  let done = 0
  for (const shard of own) {
    counts[await bring(store, target, shard)]++
    onProgress((done += shard.bytes), total)
  }
  const hidden = await readSuppressed(store)
  const suppressed = hidden.size === 0 ? 0 : await countHidden(target, own, hidden)
  await target.replace('suppressed.json', canonicalJson({ ids: [...hidden].sort() }))
  await target.replace('manifest.json', canonicalJson({ ...snapshot, shards, sha256 }))
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

async function chooseShards(store: Store, { snapshot }: FoundSnapshot, language: string | undefined): Promise<Record<string, ShardEntry[]>> {
  const languages = Object.keys(snapshot.shards).sort()
  if (language !== undefined && !languages.includes(language))
    throw new QuernError('not-found', `pulling from ${store.url}: snapshot ${snapshot.version} has no shard in "${language}"`, {
      remedy: languages.length === 0 ? 'It has no shards at all.' : `It has: ${languages.join(', ')}.`,
    })
  const chosen: Record<string, ShardEntry[]> = {}
  for (const name of language === undefined ? languages : [language]) {
    chosen[name] = []
    for await (const shard of readEntries(store, 'shards', snapshot.shards[name] ?? [])) chosen[name].push(shard)
  }
  return chosen
}

async function bring(store: Store, target: Store, shard: ShardEntry): Promise<'copied' | 'present' | 'replaced'> {
  const there = await target.stat(shard.path)
  if (there !== undefined) {
    if (there.bytes === shard.bytes && (await hashOf(target, shard)) === shard.sha256) return 'present'
    await target.delete(shard.path)
  }
  const writer = await target.create()
  try {
    for await (const piece of pieces(store, shard)) await writer.write(piece)
    await writer.close((sha256) => {
      if (sha256 !== shard.sha256)
        throw new QuernError('damaged-dataset', `pulling ${shard.path}: its SHA-256 is ${sha256}, and the snapshot says ${shard.sha256}`, {
          remedy: `Run quern verify ${store.url}.`,
        })
      return shard.path
    })
  } catch (error) {
    await writer.abort()
    throw error
  }
  return there === undefined ? 'copied' : 'replaced'
}

async function hashOf(store: Store, shard: ShardEntry): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of pieces(store, shard)) hash.update(piece)
  return hash.digest('hex')
}

async function* pieces(store: Store, { path, bytes }: ShardEntry): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes; offset += pieceBytes) yield await store.get(path, { offset, length: Math.min(pieceBytes, bytes - offset) })
}

async function countHidden(target: Store, shards: readonly ShardEntry[], hidden: ReadonlySet<string>): Promise<number> {
  let count = 0
  for (const { path } of shards)
    await eachDocId(target, path, (ids) => {
      for (let at = 0; at < ids.byteLength; at += 16) if (hidden.has(Buffer.from(ids.subarray(at, at + 16)).toString('hex'))) count++
    })
  return count
}
