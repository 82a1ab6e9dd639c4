import { createHash } from 'node:crypto'
import type { TextColumn } from '../core/batch.ts'
import { canonicalJson } from '../core/canonical-json.ts'
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

/** `MinhashDedupSignature` of datatrove 0.10 with the default `MinhashConfig`: what may be chosen there. */
export interface DatatroveBands {
  /** ISO 639-1 code: whose rules part the words of all texts. */
  readonly language: string
  readonly hash: 'xxhash-64' | 'xxhash-32' | 'sha1-64' | 'sha1-32'
}

/** Which band keys: Quern's own, or those that are equal where datatrove's buckets are. */
export type BandDefinition = DatatroveBands | undefined

/** Raised when the same text gets other band keys or another sketch, and what else decides them: part of every key that depends on signatures. */
export function signatureVersions(bands?: BandDefinition): Readonly<Record<string, string | number>> {
  const { datatrove, ...own } = binding.minhashVersions()
  return bands === undefined ? own : { datatrove, sketch: own.sketch, language: bands.language, hash: bands.hash }
}

/** Number of the definition, by which the index knows runs of another one: 0 for our own, else 24 bits. */
export function bandKind(bands: BandDefinition): number {
  if (bands === undefined) return 0
  const { datatrove } = binding.minhashVersions()
  const rules = canonicalJson({ datatrove, language: bands.language, hash: bands.hash })
  return Math.max(1, createHash('sha256').update(rules).digest().readUIntBE(0, 3))
}

/**
 * Signs every row; shingles are runs of `ngram` words (1 to 16), case, marks, punctuation and the digits of numbers not counting.
 * With `bands` the shingles are datatrove's (of five words), the keys equal where its buckets are, the sketch of the same shingles.
 */
export function sign(text: TextColumn, { ngram, bands }: { readonly ngram: number; readonly bands?: BandDefinition }): Signatures {
  checkEnd(text)
  return kernel('signing texts', () =>
    bands === undefined
      ? binding.minhashSign(text.values, text.offsets, ngram)
      : binding.minhashSignDatatrove(text.values, text.offsets, bands.language, bands.hash),
  )
}

/**
 * The values that datatrove 0.10 writes into its signature files, to compare both: rows x 112, 14 buckets of 8 behind one
 * another; zeros for a row without `shingles`, for which it writes nothing.
 */
export function datatroveMinima(text: TextColumn, bands: DatatroveBands): { readonly values: BigUint64Array; readonly shingles: Uint32Array } {
  checkEnd(text)
  return kernel('signing texts', () => binding.minhashDatatroveMinima(text.values, text.offsets, bands.language, bands.hash))
}

function checkEnd(text: TextColumn): void {
  const end = text.offsets.at(-1) ?? 0
  if (end > text.values.byteLength)
    throw new QuernError('native-failed', `signing texts: the offsets end at ${end}, the column has ${text.values.byteLength} bytes`)
}

/** Estimated Jaccard similarity of two texts from their sketches. */
export function similarity(left: Uint8Array, right: Uint8Array): number {
  return kernel('comparing sketches', () => binding.minhashSimilarity(left, right))
}
