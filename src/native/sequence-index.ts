import { binding } from './binding.ts'
import { checkingRuns } from './index-error.ts'
import type { Signatures } from './minhash.ts'

/** Memory for a night's kept documents where no stage sets it: about 310,000 of them a run. */
export const defaultMemoryBytes = 256 * 1024 * 1024

export interface SequenceOptions {
  /** Least estimated Jaccard similarity of a near-duplicate, over 0 and at most 1; null: no near-duplicate stage. */
  readonly similarity: number | null
  readonly exact: boolean
  /** How many kept documents of one bucket are compared, the earliest first; later ones are not indexed under its key. */
  readonly bucketMembers: number
  /** Which definition the bands follow (`bandKind` of minhash.ts); 0 unless given. A run of another one is `pipeline-changed`. */
  readonly bandKind?: number
  /** What tonight's documents may hold before they become a run. Decides where runs are cut, never what is decided. */
  readonly memoryBytes: number
  /** Folder for tonight's runs; made when missing, files of an interrupted night are overwritten. */
  readonly scratch: string
  /** Every candidate is kept, as one that was kept before: writes the runs again that a night once wrote. */
  readonly keepAll: boolean
}

export interface SequenceRows {
  /** rows x 16 bytes: document ids. */
  readonly ids: Uint8Array
  /** 1: still alive; 0: dropped before, neither looked up nor indexed. */
  readonly candidates: Uint8Array
  readonly signatures: Signatures
}

export const outcomes = { kept: 0, exactDuplicate: 1, nearDuplicate: 2 } as const

export interface SequenceDecisions {
  /** One of `outcomes` a row; `kept` also for a row that was no candidate. */
  readonly outcome: Uint8Array
  /** rows x 16 bytes: the id of the kept document that a dropped row repeats, zeros for others. The most similar, of several the earliest. */
  readonly survivor: Uint8Array
  /** Of a dropped row to its survivor (1 when exact); of a kept row the highest that was found; NaN when it was compared with none. */
  readonly similarity: Float64Array
}

/** An immutable file of kept documents; its form is in native/src/kernels/sequence_index/format.rs. */
export interface IndexRun {
  readonly path: string
  readonly bytes: number
  readonly documents: number
}

/** The most documents that one run may hold; its entries are counted in 32 bits. */
export const mostRunDocuments = 2 ** 28

const checked = checkingRuns({
  damaged: 'Make the damaged run again from the kept texts: quern rebuild-index, with the dataset.',
  'other-rules': 'Use --rebuild: the documents of earlier nights are then signed and decided again.',
})

/**
 * Decides duplicates in document order against all kept documents, earlier nights' (runs) and tonight's. The same documents
 * give the same decisions however they are split into nights, runs and batches.
 */
export class SequenceIndex {
  readonly #native: InstanceType<typeof binding.NativeSequenceIndex>

  constructor(options: SequenceOptions) {
    const { similarity, exact, bucketMembers, bandKind = 0, memoryBytes, scratch, keepAll } = options
    this.#native = checked(() => new binding.NativeSequenceIndex({ similarity, exact, bucketMembers, bandKind, memoryBytes, scratch, keepAll }))
  }

  /** Adds an earlier night's run: oldest first, all before the first row. `pipeline-changed` if it was made by other signatures or stages. */
  addRun(path: string): void {
    checked(() => this.#native.addRun(path))
  }

  /** Documents of the runs, 16 bytes each, that nobody is compared with from now on; before the first row. */
  erase(ids: Uint8Array): void {
    checked(() => this.#native.erase(ids))
  }

  /** Decides the next rows in order. */
  decide(rows: SequenceRows): SequenceDecisions {
    const { bands, sketch, shingles, digest } = rows.signatures
    return checked(() => this.#native.decide(rows.ids, rows.candidates, bands, sketch, shingles, digest))
  }

  /** Writes what is in memory and returns tonight's runs in order; none if no row was kept. No rows may follow. */
  finish(): { readonly runs: readonly IndexRun[] } {
    return { runs: checked(() => this.#native.finish()) }
  }

  /** Frees memory and mappings; the files of tonight's runs stay. */
  close(): void {
    this.#native.close()
  }
}

/**
 * Writes runs that follow each other, oldest first, as one: byte for byte the run that one table with all their documents
 * would have given. Memory: a few megabytes beside the mapped files.
 */
export function mergeRuns(inputs: readonly string[], output: string): IndexRun {
  return checked(() => binding.mergeSequenceRuns([...inputs], output))
}
