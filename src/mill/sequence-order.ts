import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { outcomes, type SequenceDecisions, type SequenceIndex } from '../native/sequence-index.ts'
import type { Store } from '../storage/store.ts'
import { candidateChunkRows, candidateRowBytes, decodeCandidates, encodeCandidates, type CandidateChunk } from './candidate-file.ts'
import type { TaskPipeline } from './portable-pipeline.ts'
import type { PartRecord } from './staged-part.ts'
import { readChunk } from './staging-file.ts'

/** What decides who survives among documents of one night: the longer text, or the higher value of a measure. */
export type SurvivorOrder = { readonly by: 'length' } | { readonly by: 'measure'; readonly measure: string }

interface NearDuplicates {
  readonly keep: 'first' | 'longest' | 'best'
  readonly 'best-by': string
}

/** What the pipeline asks for; undefined where the first in input order survives. */
export function survivorOrder(pipeline: TaskPipeline): SurvivorOrder | undefined {
  const near = pipeline.stages.find(({ component }) => component.name === 'near-duplicates')?.config as NearDuplicates | undefined
  if (near === undefined || near.keep === 'first') return undefined
  return near.keep === 'longest' ? { by: 'length' } : { by: 'measure', measure: near['best-by'] }
}

/** A night whose documents are decided in another order than the plan's: all of them are held on disk before the first. */
export interface HeldNight {
  /** Takes the candidates of the next part in plan order; those that `gone` names are no one's survivor. */
  readonly hold: (record: PartRecord, gone: Uint8Array | undefined) => Promise<void>
  /** The decisions of the next rows in plan order; the first call decides the whole night. */
  next(index: SequenceIndex, rows: number): SequenceDecisions
  close(): void
}

/** No stage that compares keys goes with an order of one's own: `survivor-measure.ts` refuses it. */
const shape = { signed: true, keyColumns: 0 } as const

/** Outcome, survivor, similarity of a row. */
const decisionBytes = 1 + 16 + 8

/**
 * Candidates lie row by row in a local file, decisions in another; in memory are 12 bytes a document, its rank and its
 * number. Equal ranks, and rows without the measure among themselves, keep the plan's order.
 */
export function holdNight(store: Store, scratch: string, order: SurvivorOrder): HeldNight {
  const rowBytes = candidateRowBytes(shape)
  const candidates = openSync(join(scratch, 'held.candidates'), 'w+')
  const decisions = openSync(join(scratch, 'held.decisions'), 'w+')
  let ranks = new Float64Array(candidateChunkRows)
  const out = new Set<number>()
  let held = 0
  let taken = 0
  let decided = false

  /** Rows are chunks of one row: what is written can be read back in any order. */
  function write(chunk: CandidateChunk): void {
    const rows = new Uint8Array(chunk.rows * rowBytes)
    for (let row = 0; row < chunk.rows; row += 1) rows.set(encodeCandidates(oneRow(chunk, row)), row * rowBytes)
    writeSync(candidates, rows, 0, rows.byteLength, held * rowBytes)
  }

  function decideAll(index: SequenceIndex): void {
    const places = Uint32Array.from({ length: held }, (_, i) => i)
    places.sort((a, b) => (ranks[b] ?? 0) - (ranks[a] ?? 0) || a - b)
    const bytes = new Uint8Array(rowBytes)
    for (let first = 0; first < held; first += candidateChunkRows) {
      const chunk = places.subarray(first, first + candidateChunkRows)
      const rows = Array.from(chunk, (place) => {
        readSync(candidates, bytes, 0, rowBytes, place * rowBytes)
        return decodeCandidates(bytes.slice(), 1, shape)
      })
      const { ids, signatures } = joined(rows)
      const { outcome, survivor, similarity } = index.decide({
        ids,
        candidates: Uint8Array.from(chunk, (place) => (out.has(place) ? 0 : 1)),
        signatures,
      })
      chunk.forEach((place, row) => {
        const decision = new Uint8Array(decisionBytes)
        decision[0] = outcome[row] ?? outcomes.kept
        decision.set(survivor.subarray(row * 16, row * 16 + 16), 1)
        new DataView(decision.buffer).setFloat64(17, similarity[row] ?? NaN, true)
        writeSync(decisions, decision, 0, decisionBytes, place * decisionBytes)
      })
    }
    decided = true
  }

  return {
    async hold(record, gone) {
      const measured = order.by === 'measure' ? await measuredRows(store, record, order.measure) : undefined
      const width = candidateRowBytes(record)
      for (let first = 0; first < record.candidates; first += candidateChunkRows) {
        const rows = Math.min(candidateChunkRows, record.candidates - first)
        const bytes = await store.get(record.files.candidates.path, { offset: first * width, length: rows * width })
        const chunk = decodeCandidates(bytes, rows, record)
        write(chunk)
        if (held + rows > ranks.length) {
          const wider = new Float64Array(ranks.length * 2)
          wider.set(ranks)
          ranks = wider
        }
        for (let row = 0; row < rows; row += 1) {
          const rank = measured === undefined ? (chunk.textBytes[row] ?? 0) : (measured[first + row] ?? NaN)
          // Not minus infinity: the difference of two of them would be no order.
          if ((gone?.[first + row] ?? 0) !== 0) out.add(held + row)
          ranks[held + row] = Number.isNaN(rank) ? -Number.MAX_VALUE : rank
        }
        held += rows
      }
    },
    next(index, rows) {
      if (!decided) decideAll(index)
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

/** The measure of every candidate of a part, in order: candidates are the staged rows that no rule dropped. */
async function measuredRows(store: Store, record: PartRecord, measure: string): Promise<Float64Array> {
  const values = new Float64Array(record.candidates)
  let filled = 0
  for (const place of record.files.rows.chunks) {
    const { rows, numbers } = await readChunk(store, record.files.rows.path, place)
    for (let row = 0; row < rows; row += 1) if ((numbers['verdict']?.[row] ?? -1) < 0) values[filled++] = numbers[measure]?.[row] ?? NaN
  }
  return values
}

function oneRow({ ids, languages, textBytes, signatures }: CandidateChunk, row: number): CandidateChunk {
  if (signatures === undefined) throw new RangeError('holding a night: its candidates carry no signatures')
  const { bands, digest, shingles, sketch } = signatures
  const width = (array: { readonly length: number }): number => array.length / languages.length
  const part = <T extends Uint8Array | Uint32Array | BigUint64Array>(array: T): T => array.subarray(row * width(array), (row + 1) * width(array)) as T
  return {
    rows: 1,
    ids: part(ids),
    languages: part(languages),
    textBytes: part(textBytes),
    signatures: { bands: part(bands), digest: part(digest), shingles: part(shingles), sketch: part(sketch) },
    keys: [],
  }
}

function joined(rows: readonly CandidateChunk[]): Pick<CandidateChunk, 'ids'> & { readonly signatures: NonNullable<CandidateChunk['signatures']> } {
  const signatures = rows.flatMap((row) => row.signatures ?? [])
  return {
    ids: concatenated(rows.map(({ ids }) => ids)),
    signatures: {
      bands: new BigUint64Array(concatenated(signatures.map(({ bands }) => bands)).buffer),
      digest: concatenated(signatures.map(({ digest }) => digest)),
      shingles: new Uint32Array(concatenated(signatures.map(({ shingles }) => shingles)).buffer),
      sketch: concatenated(signatures.map(({ sketch }) => sketch)),
    },
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
