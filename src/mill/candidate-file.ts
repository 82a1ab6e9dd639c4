import { bandsPerRow, sketchBytes, type Signatures } from '../native/minhash.ts'

/** What the sequence phase needs of a chunk of documents that survived prepare, in input order. */
export interface CandidateChunk {
  readonly rows: number
  readonly ids: Uint8Array
  /** Index into the part's `languages`. */
  readonly languages: Uint32Array
  readonly textBytes: Uint32Array
  /** Absent when the pipeline has no duplicate stage. */
  readonly signatures: Signatures | undefined
}

export const candidateChunkRows = 4096

/** Bytes a row takes: bands, id, digest, language, text bytes, shingles, sketch. */
export function candidateRowBytes(signed: boolean): number {
  return 16 + 4 + 4 + (signed ? bandsPerRow * 8 + 16 + 4 + sketchBytes : 0)
}

/**
 * Column after column, widest first so that every array is aligned when the chunk starts at a multiple of 8. Chunks
 * hold `candidateChunkRows` rows but for the last, so chunk i starts at a place known without an index.
 */
export function encodeCandidates(chunk: CandidateChunk): Uint8Array {
  const { rows, signatures } = chunk
  const bytes = new Uint8Array(rows * candidateRowBytes(signatures !== undefined))
  let at = 0
  const put = (array: BigUint64Array | Uint32Array | Uint8Array): void => {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at)
    at += array.byteLength
  }
  if (signatures !== undefined) put(signatures.bands)
  put(chunk.ids)
  if (signatures !== undefined) put(signatures.digest)
  put(chunk.languages)
  put(chunk.textBytes)
  if (signatures !== undefined) {
    put(signatures.shingles)
    put(signatures.sketch)
  }
  return bytes
}

export function decodeCandidates(bytes: Uint8Array, rows: number, signed: boolean): CandidateChunk {
  if (bytes.byteLength !== rows * candidateRowBytes(signed))
    throw new RangeError(`${rows} candidates take ${rows * candidateRowBytes(signed)} bytes, not ${bytes.byteLength}`)
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
  const languages = new Uint32Array(buffer, take(4), rows)
  const textBytes = new Uint32Array(buffer, take(4), rows)
  const shingles = signed ? new Uint32Array(buffer, take(4), rows) : undefined
  const sketch = signed ? new Uint8Array(buffer, take(sketchBytes), rows * sketchBytes) : undefined
  const signatures =
    bands === undefined || digest === undefined || shingles === undefined || sketch === undefined ? undefined : { bands, digest, shingles, sketch }
  return { rows, ids, languages, textBytes, signatures }
}
