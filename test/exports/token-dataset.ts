import { createHash } from 'node:crypto'
import { createDataset } from '../../src/dataset/format.ts'
import { layout } from '../../src/dataset/layout.ts'
import { appendEntries, type ShardEntry } from '../../src/dataset/pages.ts'
import { openShardWriter } from '../../src/dataset/shard.ts'
import { commitSnapshot, type Snapshot } from '../../src/dataset/snapshot.ts'
import { emptyTotals } from '../../src/dataset/totals.ts'
import type { Store } from '../../src/storage/store.ts'

export interface Tokens {
  readonly vocabularySize: number
  readonly endOfDocument: number | null
  /** Documents by language; each must end with the end token where there is one. */
  readonly languages: Readonly<Record<string, readonly (readonly number[])[]>>
  /** Documents a shard. */
  readonly shardDocuments?: number
}

/** The id of the i-th document of a language, in hexadecimal. */
export function idOf(language: string, i: number): string {
  return createHash('sha256').update(`${language}/${i}`).digest('hex').slice(0, 32)
}

/** Publishes documents made of the given tokens as a snapshot: what a run writes, as far as an export reads it. */
export async function writeTokens(store: Store, { vocabularySize, endOfDocument, languages, shardDocuments = 7 }: Tokens): Promise<void> {
  await createDataset(store)
  const dtype = vocabularySize <= 65_536 ? 'uint16' : 'uint32'
  const tokenizer = { name: 'numbers.json', sha256: 'b'.repeat(64), vocabularySize, dtype, endOfDocument, special: {} } as const
  const shards: Snapshot['shards'] = {}
  const totals = emptyTotals()
  for (const [language, documents] of Object.entries(languages)) {
    const entries: ShardEntry[] = []
    for (let first = 0; first < documents.length; first += shardDocuments) {
      const own = documents.slice(first, first + shardDocuments)
      const writer = await openShardWriter(store, { language, tokenizer, sources: ['web', 'wiki'], version: '0.1.0' })
      const offsets = Int32Array.from({ length: own.length + 1 }, (_, i) => own.slice(0, i).reduce((sum, tokens) => sum + tokens.length, 0))
      const ids = own.flat()
      await writer.write({
        rows: own.length,
        ids: dtype === 'uint16' ? Uint16Array.from(ids) : Uint32Array.from(ids),
        offsets,
        docIds: Buffer.from(own.map((_, i) => idOf(language, first + i)).join(''), 'hex'),
        sourceIds: Uint16Array.from(own, (_, i) => i % 2),
        nBytes: Uint32Array.from(own, (tokens) => 4 * tokens.length),
      })
      const text = { path: 'text/none.arrow', bytes: 0, sha256: 'c'.repeat(64) }
      entries.push({ ...(await writer.close()), text, absorbed: [] })
    }
    shards[language] = await appendEntries(store, 'shards', [], entries)
    const tokens = documents.reduce((sum, document) => sum + document.length, 0)
    totals.byLanguage[language] = { kept: documents.length, tokens, bytes: 4 * tokens }
    totals.kept += documents.length
    totals.tokens += tokens
  }
  const rules = { name: 'tokens' }
  const rulesSha256 = createHash('sha256').update('{"name":"tokens"}').digest('hex')
  await store.put(layout.plan(rulesSha256), JSON.stringify(rules))
  const snapshot: Snapshot = {
    format: 'quern-snapshot/1',
    version: 1,
    parent: null,
    commitId: 'commit-of-these-tokens',
    createdAt: '2026-11-22T00:00:00Z',
    operation: 'append',
    pipeline: { name: 'tokens', rulesSha256 },
    rules: { [rulesSha256]: layout.plan(rulesSha256) },
    tokenizer,
    inputs: [],
    totals: { ...totals, read: totals.kept },
    tonight: { ...totals, read: totals.kept },
    index: { runs: [] },
    ledger: [],
    dropped: [],
    shards,
  }
  if ((await commitSnapshot(store, snapshot)) !== 'committed') throw new Error('another run was first')
}

/** Documents of very different lengths, the same for the same arguments; the end token stands nowhere else. */
export function someDocuments(count: number, vocabularySize: number, endOfDocument: number | null, seed: number): number[][] {
  let state = seed
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  return Array.from({ length: count }, (_, i) => {
    const length = i % 5 === 0 ? 1 + random(3) : 1 + random(400)
    const ids = Array.from({ length }, () => random(vocabularySize)).map((id) => (id === endOfDocument ? id - 1 : id))
    return endOfDocument === null ? ids : [...ids, endOfDocument]
  })
}
