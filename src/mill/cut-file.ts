import type { Store } from '../storage/store.ts'

/** What the sequence phase cuts from one kept document: found by candidate for the ledger, by language and number for press. */
export interface TextCut {
  readonly candidate: number
  /** Index into the part's languages, and the number among its documents of that language. */
  readonly language: number
  readonly number: number
  readonly bytes: number
  /** Id of the kept document that holds most of what is cut. */
  readonly source: Uint8Array
  /** Pairs of bytes [from, to), ascending, apart. */
  readonly ranges: Uint32Array
}

/** Beside the part's placement; there only when something was cut. */
export function cutsKey(placementKey: string): string {
  return placementKey.replace(/\.placement$/, '.cuts')
}

const headWords = 9

/** For each cut: candidate, language, number, bytes, pairs (u32 each), the source's 16 bytes, the pairs. */
export function encodeCuts(cuts: readonly TextCut[]): Uint8Array {
  const words = new Uint32Array(cuts.reduce((sum, { ranges }) => sum + headWords + ranges.length, 0))
  const bytes = new Uint8Array(words.buffer)
  let at = 0
  for (const { candidate, language, number, bytes: lost, source, ranges } of cuts) {
    words.set([candidate, language, number, lost, ranges.length / 2], at)
    bytes.set(source, (at + 5) * 4)
    words.set(ranges, at + headWords)
    at += headWords + ranges.length
  }
  return bytes
}

export async function readCuts(store: Store, key: string): Promise<TextCut[]> {
  const bytes = await store.find(key)
  if (bytes === undefined) return []
  const words = new Uint32Array(bytes.slice().buffer)
  const cuts: TextCut[] = []
  for (let at = 0; at < words.length;) {
    const [candidate = 0, language = 0, number = 0, lost = 0, pairs = 0] = words.subarray(at, at + 5)
    const source = new Uint8Array(words.buffer, (at + 5) * 4, 16)
    cuts.push({ candidate, language, number, bytes: lost, source, ranges: words.subarray(at + headWords, at + headWords + pairs * 2) })
    at += headWords + pairs * 2
  }
  return cuts
}
