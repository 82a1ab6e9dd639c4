import { createHash } from 'node:crypto'
import { appendEntries, type ShardEntry } from '../../src/dataset/pages.ts'
import { createDataset } from '../../src/dataset/format.ts'
import { openShardWriter } from '../../src/dataset/shard.ts'
import { commitSnapshot } from '../../src/dataset/snapshot.ts'
import { emptyTotals } from '../../src/dataset/totals.ts'
import { openStore } from '../../src/storage/store.ts'

const shardTokens = 1 << 26
const writeTokens = 1 << 22

/**
 * A dataset of about so many tokens below 32,768 in shards of 128 MiB, written as a run writes them: documents of 50 to
 * 4,000 tokens, most of them short. The same count gives the same bytes of tokens.
 */
export async function writeShards(folder: string, tokens: number): Promise<{ tokens: number; documents: number; shards: number }> {
  const store = await openStore(folder)
  await createDataset(store)
  const tokenizer = { name: 'numbers', sha256: 'b'.repeat(64), vocabularySize: 32768, dtype: 'uint16', endOfDocument: 0, special: {} } as const
  const entries: ShardEntry[] = []
  let state = 42
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const text = { path: 'text/none.arrow', bytes: 0, sha256: 'c'.repeat(64) }
  const sum = { tokens: 0, documents: 0 }
  while (sum.tokens < tokens) {
    const writer = await openShardWriter(store, { language: 'en', tokenizer, sources: ['numbers'], version: 'bench' })
    for (let inShard = 0; inShard < Math.min(shardTokens, tokens) && sum.tokens < tokens;) {
      const offsets = [0]
      while ((offsets.at(-1) as number) < writeTokens) offsets.push((offsets.at(-1) as number) + 50 + Math.floor(3950 * random() ** 3))
      const [rows, count] = [offsets.length - 1, offsets.at(-1) as number]
      const docIds = Buffer.concat(
        Array.from({ length: rows }, (_, i) =>
          createHash('sha256')
            .update(`${sum.documents + i}`)
            .digest()
            .subarray(0, 16),
        ),
      )
      await writer.write({
        rows,
        ids: Uint16Array.from({ length: count }, () => Math.floor(32768 * random())),
        offsets: Int32Array.from(offsets),
        docIds,
        sourceIds: new Uint16Array(rows),
        nBytes: new Uint32Array(rows),
      })
      inShard += count
      sum.tokens += count
      sum.documents += rows
    }
    entries.push({ ...(await writer.close()), text, absorbed: [] })
  }
  const counts = { read: sum.documents, kept: sum.documents, tokens: sum.tokens }
  const totals = { ...emptyTotals(), ...counts, bySource: { numbers: { ...counts, licence: 'CC0-1.0' } } }
  const rulesSha256 = createHash('sha256').update('{}').digest('hex')
  await commitSnapshot(store, {
    format: 'quern-snapshot/1',
    version: 1,
    parent: null,
    commitId: 'bench-loader-dataset',
    createdAt: '2026-01-01T00:00:00Z',
    operation: 'append',
    pipeline: { name: 'bench', rulesSha256 },
    rules: {},
    tokenizer,
    inputs: [],
    totals,
    tonight: totals,
    index: { runs: [] },
    ledger: [],
    dropped: [],
    shards: { en: await appendEntries(store, 'shards', [], entries) },
  })
  return { ...sum, shards: entries.length }
}
