import { bandsPerRow, sketchBytes, type Signatures } from '../native/minhash.ts'

/** What the sequence phase needs of a chunk of documents that survived prepare, in input order. */
export interface CandidateChunk {
  readonly rows: number
  readonly ids: Uint8Array
  /** Index into the part's `languages`. */
  readonly languages: Uint32Array
  readonly textBytes: Uint32Array
  /** Absent when no stage of the pipeline compares them. */
  readonly signatures: Signatures | undefined
  /** For each column that is compared as a whole, 16 bytes a row. */
  readonly keys: readonly Uint8Array[]
}

/** What rows hold besides their ids, languages and sizes. */
export interface CandidateShape {
  readonly signed: boolean
  readonly keyColumns: number
}

export const candidateChunkRows = 4096

/** Bytes a row takes: bands, id, digest, keys, language, text bytes, shingles, sketch. */
export function candidateRowBytes({ signed, keyColumns }: CandidateShape): number {
  return 16 + 4 + 4 + keyColumns * 16 + (signed ? bandsPerRow * 8 + 16 + 4 + sketchBytes : 0)
}

/**
 * Column after column, widest first so that every array is aligned when the chunk starts at a multiple of 8. Chunks
 * hold `candidateChunkRows` rows but for the last, so chunk i starts at a place known without an index.
 */
export function encodeCandidates(chunk: CandidateChunk): Uint8Array {
  const { rows, signatures, keys } = chunk
  const bytes = new Uint8Array(rows * candidateRowBytes({ signed: signatures !== undefined, keyColumns: keys.length }))
  let at = 0
  const put = (array: BigUint64Array | Uint32Array | Uint8Array): void => {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at)
    at += array.byteLength
  }
  if (signatures !== undefined) put(signatures.bands)
  put(chunk.ids)
  if (signatures !== undefined) put(signatures.digest)
  for (const column of keys) put(column)
  put(chunk.languages)
  put(chunk.textBytes)
  if (signatures !== undefined) {
    put(signatures.shingles)
    put(signatures.sketch)
  }
  return bytes
}

export function decodeCandidates(bytes: Uint8Array, rows: number, shape: CandidateShape): CandidateChunk {
  const { signed } = shape
  if (bytes.byteLength !== rows * candidateRowBytes(shape))
    throw new RangeError(`${rows} candidates take ${rows * candidateRowBytes(shape)} bytes, not ${bytes.byteLength}`)
  const { buffer } = bytes
  let at = bytes.byteOffset
  const take = (width: number): number => {
    const start = at
    at += rows * width
    return start
  }
  const bands = signed ? new BigUint64Array(buffer, take(bandsPerRow * 8), rows * bandsPerRow) : undefined
  const ids = new Uint8Array(buffer, take(16), rows * 16)
  const digest = signed ? new Uint8Array(buffer, take(16), rows * 16) : undefined
  const keys = Array.from({ length: shape.keyColumns }, () => new Uint8Array(buffer, take(16), rows * 16))
  const languages = new Uint32Array(buffer, take(4), rows)
  const textBytes = new Uint32Array(buffer, take(4), rows)
  const shingles = signed ? new Uint32Array(buffer, take(4), rows) : undefined
  const sketch = signed ? new Uint8Array(buffer, take(sketchBytes), rows * sketchBytes) : undefined
  const signatures =
    bands === undefined || digest === undefined || shingles === undefined || sketch === undefined ? undefined : { bands, digest, shingles, sketch }
  return { rows, ids, languages, textBytes, signatures, keys }
}
