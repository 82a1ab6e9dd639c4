import { bandsPerRow, sketchBytes, type Signatures } from '../native/minhash.ts'
import type { ObjectFacts, Store } from '../storage/store.ts'
import { candidateChunkRows, encodeCandidates } from './candidate-file.ts'

export interface CandidateWriter {
  add(
    id: Uint8Array,
    language: number,
    textBytes: number,
    signatures: Signatures | undefined,
    keys: readonly Uint8Array[],
    row: number,
  ): Promise<void>
  close(key: string): Promise<ObjectFacts>
  abort(): Promise<void>
}

const firstRows = 64

function emptySignatures(rows: number): Signatures {
  return {
    bands: new BigUint64Array(rows * bandsPerRow),
    digest: new Uint8Array(rows * 16),
    shingles: new Uint32Array(rows),
    sketch: new Uint8Array(rows * sketchBytes),
  }
}

function wider<T extends Uint8Array | Uint32Array | BigUint64Array>(from: T, to: T): T {
  to.set(from as never)
  return to
}

/** Gathers candidates row by row into chunks of a fixed number of rows, whatever batches they came in. */
export async function createCandidates(store: Store, keyColumns: number): Promise<CandidateWriter> {
  const writer = await store.create()
  // Small parts are many: the columns start small and double up to a chunk.
  let rows = firstRows
  let ids = new Uint8Array(rows * 16)
  let languages = new Uint32Array(rows)
  let bytes = new Uint32Array(rows)
  let allKeys = Array.from({ length: keyColumns }, () => new Uint8Array(rows * 16))
  let all = emptySignatures(rows)
  let signed = false
  let filled = 0

  function widen(): void {
    rows *= 2
    ids = wider(ids, new Uint8Array(rows * 16))
    languages = wider(languages, new Uint32Array(rows))
    bytes = wider(bytes, new Uint32Array(rows))
    allKeys = allKeys.map((column) => wider(column, new Uint8Array(rows * 16)))
    const more = emptySignatures(rows)
    all = {
      bands: wider(all.bands, more.bands),
      digest: wider(all.digest, more.digest),
      shingles: wider(all.shingles, more.shingles),
      sketch: wider(all.sketch, more.sketch),
    }
  }

  async function flush(): Promise<void> {
    if (filled === 0) return
    const n = filled
    filled = 0
    const signatures = signed
      ? {
          bands: all.bands.subarray(0, n * bandsPerRow),
          digest: all.digest.subarray(0, n * 16),
          shingles: all.shingles.subarray(0, n),
          sketch: all.sketch.subarray(0, n * sketchBytes),
        }
      : undefined
    await writer.write(
      encodeCandidates({
        rows: n,
        ids: ids.subarray(0, n * 16),
        languages: languages.subarray(0, n),
        textBytes: bytes.subarray(0, n),
        signatures,
        keys: allKeys.map((column) => column.subarray(0, n * 16)),
      }),
    )
  }

  return {
    async add(id, language, textBytes, signatures, keys, row) {
      if (filled === rows) widen()
      ids.set(id, filled * 16)
      languages[filled] = language
      bytes[filled] = textBytes
      if (signatures !== undefined) {
        signed = true
        all.bands.set(signatures.bands.subarray(row * bandsPerRow, (row + 1) * bandsPerRow), filled * bandsPerRow)
        all.digest.set(signatures.digest.subarray(row * 16, row * 16 + 16), filled * 16)
        all.shingles[filled] = signatures.shingles[row] ?? 0
        all.sketch.set(signatures.sketch.subarray(row * sketchBytes, (row + 1) * sketchBytes), filled * sketchBytes)
      }
      keys.forEach((column, i) => allKeys[i]?.set(column.subarray(row * 16, row * 16 + 16), filled * 16))
      filled += 1
      if (filled === candidateChunkRows) await flush()
    },
    async close(key) {
      await flush()
      return writer.close(key)
    },
    abort: () => writer.abort(),
  }
}
