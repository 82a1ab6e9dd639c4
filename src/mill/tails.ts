import { readPage, type ShardEntry } from '../dataset/pages.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import type { Store } from '../storage/store.ts'

/**
 * The last shard of every language that is too small to leave lying: the night presses it again as the beginning of its
 * first one. Without this, 45 languages times 365 nights become 16,000 crumbs.
 */
export async function tailShards(store: Store, snapshot: Snapshot, shardBytes: number): Promise<Map<string, ShardEntry>> {
  const small = Math.min(32 << 20, shardBytes / 4)
  const tails = new Map<string, ShardEntry>()
  for (const [language, pages] of Object.entries(snapshot.shards)) {
    const page = pages.at(-1)
    const last = page === undefined ? undefined : (await readPage(store, 'shards', page)).at(-1)
    if (last !== undefined && last.bytes < small && last.textBytes < shardBytes) tails.set(language, last)
  }
  return tails
}
