import { textColumn, type TextColumn } from '../core/batch.ts'
import type { Encoder } from '../core/component.ts'
import { keepsPieces } from '../dataset/cut-pieces.ts'
import type { ShardEntry } from '../dataset/pages.ts'
import { absorb } from '../dataset/resolve-shard.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import { sameText, type TextRows } from '../dataset/text.ts'
import type { Store } from '../storage/store.ts'
import { abortShard, closeShard, copyRows, openShardBeside, rowsWithout, sourcesOf } from './erase-shards.ts'
import type { Page } from './sequence-again.ts'

/** Where a text has come to lie. */
export interface Pressed {
  readonly language: string
  /** Number among the language's new shards. */
  readonly shard: number
  readonly row: number
  readonly tokens: number
  readonly bytes: number
}

/** A shard whose rows have gone into another. */
export interface Taken {
  readonly shard: ShardEntry
  /** Path of the other. */
  readonly path: string
  /** The row there of each of its rows, -1 for those that are gone. */
  readonly rows: Int32Array
  /** No row is gone, and the other shard says that it has absorbed this one. */
  readonly whole: boolean
}

export interface PressStart {
  readonly store: Store
  readonly snapshot: Snapshot
  readonly shardBytes: number
  readonly encoder: Encoder
  /** Of all texts that will come. */
  readonly sources: readonly string[]
  /** A stage may cut the texts. */
  readonly cutting: boolean
  /** Small last shards by language, which the first new one begins with: a crumb a night would add up. */
  readonly tails: ReadonlyMap<string, ShardEntry>
  /** Whether a row of a tail is left behind. */
  readonly goes: (id: string) => boolean
}

/** New shards, one of each language open at a time, cut by bytes of text as a night cuts them. */
export function openPress({ store, snapshot, shardBytes, encoder, sources, cutting, tails, goes }: PressStart) {
  const open = new Map<string, Awaited<ReturnType<typeof begin>>>()
  const done = new Map<string, ShardEntry[]>()
  const taken: Taken[] = []

  async function begin(language: string) {
    const tail = done.has(language) ? undefined : tails.get(language)
    if (tail === undefined) return { ...(await openShardBeside(store, language, encoder.facts, sources, cutting)), tail, sources, rows: 0, bytes: 0 }
    const { rows, left } = await rowsWithout(store, tail, goes)
    const all = [...new Set([...(await sourcesOf(store, tail)), ...sources])]
    const writers = await openShardBeside(store, language, encoder.facts, all, cutting || (await keepsPieces(store, tail.text.path)))
    try {
      await copyRows(store, tail, rows, writers)
    } catch (error) {
      await abortShard(writers)
      throw error
    }
    return { ...writers, tail: { shard: tail, rows, whole: left === tail.documents }, sources: all, rows: left, bytes: tail.textBytes }
  }

  async function end(language: string): Promise<void> {
    const writers = open.get(language)
    if (writers === undefined) return
    open.delete(language)
    const { tail } = writers
    const entry = { ...(await closeShard(writers)), absorbed: tail?.whole === true ? absorb(tail.shard) : [] }
    if (tail !== undefined) taken.push({ ...tail, path: entry.path })
    done.set(language, [...(done.get(language) ?? []), entry])
  }

  return {
    async add({ orphan, url, language }: Page, bytes: Uint8Array, pieces: Uint8Array | undefined): Promise<Pressed> {
      const writers = open.get(language) ?? (await begin(language))
      open.set(language, writers)
      const text: TextColumn = { type: 'text', values: bytes, offsets: Int32Array.of(0, bytes.byteLength) }
      const { ids, offsets } = encoder.encode(text)
      const docIds = Buffer.from(orphan.id, 'latin1')
      const nothing = sameText('', 1)
      const rows: TextRows = {
        rows: 1,
        docIds,
        url: textColumn([url]),
        language: textColumn([language]),
        text,
        title: nothing,
        author: nothing,
        published: nothing,
        licence_link: nothing,
        rights: nothing,
        page_licence: nothing,
        date: textColumn([orphan.date]),
        licence: textColumn([snapshot.totals.bySource[orphan.source]?.licence ?? '']),
        source: textColumn([orphan.source]),
        extra: nothing,
        ...(pieces === undefined ? {} : { cut_pieces: { type: 'binary', values: pieces, offsets: Int32Array.of(0, pieces.byteLength) } }),
      }
      await writers.texts.write(rows)
      const sourceIds = Uint16Array.of(writers.sources.indexOf(orphan.source))
      await writers.shard.write({ rows: 1, ids, offsets, docIds, sourceIds, nBytes: Uint32Array.of(bytes.byteLength) })
      const place = { language, shard: done.get(language)?.length ?? 0, row: writers.rows, tokens: offsets[1] ?? 0, bytes: bytes.byteLength }
      writers.rows += 1
      writers.bytes += bytes.byteLength
      if (writers.bytes >= shardBytes) await end(language)
      return place
    },
    async close(): Promise<{ readonly shards: ReadonlyMap<string, readonly ShardEntry[]>; readonly taken: readonly Taken[] }> {
      for (const language of [...open.keys()].sort()) await end(language)
      return { shards: done, taken }
    },
    async abort(): Promise<void> {
      for (const writers of open.values()) await abortShard(writers)
    },
  }
}
