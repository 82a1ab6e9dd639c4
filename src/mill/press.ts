import type { TextColumn } from '../core/batch.ts'
import type { Encoder, TokenizerFacts } from '../core/component.ts'
import { watch, watchAsync } from '../core/stopwatch.ts'
import type { ShardEntry } from '../dataset/pages.ts'
import { absorb } from '../dataset/resolve-shard.ts'
import { openArrow } from '../dataset/arrow-reader.ts'
import type { ArrowColumn } from '../dataset/arrow-schema.ts'
import { keepsPieces } from '../dataset/cut-pieces.ts'
import { openShardWriter, type ShardWriter } from '../dataset/shard.ts'
import { readTexts } from '../dataset/read-texts.ts'
import { openTextWriter, sameText, type TextRows, type TextWriter } from '../dataset/text.ts'
import { quernVersion } from '../dataset/version.ts'
import type { Store } from '../storage/store.ts'
import type { Cut, CutPiece } from './cutter.ts'
import { readCuts } from './cut-file.ts'
import { cutTexts, selectTexts } from './select-texts.ts'
import { readPartRecord, readStagedTexts } from './staged-part.ts'
import type { keptTexts } from './text-sorter.ts'

export interface PressTask {
  readonly key: string
  readonly cut: Cut
  /** Name and licence of every source of the plan, and which of them a part of the cut is from. */
  readonly sources: readonly { readonly name: string; readonly licence: string }[]
  readonly partSources: Readonly<Record<string, number>>
}

export interface PressRecord {
  readonly key: string
  readonly shard: ShardEntry
  readonly tokenizer: TokenizerFacts
  /** Of the night's own documents, without those of an absorbed tail. */
  readonly fresh: {
    readonly documents: number
    readonly tokens: number
    readonly textBytes: number
    readonly tokensBySource: Readonly<Record<string, number>>
  }
  /** Object with the tokens of every row as uint32, for the ledger. */
  readonly tokenCounts: string
}

/** Where the sequence phase lays down what is to be pressed under a key. */
export const pressTaskKey = (key: string): string => `staging/cuts/${key}.json`

const tokenCountsKey = (key: string): string => `staging/tokens/${key}.u32`

/** Rows of one source. */
interface SourceRows {
  readonly source: string
  readonly rows: TextRows
}

/**
 * One shard from its cut: kept text beside token ids, row for row. Pure: it drops nothing and knows no other shard but the tail
 * that it begins with. Memory: a batch of the text file and one of the shard.
 */
export async function press(store: Store, encoder: Encoder, key: string, progress: (rows: number) => void): Promise<PressRecord> {
  const recordKey = `parts/${key}.json`
  const done = await store.find(recordKey)
  if (done !== undefined) return JSON.parse(Buffer.from(done).toString('utf8')) as PressRecord

  const task = JSON.parse(Buffer.from(await store.get(pressTaskKey(key))).toString('utf8')) as PressTask
  const { cut } = task
  const sources = await shardSources(store, task)
  const shard = await openShardWriter(store, { language: cut.language, tokenizer: encoder.facts, sources, version: quernVersion })
  const text = await openTextWriter(store, cut.language, await isCut(store, cut))
  const counts = new Uint32Array(cut.documents)
  const tokensBySource: Record<string, number> = {}
  let row = 0
  let fresh = 0
  try {
    if (cut.absorbed !== null) row = await copyTail(store, cut.absorbed, { shard, text, counts, progress })
    for await (const { source, rows } of rowsOf(store, task)) {
      const { ids, offsets } = watch('tokenize', () => encoder.encode(rows.text))
      await watchAsync('write text', () => text.write(rows))
      await watchAsync('write shard', () =>
        shard.write({
          rows: rows.rows,
          ids,
          offsets,
          docIds: rows.docIds,
          sourceIds: new Uint16Array(rows.rows).fill(sources.indexOf(source)),
          nBytes: lengths(rows.text, rows.rows),
        }),
      )
      for (let i = 0; i < rows.rows; i += 1) counts[row + i] = (offsets[i + 1] ?? 0) - (offsets[i] ?? 0)
      const tokens = offsets[rows.rows] ?? 0
      tokensBySource[source] = (tokensBySource[source] ?? 0) + tokens
      fresh += tokens
      row += rows.rows
      progress(rows.rows)
    }
    if (row !== cut.documents) throw new RangeError(`pressing shard ${key}: the cut names ${cut.documents} documents, staging gave ${row}`)
    const beside = await text.close()
    const entry: ShardEntry = { ...(await shard.close()), ...beside, absorbed: cut.absorbed === null ? [] : absorb(cut.absorbed) }
    const tokenCounts = tokenCountsKey(key)
    await store.put(tokenCounts, new Uint8Array(counts.buffer))
    const tail = cut.absorbed
    const record: PressRecord = {
      key,
      shard: entry,
      tokenizer: encoder.facts,
      fresh: { documents: cut.documents - (tail?.documents ?? 0), tokens: fresh, textBytes: cut.textBytes - (tail?.textBytes ?? 0), tokensBySource },
      tokenCounts,
    }
    await store.put(recordKey, JSON.stringify(record))
    return record
  } catch (error) {
    await Promise.all([shard.abort(), text.abort()])
    throw error
  }
}

