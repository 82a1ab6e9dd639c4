import type { TextColumn } from '../core/batch.ts'
import { QuernError } from '../core/errors.ts'
import { binding } from './binding.ts'
import { kernel } from './kernel.ts'

/** Band keys of one row: 14 bands of 8 minima, each folded into 64 bits. */
export const bandsPerRow = 14
/** Bytes of one row's sketch: 2,048 values of 2 bits. The standard error of the similarity estimated from two is 0.012 at 0.75. */
export const sketchBytes = 512

/** What the sequence phase needs to know of a row's text, without the text: 644 bytes. Rows stand one behind the other. */
export interface Signatures {
  /** rows x 14 keys; zeros for a row without shingles. */
  readonly bands: BigUint64Array
  /** rows x 512 bytes; zeros for a row without shingles. */
  readonly sketch: Uint8Array
  /** Shingles of each row, repeated ones counted each time. 0: fewer words than a shingle has, so never a near-duplicate. */
  readonly shingles: Uint32Array
  /** rows x 16 bytes: XXH3-128 of the text's bytes, in the canonical (big-endian) order. */
  readonly digest: Uint8Array
}

/** Raised when the same text gets other band keys or another sketch: part of every key that depends on signatures. */
export function signatureVersions(): { readonly bands: number; readonly sketch: number } {
  return binding.minhashVersions()
}

/** Signs every row; shingles are runs of `ngram` words (1 to 16), case, marks, punctuation and the digits of numbers not counting. */
export function sign(text: TextColumn, options: { readonly ngram: number }): Signatures {
  const end = text.offsets.at(-1) ?? 0
  if (end > text.values.byteLength)
    throw new QuernError('native-failed', `signing texts: the offsets end at ${end}, the column has ${text.values.byteLength} bytes`)
  try {
    return binding.minhashSign(text.values, text.offsets, options.ngram)
  } catch (cause) {
    throw new QuernError('native-failed', `signing texts: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** Estimated Jaccard similarity of two texts from their sketches. */
export function similarity(left: Uint8Array, right: Uint8Array): number {
  return kernel('comparing sketches', () => binding.minhashSimilarity(left, right))
}
