import type { BinaryColumn, TextColumn } from '../core/batch.ts'
import type { TokenizerFacts } from '../core/component.ts'
import { textBuilder } from '../core/text-builder.ts'
import { openArrow } from '../dataset/arrow-reader.ts'
import type { ArrowColumn } from '../dataset/arrow-schema.ts'
import { keepsPieces } from '../dataset/cut-pieces.ts'
import { eachDocId } from '../dataset/each-doc-id.ts'
import type { DroppedEntry, ShardEntry } from '../dataset/pages.ts'
import { readTexts } from '../dataset/read-texts.ts'
import { openShardWriter, type ShardWriter } from '../dataset/shard.ts'
import { type BesideShard, openDroppedWriter, openTextWriter, type TextRows, type TextWriter } from '../dataset/text.ts'
import { quernVersion } from '../dataset/version.ts'
import type { Store } from '../storage/store.ts'
import { idsOf } from './erase-plan.ts'

/** Whether rows have an id that goes. */
type Goes = (id: string) => boolean

export interface RewrittenShard {
  /** Undefined when nothing is left of it. */
  readonly entry: ShardEntry | undefined
  /** The new row of every old one, -1 for those that are gone. */
  readonly rows: Int32Array
}

/** A shard and the texts beside it without some of their rows; undefined when it has none of them. Tokens are copied, not made again. */
export async function rewriteShard(store: Store, shard: ShardEntry, tokenizer: TokenizerFacts, goes: Goes): Promise<RewrittenShard | undefined> {
  const { rows, left } = await rowsWithout(store, shard, goes)
  if (left === shard.documents) return undefined
  if (left === 0) return { entry: undefined, rows }
  const writers = await openShardBeside(store, shard.language, tokenizer, await sourcesOf(store, shard), await keepsPieces(store, shard.text.path))
  try {
    await copyRows(store, shard, rows, writers)
    return { entry: { ...(await closeShard(writers)), absorbed: [] }, rows }
  } catch (error) {
    await abortShard(writers)
    throw error
  }
}

/** The new row of every row of a shard when some go, -1 for those; and how many are left. */
export async function rowsWithout(store: Store, shard: ShardEntry, goes: Goes): Promise<{ readonly rows: Int32Array; readonly left: number }> {
  const rows = new Int32Array(shard.documents)
  let left = 0
  await eachDocId(store, shard.path, (values, first) => {
    const id = idsOf({ values })
    for (let row = 0; row * 16 < values.byteLength; row += 1) rows[first + row] = goes(id(row)) ? -1 : left++
  })
  return { rows, left }
}

/** A shard with its texts, while they are written. */
export interface ShardWriters {
  readonly shard: ShardWriter
  readonly texts: TextWriter<TextRows, BesideShard>
}

/** `cutting`: the texts have what was cut from them beside them. */
export async function openShardBeside(
  store: Store,
  language: string,
  tokenizer: TokenizerFacts,
  sources: readonly string[],
  cutting: boolean,
): Promise<ShardWriters> {
  const shard = await openShardWriter(store, { language, tokenizer, sources, version: quernVersion })
  return { shard, texts: await openTextWriter(store, language, cutting) }
}

export async function closeShard({ shard, texts }: ShardWriters): Promise<Omit<ShardEntry, 'absorbed'>> {
  const beside = await texts.close()
  return { ...(await shard.close()), ...beside }
}

export async function abortShard({ shard, texts }: ShardWriters): Promise<void> {
  await Promise.all([shard.abort(), texts.abort()])
}

/** The sources that a shard's `source_id` counts. */
export async function sourcesOf(store: Store, { path }: ShardEntry): Promise<string[]> {
  const { schema } = await openArrow(store, path)
  return JSON.parse(schema.metadata['sources'] ?? '[]') as string[]
}

