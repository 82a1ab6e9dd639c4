import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '../storage/store.ts'
import {
  candidateChunkRows,
  candidateRowBytes,
  decodeCandidates,
  encodeCandidates,
  type CandidateChunk,
  type CandidateShape,
} from './candidate-file.ts'
import type { PartRecord } from './staged-part.ts'
import { decidingOrder, ranksOf, type SurvivorOrder } from './survivor-order.ts'

/** What became of candidates: a row each. */
export interface Decisions {
  readonly outcome: Uint8Array
  readonly survivor: Uint8Array
  readonly similarity: Float64Array
}

/** Decides the rows of a chunk. `gone` holds the outcomes of rows that are dropped whatever they are like, 0 for the others. */
export type DecideChunk = (chunk: CandidateChunk, gone: Uint8Array) => Promise<Decisions>

/** A night whose documents are decided in another order than the plan's: all of them are held on disk before the first. */
export interface HeldNight {
  /** Takes the candidates of the next part in plan order; those that `gone` names are no one's survivor. */
  readonly hold: (record: PartRecord, gone: Uint8Array | undefined) => Promise<void>
  /** The decisions of the next rows in plan order; the first call decides the whole night. */
  next(rows: number): Promise<Decisions>
  close(): void
}

/** Outcome, survivor, similarity of a row. */
const decisionBytes = 1 + 16 + 8

/**
 * Candidates lie row by row in a local file, decisions in another; in memory are 12 bytes a document, its rank and its
 * number, and 16 of its address where versions of a page are compared. Equal ranks, and rows without one among themselves,
 * keep the plan's order.
 */
export function holdNight(store: Store, scratch: string, order: SurvivorOrder, shape: CandidateShape, decide: DecideChunk): HeldNight {
  const rowBytes = candidateRowBytes(shape)
  const candidates = openSync(join(scratch, 'held.candidates'), 'w+')
  const decisions = openSync(join(scratch, 'held.decisions'), 'w+')
  let ranks = new Float64Array(candidateChunkRows)
  let keys = new Uint8Array(order.by === 'date' ? candidateChunkRows * 16 : 0)
  const out = new Map<number, number>()
  let held = 0
  let taken = 0
  let decided = false

  /** Rows are chunks of one row: what is written can be read back in any order. */
  function write(chunk: CandidateChunk): void {
    const rows = new Uint8Array(chunk.rows * rowBytes)
    for (let row = 0; row < chunk.rows; row += 1) rows.set(encodeCandidates(oneRow(chunk, row)), row * rowBytes)
    writeSync(candidates, rows, 0, rows.byteLength, held * rowBytes)
  }

  async function decideAll(): Promise<void> {
    const places = decidingOrder(order, ranks.subarray(0, held), new Uint32Array(keys.buffer))
    const bytes = new Uint8Array(rowBytes)
    for (let first = 0; first < held; first += candidateChunkRows) {
      const chunk = places.subarray(first, first + candidateChunkRows)
      const rows = Array.from(chunk, (place) => {
        readSync(candidates, bytes, 0, rowBytes, place * rowBytes)
        return decodeCandidates(bytes.slice(), 1, shape)
      })
      const gone = Uint8Array.from(chunk, (place) => out.get(place) ?? 0)
      const { outcome, survivor, similarity } = await decide(joined(rows, shape), gone)
      chunk.forEach((place, row) => {
        const decision = new Uint8Array(decisionBytes)
        decision[0] = outcome[row] ?? 0
        decision.set(survivor.subarray(row * 16, row * 16 + 16), 1)
        new DataView(decision.buffer).setFloat64(17, similarity[row] ?? NaN, true)
        writeSync(decisions, decision, 0, decisionBytes, place * decisionBytes)
      })
    }
    decided = true
  }

  return {
    async hold(record, gone) {
      const textBytes = new Uint32Array(record.candidates)
      const from = held
      for (let first = 0; first < record.candidates; first += candidateChunkRows) {
        const rows = Math.min(candidateChunkRows, record.candidates - first)
        const bytes = await store.get(record.files.candidates.path, { offset: first * rowBytes, length: rows * rowBytes })
        const chunk = decodeCandidates(bytes, rows, shape)
        write(chunk)
        textBytes.set(chunk.textBytes, first)
        if (order.by === 'date') {
          while ((held + rows) * 16 > keys.length) keys = wider(keys, new Uint8Array(keys.length * 2))
          keys.set(chunk.keys[order.column] ?? new Uint8Array(0), held * 16)
        }
        for (let row = 0; row < rows; row += 1) {
          const outcome = gone?.[first + row] ?? 0
          if (outcome !== 0) out.set(held + row, outcome)
        }
        held += rows
      }
      while (held > ranks.length) ranks = wider(ranks, new Float64Array(ranks.length * 2))
      ranks.set(await ranksOf(store, record, order, textBytes), from)
    },
    async next(rows) {
      if (!decided) await decideAll()
      const bytes = new Uint8Array(rows * decisionBytes)
      readSync(decisions, bytes, 0, bytes.byteLength, taken * decisionBytes)
      taken += rows
      const view = new DataView(bytes.buffer)
      const survivor = new Uint8Array(rows * 16)
      for (let row = 0; row < rows; row += 1) survivor.set(bytes.subarray(row * decisionBytes + 1, row * decisionBytes + 17), row * 16)
      return {
        outcome: Uint8Array.from({ length: rows }, (_, row) => bytes[row * decisionBytes] ?? 0),
        survivor,
        similarity: Float64Array.from({ length: rows }, (_, row) => view.getFloat64(row * decisionBytes + 17, true)),
      }
    },
    close() {
      closeSync(candidates)
      closeSync(decisions)
    },
  }
}

