import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { textColumn } from '../../src/core/batch.ts'
import { sign, type OwnBands } from '../../src/native/minhash.ts'
import { defaultMemoryBytes, SequenceIndex } from '../../src/native/sequence-index.ts'
import type { Suite } from './suites.ts'
import { jaccard, shingles } from './truth.ts'

export interface Settings {
  readonly limit: number
  readonly bucketMembers: number
  readonly bands: OwnBands
}

export interface Judged {
  readonly documents: number
  readonly kept: number
  /** Exact similarity of every removed document to the survivor that was named. */
  readonly removed: readonly number[]
  readonly estimates: readonly number[]
  /** Of documents looked at, those that have 0.85 or more in common with a kept earlier one, and how many of them were removed. */
  readonly alike: number
  readonly found: number
}

/** Signs and decides a suite as a night does, then holds every removal, and `looked` documents, against exact similarity. */
export function judged({ documents }: Suite, { limit, bucketMembers, bands }: Settings, looked: number): Judged {
  const scratch = mkdtempSync(join(tmpdir(), 'quern-duplicates-'))
  const index = new SequenceIndex({ similarity: limit, exact: false, bucketMembers, memoryBytes: defaultMemoryBytes, scratch, keepAll: false })
  try {
    const truth = documents.map((words) => shingles(words, bands))
    const removed: number[] = []
    const estimates: number[] = []
    const kept: number[] = []
    const found = new Set<number>()
    const step = 1000
    for (let first = 0; first < documents.length; first += step) {
      const texts = documents.slice(first, first + step).map((words) => words.join(' '))
      const ids = new Uint8Array(texts.length * 16)
      texts.forEach((_, i) => new DataView(ids.buffer).setUint32(i * 16, first + i))
      const signatures = sign(textColumn(texts), bands)
      const { outcome, survivor, similarity } = index.decide({ ids, candidates: new Uint8Array(texts.length).fill(1), signatures })
      const survivors = new DataView(survivor.buffer, survivor.byteOffset, survivor.byteLength)
      for (let i = 0; i < texts.length; i += 1) {
        if (outcome[i] === 0) kept.push(first + i)
        else {
          found.add(first + i)
          removed.push(jaccard(at(truth, first + i), at(truth, survivors.getUint32(i * 16))))
          estimates.push(similarity[i] ?? NaN)
        }
      }
    }
    let [alike, hits] = [0, 0]
    const every = Math.max(1, Math.floor(documents.length / looked))
    for (let row = every - 1; row < documents.length; row += every) {
      const own = at(truth, row)
      if (!kept.some((other) => other < row && likely(own, at(truth, other)) && jaccard(own, at(truth, other)) >= 0.85)) continue
      alike += 1
      if (found.has(row)) hits += 1
    }
    return { documents: documents.length, kept: kept.length, removed, estimates, alike, found: hits }
  } finally {
    index.close()
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Sets of sizes too different cannot be alike: saves most of the comparisons. */
function likely(left: Float64Array, right: Float64Array): boolean {
  return Math.min(left.length, right.length) >= 0.85 * Math.max(left.length, right.length)
}

function at(truth: readonly Float64Array[], row: number): Float64Array {
  return truth[row] ?? new Float64Array()
}

/** The share of `values` at `least` or more; 1 when there are none. */
export function share(values: readonly number[], least: number): number {
  return values.length === 0 ? 1 : values.filter((value) => value >= least).length / values.length
}
