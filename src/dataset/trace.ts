import type { Store } from '../storage/store.ts'
import { openArrow } from './arrow-reader.ts'
import type { ArrowColumn } from './arrow-schema.ts'
import { type Criteria, matcher, type Matcher } from './criteria.ts'
import type { TracedRun } from './loader-state.ts'
import { readEntries, type ShardEntry } from './pages.ts'
import { mixBlock, mixture, mixtureGiven, sampleIndex, sampleOrder } from './sample-order.ts'

export interface TracedDocument {
  readonly document: string
  readonly source: string
  readonly language: string
  readonly tokens: number
  /** Tokens that the run was given, each as often as it was. */
  readonly given: number
  /** Tokens that it was given at least once. */
  readonly seen: number
}

export interface Trace {
  readonly documents: { readonly matched: number; readonly seen: number }
  readonly tokens: { readonly matched: number; readonly given: number; readonly seen: number }
}

/** How often a run was given the sample of a stream that holds a token. */
interface Stream {
  readonly shards: readonly ShardEntry[]
  readonly times: (sample: number) => number
}

/**
 * What of the documents that the criteria name a run has been given before its cursor: arithmetic of the order, and where
 * the documents lie. Reads ids and sources of every shard that the run reads, token offsets of batches with a match, and
 * addresses only for hosts and addresses. Documents that were hidden at the time were given as padding, and count here.
 */
export async function traceRun(
  store: Store,
  run: TracedRun,
  criteria: Criteria,
  visit: (document: TracedDocument) => void = () => undefined,
): Promise<Trace> {
  const match = matcher(criteria)
  const { seq_len: length } = run.state
  const documents = { matched: 0, seen: 0 }
  const tokens = { matched: 0, given: 0, seen: 0 }
  for (const { shards, times } of await streamsOf(store, run)) {
    let start = 0
    for (const shard of shards) {
      const source = (name: string): number => match.source(name, run.snapshot.totals.bySource[name]?.licence ?? '')
      for await (const found of matchedRows(store, shard, match, source)) {
        const [from, to] = [start + found.from, start + found.to]
        let [given, seen] = [0, 0]
        for (let sample = Math.floor(from / length); sample * length < to; sample += 1) {
          const overlap = Math.min(to, (sample + 1) * length) - Math.max(from, sample * length)
          const count = times(sample)
          given += overlap * count
          seen += count > 0 ? overlap : 0
        }
        documents.matched += 1
        documents.seen += seen > 0 ? 1 : 0
        tokens.matched += to - from
        tokens.given += given
        tokens.seen += seen
        visit({ document: found.document, source: found.source, language: shard.language, tokens: to - from, given, seen })
      }
      start += shard.tokens
    }
  }
  return { documents, tokens }
}

async function streamsOf(store: Store, { snapshot, state, languages, mix }: TracedRun): Promise<Stream[]> {
  const byLanguage = new Map<string, ShardEntry[]>()
  for (const language of languages) {
    const shards: ShardEntry[] = []
    for await (const shard of readEntries(store, 'shards', snapshot.shards[language] ?? [])) if (shard.tokens > 0) shards.push(shard)
    byLanguage.set(language, shards)
  }
  const named: [string, ShardEntry[]][] =
    mix === undefined ? [['all', [...byLanguage.values()].flat()]] : mix.names.map((name) => [name, byLanguage.get(name) ?? []])
  const given = mix === undefined ? [state.cursor] : mixtureGiven(mix.names, mix.segments)(state.cursor)
  const last = mix === undefined ? [] : lastBlock(state.cursor, mixture(state.seed, mix.names, mix.segments))
  return named.map(([name, shards], k) => {
    const samples = Math.ceil(shards.reduce((sum, shard) => sum + shard.tokens, 0) / state.seq_len)
    const count = given[k] ?? 0
    const [epoch, rest] = [Math.floor(count / samples), count % samples]
    const { seed, shuffle_block: block, shuffle_window: window } = state
    const order = { samples, seed, name, block, window }
    const same = (_: number, sample: number): number => sample
    const [at, indexOf] = block === 0 ? [same, same] : [sampleOrder(order), sampleIndex(order)]
    const more = new Map<number, number>()
    for (const { stream, count: place } of last) {
      if (stream !== k) continue
      const sample = at(Math.floor(place / samples), place % samples)
      more.set(sample, (more.get(sample) ?? 0) + 1)
    }
    return { shards, times: (sample) => epoch + (rest > 0 && indexOf(epoch, sample) < rest ? 1 : 0) + (more.get(sample) ?? 0) }
  })
}

/** Samples of the mixture's unfinished block one by one: inside a block a stream does not give its samples in their order. */
function lastBlock(cursor: number, at: ReturnType<typeof mixture>): ReturnType<typeof at>[] {
  const first = cursor - (cursor % mixBlock)
  return Array.from({ length: cursor - first }, (_, i) => at(first + i))
}

/** Tokens `from` to `to` of the shard are those of a document that is named. */
interface MatchedRow {
  readonly document: string
  readonly source: string
  readonly from: number
  readonly to: number
}

async function* matchedRows(store: Store, shard: ShardEntry, match: Matcher, codeOf: (source: string) => number): AsyncGenerator<MatchedRow> {
  const reader = await openArrow(store, shard.path)
  const names = JSON.parse(reader.schema.metadata['sources'] ?? '[]') as string[]
  const whole = names.map(codeOf)
  if (!match.looksAtRows && whole.every((code) => code === 0)) return
  const byRow = match.looksAtRows ? await rowsByText(store, shard, match) : undefined
  let [row, base] = [0, 0]
  for (const [index, [, , , , tokens]] of shard.batches.entries()) {
    const { rows, columns } = await reader.read(index, ['doc_id', 'source_id'])
    const sources = columns['source_id']?.values as Uint16Array
    const ids = columns['doc_id']?.values as Uint8Array
    const hits = Array.from({ length: rows }, (_, i) => i).filter((i) => (whole[sources[i] ?? 0] ?? 0) > 0 || (byRow?.[row + i] ?? 0) > 0)
    if (hits.length > 0) {
      const { offsets } = (await reader.read(index, ['input_ids'])).columns['input_ids'] as ArrowColumn
      for (const i of hits)
        yield {
          document: Buffer.from(ids.subarray(i * 16, i * 16 + 16)).toString('hex'),
          source: names[sources[i] ?? 0] ?? '',
          from: base + (offsets?.[i] ?? 0),
          to: base + (offsets?.[i + 1] ?? 0),
        }
    }
    row += rows
    base += tokens
  }
}

/** Codes of all rows of a shard, from the ids and addresses beside it. */
async function rowsByText(store: Store, shard: ShardEntry, match: Matcher): Promise<Uint8Array> {
  const codes = new Uint8Array(shard.documents)
  const reader = await openArrow(store, shard.text.path)
  let row = 0
  for (const index of reader.blocks.keys()) {
    const { rows, columns } = await reader.read(index, ['doc_id', 'url'])
    const url = columns['url'] as ArrowColumn
    const text = { type: 'text', values: url.values as Uint8Array, offsets: url.offsets as Int32Array } as const
    codes.set(match.rows(columns['doc_id']?.values as Uint8Array, text), row)
    row += rows
  }
  return codes
}
