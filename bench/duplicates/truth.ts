import { fiveWords, type OwnBands } from '../../src/native/minhash.ts'

/** The distinct shingles of a text as ascending hashes of 53 bits. Numbers all read alike, as they do to a signature. */
export function shingles(words: readonly string[], { unit, size }: OwnBands = fiveWords): Float64Array {
  const read = words.map((word) => (/^\d+$/.test(word) ? '0' : word))
  const pieces = unit === 'words' ? read : read.join(' ').split('')
  const known = new Map<string, readonly [number, number]>()
  const codes = new Int32Array(pieces.length * 2)
  for (const [i, piece] of pieces.entries()) {
    const code = known.get(piece) ?? hash(piece)
    known.set(piece, code)
    codes.set(code, i * 2)
  }
  const grams = new Float64Array(Math.max(0, pieces.length - size + 1))
  for (let at = 0; at < grams.length; at += 1) {
    let [left, right] = [0x2545f491, 0x1b873593]
    for (let i = at * 2; i < (at + size) * 2; i += 2) {
      left = Math.imul(left ^ (codes[i] ?? 0), 0x85ebca6b) ^ (left >>> 13)
      right = Math.imul(right ^ (codes[i + 1] ?? 0), 0xc2b2ae35) ^ (right >>> 15)
    }
    grams[at] = (left >>> 0) * 2 ** 21 + (right >>> 11)
  }
  return grams.sort().filter((gram, i) => gram !== grams[i - 1])
}

function hash(word: string): readonly [number, number] {
  let [left, right] = [0x811c9dc5, 0x7f4a7c15]
  for (let i = 0; i < word.length; i += 1) {
    left = Math.imul(left ^ word.charCodeAt(i), 0x01000193)
    right = Math.imul(right ^ word.charCodeAt(i), 0x5bd1e995) ^ (right >>> 11)
  }
  return [left, right]
}

/** Exact Jaccard similarity of two sets of `shingles`; two empty ones have 0 in common. */
export function jaccard(left: Float64Array, right: Float64Array): number {
  let [i, j, both] = [0, 0, 0]
  while (i < left.length && j < right.length) {
    const difference = (left[i] ?? 0) - (right[j] ?? 0)
    if (difference === 0) both += 1
    if (difference <= 0) i += 1
    if (difference >= 0) j += 1
  }
  const all = left.length + right.length - both
  return all === 0 ? 0 : both / all
}

/** The words of a text in Latin letters without marks: what signatures and `shingles` cut alike. */
export function latinWords(text: string): string[] {
  return (
    text
      .normalize('NFD')
      .toLowerCase()
      .match(/[a-z]+/g) ?? []
  )
}
