import { textColumn, type TextColumn } from '../core/batch.ts'
import type { Store } from '../storage/store.ts'
import { readEntries } from './pages.ts'
import { readTexts } from './read-texts.ts'
import type { Snapshot } from './snapshot.ts'

/** What one language gives to a sample. */
export interface LanguageDraw {
  readonly language: string
  /** Of all its kept text. */
  readonly bytes: number
  /** Kept-text files that are read, spread evenly over all of them. */
  readonly paths: readonly string[]
  /** Of the documents in these files, between 0 and 1. */
  readonly share: number
  /** How often a drawn text counts: less than once where a language has few documents and much text for its part. */
  readonly weight: number
  /** The share of documents kept back from the sample, 0 for a language of few. */
  readonly heldBack: number
}

/** Text may count this often where a language has less of it than its share: more would teach a few documents by heart. */
const mostWeight = 8
/** Files of a language that are read at the least: neighbours in a file come from the same nights and sites. */
const leastFiles = 16
const heldBack = 0.05
/** Under this many documents all are taken, and none held back. */
const fewDocuments = 200

/**
 * Shares `sampleBytes` out: a language's part goes with its bytes to the power of `temperature` (1 as the dataset has it,
 * 0 the same for all). Which documents are drawn is decided by their ids alone, which are hashes: the same in every run.
 */
export async function planDraw(store: Store, snapshot: Snapshot, sampleBytes: number, temperature: number): Promise<LanguageDraw[]> {
  const languages = []
  for (const [language, pages] of Object.entries(snapshot.shards).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const files: { path: string; bytes: number }[] = []
    let documents = 0
    for await (const shard of readEntries(store, 'shards', pages)) {
      files.push({ path: shard.text.path, bytes: shard.textBytes })
      documents += shard.documents
    }
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    if (bytes > 0) languages.push({ language, files, documents, bytes, part: bytes ** temperature })
  }
  const all = languages.reduce((sum, { bytes }) => sum + bytes, 0)
  const parts = languages.reduce((sum, { part }) => sum + part, 0)
  return languages.map(({ language, files, documents, bytes, part }) => {
    const wanted = (Math.min(sampleBytes, all) * part) / parts
    // Few documents drawn one by one would miss the share by far: all are taken, and count for less.
    const few = documents < fewDocuments
    const share = few ? 1 : Math.min(1, wanted / bytes)
    const count = Math.min(files.length, Math.max(leastFiles, Math.ceil(4 * share * files.length)))
    const read = Array.from({ length: count }, (_, i) => files[Math.floor((i * files.length) / count)]!)
    return {
      language,
      bytes,
      paths: read.map(({ path }) => path),
      share: Math.min(1, (share * bytes) / read.reduce((sum, file) => sum + file.bytes, 0)),
      weight: share < 1 ? 1 : Math.min(mostWeight, wanted / bytes),
      heldBack: few ? 0 : heldBack,
    }
  })
}

export interface Drawn {
  readonly draw: LanguageDraw
  readonly text: TextColumn
  /** Texts of documents that the sample does not have. */
  readonly held: TextColumn
}

/** The texts of a plan, a batch of one language at a time. */
export async function* drawTexts(store: Store, draws: readonly LanguageDraw[], hidden: ReadonlySet<string>): AsyncGenerator<Drawn> {
  for (const draw of draws) {
    const shown = 1 - draw.heldBack
    for (const path of draw.paths) {
      for await (const { rows, docIds, text } of readTexts(store, path)) {
        const ids = Buffer.from(docIds.buffer, docIds.byteOffset, docIds.byteLength)
        const places = Array.from({ length: rows }, (_, row) => ids.readUIntBE(row * 16, 6) / 2 ** 48)
        const isShown = (row: number): boolean => hidden.size === 0 || !hidden.has(ids.toString('hex', row * 16, row * 16 + 16))
        const pick = (wanted: (place: number) => boolean): TextColumn =>
          rowsOf(
            text,
            places.flatMap((place, row) => (wanted(place) && isShown(row) ? [row] : [])),
          )
        yield { draw, text: pick((place) => place < draw.share * shown), held: pick((place) => place >= shown) }
      }
    }
  }
}

function rowsOf({ values, offsets }: TextColumn, rows: readonly number[]): TextColumn {
  if (rows.length === 0) return textColumn([])
  const parts = rows.map((row) => values.subarray(offsets[row], offsets[row + 1]))
  const ends = new Int32Array(rows.length + 1)
  for (const [i, part] of parts.entries()) ends[i + 1] = ends[i]! + part.length
  return { type: 'text', values: Buffer.concat(parts), offsets: ends }
}
