import type { ShardEntry } from '../dataset/pages.ts'

/** Kept documents of one language and one part: `ranges` holds pairs [from, to) of their numbers among that part's documents of the language. */
export interface CutPiece {
  /** Index into the plan's parts, and the key of its staged result. */
  readonly part: number
  readonly key: string
  readonly ranges: readonly number[]
  /** Where byte ranges lie that are cut from the part's documents. */
  readonly cuts?: string
}

/** Which documents make up one shard. It depends on the texts and the duplicates alone, not on who tokenizes. */
export interface Cut {
  readonly language: string
  /** An earlier night's small last shard, whose rows come first; the new shard takes its place. */
  readonly absorbed: ShardEntry | null
  readonly pieces: readonly CutPiece[]
  readonly documents: number
  readonly textBytes: number
}

interface OpenCut {
  readonly number: number
  readonly language: string
  readonly absorbed: ShardEntry | null
  readonly pieces: { part: number; key: string; ranges: number[] }[]
  documents: number
  textBytes: number
}

export interface Cutter {
  /** Gives a kept document its place. Calls `closed` when its shard is full. */
  place(language: string, part: number, key: string, languageRow: number, textBytes: number): { readonly shard: number; readonly row: number }
  /** Closes the last shard of every language. */
  finish(): void
}

/** Cuts each language's kept documents into shards by cumulative text bytes. Memory: the open shards' row ranges. */
export function cutter(shardBytes: number, tails: ReadonlyMap<string, ShardEntry>, closed: (number: number, cut: Cut) => void): Cutter {
  const open = new Map<string, OpenCut>()
  const started = new Set<string>()
  let count = 0

  function begin(language: string): OpenCut {
    const absorbed = started.has(language) ? null : (tails.get(language) ?? null)
    started.add(language)
    const cut: OpenCut = { number: count, language, absorbed, pieces: [], documents: absorbed?.documents ?? 0, textBytes: absorbed?.textBytes ?? 0 }
    count += 1
    open.set(language, cut)
    return cut
  }

  function close({ number, ...cut }: OpenCut): void {
    open.delete(cut.language)
    closed(number, cut)
  }

  return {
    place(language, part, key, languageRow, textBytes) {
      const cut = open.get(language) ?? begin(language)
      let piece = cut.pieces.at(-1)
      if (piece?.part !== part) cut.pieces.push((piece = { part, key, ranges: [] }))
      if (piece.ranges.at(-1) === languageRow) piece.ranges[piece.ranges.length - 1] = languageRow + 1
      else piece.ranges.push(languageRow, languageRow + 1)
      const row = cut.documents
      cut.documents += 1
      cut.textBytes += textBytes
      if (cut.textBytes >= shardBytes) close(cut)
      return { shard: cut.number, row }
    },
    finish() {
      for (const cut of [...open.values()].sort((a, b) => a.number - b.number)) close(cut)
    },
  }
}
