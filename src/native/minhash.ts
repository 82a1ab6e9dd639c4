import { createHash } from 'node:crypto'
import type { LabelColumn, TextColumn } from '../core/batch.ts'
import { canonicalJson } from '../core/canonical-json.ts'
import { undetermined } from '../core/document.ts'
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
  /** Shingles of each row, repeated ones counted each time. 0: fewer words, or characters, than a shingle has, so never a near-duplicate. */
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

/** Quern's own signatures. */
export interface OwnBands {
  /** What a shingle is a run of: words, or Unicode scalar values of the same normalised text (native/src/kernels/minhash/reading.rs). */
  readonly unit: 'words' | 'characters'
  /** 1 to 16 words, 1 to 64 characters. */
  readonly size: number
  /** `language`: documents of two languages have no band key in common, so that they are never compared. */
  readonly within: 'dataset' | 'language'
}

/** Which band keys, and a sketch of which shingles. */
export type BandDefinition = OwnBands | DatatroveBands

/** What signatures are made of unless told. */
export const fiveWords: OwnBands = { unit: 'words', size: 5, within: 'dataset' }

/** What tells a definition from five words across all languages, which has number 0. */
function definition(bands: BandDefinition): Readonly<Record<string, string | number>> {
  const { datatrove, characters } = binding.minhashVersions()
  if ('hash' in bands) return { datatrove, language: bands.language, hash: bands.hash }
  const { unit, size, within } = bands
  if (unit === fiveWords.unit && size === fiveWords.size && within === fiveWords.within) return {}
  return { shingles: unit, size, within, ...(unit === 'characters' && { characters }) }
}

/** Raised when the same text gets other band keys or another sketch, and what else decides them: part of every key that depends on signatures. */
export function signatureVersions(bands: BandDefinition = fiveWords): Readonly<Record<string, string | number>> {
  const { bands: own, sketch } = binding.minhashVersions()
  return { ...('hash' in bands ? {} : { bands: own }), sketch, ...definition(bands) }
}

/** Number of the definition, by which the index knows runs of another one: 0 for five words across all languages, else 24 bits. */
export function bandKind(bands: BandDefinition): number {
  const rules = definition(bands)
  if (Object.keys(rules).length === 0) return 0
  return Math.max(1, createHash('sha256').update(canonicalJson(rules)).digest().readUIntBE(0, 3))
}

/**
 * Signs every row, case, marks, punctuation and the digits of numbers not counting. `languages` are asked for `within: language`
 * only; rows without one are of the language `und`, as they are in shards. With datatrove's bands the shingles are its own (of five
 * words), the keys equal where its buckets are, the sketch of the same shingles.
 */
export function sign(text: TextColumn, bands: BandDefinition = fiveWords, languages?: LabelColumn): Signatures {
  checkEnd(text)
  return kernel('signing texts', () => {
    if ('hash' in bands) return binding.minhashSignDatatrove(text.values, text.offsets, bands.language, bands.hash)
    const salts = bands.within === 'language' ? languageSalts(text.offsets.length - 1, languages) : new BigUint64Array(0)
    return binding.minhashSign(text.values, text.offsets, bands.unit === 'characters', bands.size, salts)
  })
}

/** 64 bits of the name of every row's language; a batch has few of them. */
function languageSalts(rows: number, languages: LabelColumn | undefined): BigUint64Array {
  const known = new Map<number, bigint>()
  const salts = new BigUint64Array(rows)
  for (let row = 0; row < rows; row += 1) {
    const label = languages?.indices[row] ?? -1
    let salt = known.get(label)
    if (salt === undefined) {
      const name = languages?.labels[label] ?? undetermined
      salt = createHash('sha256').update(name).digest().readBigUInt64BE(0)
      known.set(label, salt)
    }
    salts[row] = salt
  }
  return salts
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