/** Copies the rows of a shard that are not -1, with their texts. The sources of the writer begin with the shard's own. Memory: a batch. */
export async function copyRows(store: Store, from: ShardEntry, rows: Int32Array, { shard, texts }: ShardWriters): Promise<void> {
  const reader = await openArrow(store, from.path)
  let first = 0
  for (const index of reader.blocks.keys()) {
    const { rows: count, columns } = await reader.read(index)
    const keep = kept(rows, first, count)
    first += count
    const column = (name: string): ArrowColumn => columns[name] as ArrowColumn
    const tokens = column('input_ids')
    const pick = <T extends Uint16Array | Uint32Array>(values: T): T => values.filter((_, row) => keep.has(row)) as T
    if (keep.size > 0)
      await shard.write({
        rows: keep.size,
        ...tokensOf(tokens.values as Uint16Array, tokens.offsets as Int32Array, keep),
        docIds: pickIds(column('doc_id').values as Uint8Array, keep),
        sourceIds: pick(column('source_id').values as Uint16Array),
        nBytes: pick(column('n_bytes').values as Uint32Array),
      })
  }
  first = 0
  for await (const batch of readTexts(store, from.text.path)) {
    const keep = kept(rows, first, batch.rows)
    first += batch.rows
    if (keep.size > 0) await texts.write(pickTexts(batch, keep))
  }
}

/** Dropped texts without some of their rows: undefined when the object has none of them, null when nothing is left. */
export async function rewriteDropped(store: Store, entry: DroppedEntry, goes: Goes): Promise<DroppedEntry | null | undefined> {
  let gone = 0
  await eachDocId(store, entry.path, (values) => {
    const id = idsOf({ values })
    for (let row = 0; row * 16 < values.byteLength; row += 1) gone += goes(id(row)) ? 1 : 0
  })
  if (gone === 0) return undefined
  if (gone === entry.documents) return null
  const reader = await openArrow(store, entry.path)
  const writer = await openDroppedWriter(store)
  try {
    for (const index of reader.blocks.keys()) {
      const { rows, columns } = await reader.read(index)
      const ids = columns['doc_id']?.values as Uint8Array
      const id = idsOf({ values: ids })
      const keep = new Set(Array.from({ length: rows }, (_, row) => row).filter((row) => !goes(id(row))))
      const text = (name: string): TextColumn => pickText(asText(columns[name]), keep)
      if (keep.size > 0)
        await writer.write({ rows: keep.size, docIds: pickIds(ids, keep), url: text('url'), language: text('language'), text: text('text') })
    }
    return await writer.close()
  } catch (error) {
    await writer.abort()
    throw error
  }
}

export function asText(column: ArrowColumn | undefined): TextColumn {
  if (column?.offsets === undefined) throw new TypeError('a text column is missing')
  return { type: 'text', values: column.values as Uint8Array, offsets: column.offsets }
}

function kept(rows: Int32Array, first: number, count: number): Set<number> {
  const keep = new Set<number>()
  for (let row = 0; row < count; row += 1) if ((rows[first + row] ?? -1) >= 0) keep.add(row)
  return keep
}

function tokensOf<T extends Uint16Array | Uint32Array>(values: T, offsets: Int32Array, keep: ReadonlySet<number>): { ids: T; offsets: Int32Array } {
  const places = new Int32Array(keep.size + 1)
  const ids = values.slice() as T
  let [at, row] = [0, 0]
  for (const old of keep) {
    const part = values.subarray(offsets[old], offsets[old + 1])
    ids.set(part, at)
    at += part.length
    places[(row += 1)] = at
  }
  return { ids: ids.subarray(0, at) as T, offsets: places }
}

function pickIds(ids: Uint8Array, keep: ReadonlySet<number>): Uint8Array {
  const picked = new Uint8Array(keep.size * 16)
  let at = 0
  for (const row of keep) {
    picked.set(ids.subarray(row * 16, row * 16 + 16), at)
    at += 16
  }
  return picked
}

export function pickTexts(batch: TextRows, keep: ReadonlySet<number>): TextRows {
  const { rows: _, docIds, ...columns } = batch
  const picked = Object.entries(columns).map(([name, column]: [string, TextColumn | BinaryColumn]): [string, TextColumn | BinaryColumn] => [
    name,
    { ...pickText(column, keep), type: column.type },
  ])
  return { rows: keep.size, docIds: pickIds(docIds, keep), ...Object.fromEntries(picked) } as unknown as TextRows
}

function pickText(column: TextColumn | BinaryColumn, keep: ReadonlySet<number>): TextColumn {
  const builder = textBuilder()
  for (const row of keep) builder.append(column, row)
  return builder.take()
}
