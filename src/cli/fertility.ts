import type { Tokenizer } from '../native/tokenizer.ts'
import type { TextBatch } from './text-inputs.ts'

/** What texts of one language come to with each tokenizer. */
export interface Fertility {
  documents: number
  bytes: number
  /** Runs of anything but Unicode white space. */
  words: number
  /** A count for each tokenizer. */
  readonly tokens: number[]
}

/** The language of texts whose language is not known. */
export const unknownLanguage = 'und'

/** Counts texts by language; the order of the languages is that of their first text. */
export function fertilityCounter(tokenizers: readonly Tokenizer[]): {
  add(batch: TextBatch): void
  readonly byLanguage: ReadonlyMap<string, Readonly<Fertility>>
} {
  const byLanguage = new Map<string, Fertility>()
  return {
    byLanguage,
    add({ text, rows, language = unknownLanguage }) {
      const counts = byLanguage.get(language) ?? { documents: 0, bytes: 0, words: 0, tokens: tokenizers.map(() => 0) }
      byLanguage.set(language, counts)
      const end = text.offsets[rows] ?? 0
      counts.documents += rows
      counts.bytes += end
      for (let row = 0; row < rows; row += 1) counts.words += countWords(text.values.subarray(text.offsets[row], text.offsets[row + 1]))
      for (const [i, tokenizer] of tokenizers.entries()) counts.tokens[i] = (counts.tokens[i] ?? 0) + tokenizer.encode(text).ids.length
    },
  }
}

export function sumOf(parts: Iterable<Readonly<Fertility>>): Fertility {
  const sum: Fertility = { documents: 0, bytes: 0, words: 0, tokens: [] }
  for (const part of parts) {
    sum.documents += part.documents
    sum.bytes += part.bytes
    sum.words += part.words
    for (const [i, tokens] of part.tokens.entries()) sum.tokens[i] = (sum.tokens[i] ?? 0) + tokens
  }
  return sum
}

/**
 * How unequally a tokenizer treats languages: the Gini coefficient of their tokens per byte, 0 when all pay the same, towards
 * 1 when few pay for all. Languages weigh alike, however much text there is of each.
 */
export function gini(costs: readonly number[]): number {
  const sorted = costs.toSorted((a, b) => a - b)
  const sum = sorted.reduce((total, cost) => total + cost, 0)
  if (sum === 0) return 0
  const weighted = sorted.reduce((total, cost, i) => total + (i + 1) * cost, 0)
  return (2 * weighted) / (sorted.length * sum) - (sorted.length + 1) / sorted.length
}

/** White space as Unicode's White_Space property has it, read from UTF-8 without a string. */
function countWords(bytes: Uint8Array): number {
  let words = 0
  let inside = false
  for (let at = 0; at < bytes.length;) {
    const width = spaceAt(bytes, at)
    if (width > 0) {
      inside = false
      at += width
      continue
    }
    if (!inside) words += 1
    inside = true
    at += 1
  }
  return words
}

/** Bytes of the white space character at `at`, or 0. */
function spaceAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return first === 0x20 || (first >= 0x09 && first <= 0x0d) || (first >= 0x1c && first <= 0x1f) ? 1 : 0
  const second = bytes[at + 1] ?? 0
  if (first === 0xc2) return second === 0x85 || second === 0xa0 ? 2 : 0 // next line, no-break space
  const third = bytes[at + 2] ?? 0
  if (first === 0xe1) return second === 0x9a && third === 0x80 ? 3 : 0 // ogham space
  if (first === 0xe2) {
    const general = second === 0x80 && ((third >= 0x80 && third <= 0x8a) || third === 0xa8 || third === 0xa9 || third === 0xaf)
    return general || (second === 0x81 && third === 0x9f) ? 3 : 0
  }
  return first === 0xe3 && second === 0x80 && third === 0x80 ? 3 : 0 // ideographic space
}