function wider<T extends Uint8Array | Float64Array>(from: T, to: T): T {
  to.set(from)
  return to
}

function oneRow({ ids, languages, textBytes, signatures, keys }: CandidateChunk, row: number): CandidateChunk {
  const width = (array: { readonly length: number }): number => array.length / languages.length
  const part = <T extends Uint8Array | Uint32Array | BigUint64Array>(array: T): T => array.subarray(row * width(array), (row + 1) * width(array)) as T
  return {
    rows: 1,
    ids: part(ids),
    languages: part(languages),
    textBytes: part(textBytes),
    signatures: signatures && {
      bands: part(signatures.bands),
      digest: part(signatures.digest),
      shingles: part(signatures.shingles),
      sketch: part(signatures.sketch),
    },
    keys: keys.map(part),
  }
}

function joined(rows: readonly CandidateChunk[], { signed, keyColumns }: CandidateShape): CandidateChunk {
  const signatures = rows.flatMap((row) => row.signatures ?? [])
  return {
    rows: rows.length,
    ids: concatenated(rows.map(({ ids }) => ids)),
    languages: new Uint32Array(concatenated(rows.map(({ languages }) => languages)).buffer),
    textBytes: new Uint32Array(concatenated(rows.map(({ textBytes }) => textBytes)).buffer),
    signatures: signed
      ? {
          bands: new BigUint64Array(concatenated(signatures.map(({ bands }) => bands)).buffer),
          digest: concatenated(signatures.map(({ digest }) => digest)),
          shingles: new Uint32Array(concatenated(signatures.map(({ shingles }) => shingles)).buffer),
          sketch: concatenated(signatures.map(({ sketch }) => sketch)),
        }
      : undefined,
    keys: Array.from({ length: keyColumns }, (_, i) => concatenated(rows.map(({ keys }) => keys[i] ?? new Uint8Array(16)))),
  }
}

function concatenated(arrays: readonly (Uint8Array | Uint32Array | BigUint64Array)[]): Uint8Array {
  const bytes = new Uint8Array(arrays.reduce((sum, array) => sum + array.byteLength, 0))
  let at = 0
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at)
    at += array.byteLength
  }
  return bytes
}