/**
 * The rows of an absorbed tail as they are, and how many. Their tokens are copied, not made again: a tail is pressed every night until
 * it is large enough to stay, and one tokenizer made all shards of a dataset. Their sources keep their numbers (`shardSources`).
 */
async function copyTail(
  store: Store,
  tail: ShardEntry,
  to: { readonly shard: ShardWriter; readonly text: TextWriter<TextRows, unknown>; readonly counts: Uint32Array; progress(rows: number): void },
): Promise<number> {
  const reader = await openArrow(store, tail.path)
  let first = 0
  for (const block of reader.blocks.keys()) {
    const { rows, columns } = await reader.read(block)
    const column = (name: string): ArrowColumn => columns[name] as ArrowColumn
    const { values: ids, offsets } = column('input_ids') as { values: Uint16Array | Uint32Array; offsets: Int32Array }
    await watchAsync('write shard', () =>
      to.shard.write({
        rows,
        ids,
        offsets,
        docIds: column('doc_id').values as Uint8Array,
        sourceIds: column('source_id').values as Uint16Array,
        nBytes: column('n_bytes').values as Uint32Array,
      }),
    )
    for (let row = 0; row < rows; row += 1) to.counts[first + row] = (offsets[row + 1] ?? 0) - (offsets[row] ?? 0)
    first += rows
    to.progress(rows)
  }
  for await (const rows of readTexts(store, tail.text.path)) await watchAsync('write text', () => to.text.write(rows))
  return first
}

async function* rowsOf(store: Store, { cut, sources, partSources }: PressTask): AsyncGenerator<SourceRows> {
  for (const piece of cut.pieces) {
    const source = sources[partSources[piece.key] ?? -1]
    if (source === undefined) throw new RangeError(`pressing: part ${piece.key} names no source of the plan`)
    for await (const rows of keptRows(store, cut.language, piece, source)) yield { source: source.name, rows }
  }
}

/** Whether texts of the shard may have been cut: tonight, or those of the tail before. */
async function isCut(store: Store, { pieces, absorbed }: Cut): Promise<boolean> {
  return pieces.some(({ cuts }) => cuts !== undefined) || (absorbed !== null && (await keepsPieces(store, absorbed.text.path)))
}

/** The kept rows of one staged part, chunk by chunk, with the source's name and licence on every row. */
async function* keptRows(store: Store, language: string, piece: CutPiece, source: PressTask['sources'][number]): AsyncGenerator<TextRows> {
  const record = await readPartRecord(store, piece.key)
  const inRanges = rangeCursor(piece.ranges)
  const cuts = piece.cuts === undefined ? [] : await readCuts(store, piece.cuts)
  const ofLanguage = new Map(cuts.filter((cut) => record.languages[cut.language] === language).map((cut) => [cut.number, cut.ranges]))
  for await (const { start, chunk } of readStagedTexts(store, record, language, piece.ranges[0] ?? 0, piece.ranges.at(-1) ?? 0)) {
    const keep: number[] = []
    for (let row = 0; row < chunk.rows; row += 1) if (inRanges(start + row)) keep.push(row)
    if (keep.length === 0) continue
    const { ids, texts, pieces } = cutTexts(selectTexts(chunk, keep), (row) => ofLanguage.get(start + (keep[row] ?? 0)))
    const same = (value: string): TextColumn => sameText(value, keep.length)
    yield {
      rows: keep.length,
      docIds: ids,
      ...(texts as Record<(typeof keptTexts)[number], TextColumn>),
      language: same(language),
      source: same(source.name),
      licence: same(source.licence),
      ...(pieces === undefined ? {} : { cut_pieces: pieces }),
    }
  }
}

/** Answers "is this number in a range" for ascending numbers. */
export function rangeCursor(ranges: readonly number[]): (value: number) => boolean {
  let at = 0
  return (value) => {
    while (at < ranges.length && value >= (ranges[at + 1] ?? 0)) at += 2
    return at < ranges.length && value >= (ranges[at] ?? 0)
  }
}

/** Names by source id: those of an absorbed tail keep their numbers, new ones follow. */
async function shardSources(store: Store, { cut, sources, partSources }: PressTask): Promise<string[]> {
  const before = cut.absorbed === null ? '[]' : ((await openArrow(store, cut.absorbed.path)).schema.metadata['sources'] ?? '[]')
  const fresh = cut.pieces.map(({ key }) => sources[partSources[key] ?? -1]?.name ?? '')
  return [...new Set([...(JSON.parse(before) as string[]), ...fresh])]
}

function lengths({ offsets }: TextColumn, rows: number): Uint32Array {
  const bytes = new Uint32Array(rows)
  for (let row = 0; row < rows; row += 1) bytes[row] = (offsets[row + 1] ?? 0) - (offsets[row] ?? 0)
  return bytes
}
