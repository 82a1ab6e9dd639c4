import { binding } from './binding.ts'
import { checkingRuns } from './index-error.ts'

export interface KeyIndexOptions {
  /** Bytes of a key: 8 or 16. A key of zeros is none. */
  readonly width: number
  /** All that decides the keys; runs made under other rules are refused. */
  readonly rules: string
  /** How many kept documents may hold a key before it counts as repeated, 1 to 255. */
  readonly repeats: number
  /** What tonight's keys may hold before they become a run. Decides where runs are cut, never what is decided. */
  readonly memoryBytes: number
  /** Folder for tonight's runs; made when missing. */
  readonly scratch: string
}

export interface CutRules {
  /** Code points that a text which loses something must keep, and the largest share of them that it may lose. */
  readonly minLeft: number
  readonly maxShare: number
  /** Units are divided by line breaks. */
  readonly breaks: boolean
}

export const cutOutcomes = { whole: 0, tooLittleLeft: 1, mostlyRepeated: 2 } as const

/** A value for every row asked about. */
export interface Cuts {
  /** One of `cutOutcomes`. */
  readonly outcome: Uint8Array
  /** Code points left, or the share repeated: what the outcome's rule measures. NaN where nothing is repeated. */
  readonly measured: Float64Array
  readonly bytes: Uint32Array
  /** rows x 16 bytes: the kept document that holds most of what is cut. */
  readonly source: Uint8Array
  /** Where the ranges of each row begin, in pairs; rows + 1 entries. */
  readonly offsets: Uint32Array
  /** Pairs of bytes [from, to), ascending. */
  readonly ranges: Uint32Array
}

interface KeyRun {
  readonly path: string
  readonly bytes: number
  readonly documents: number
}

const checked = checkingRuns({
  damaged: 'Run quern verify on the dataset; restore the run, or rebuild with --rebuild.',
  'other-rules': 'Use --rebuild: the documents of earlier nights are then compared under the new settings.',
})

/** Which kept document holds a key first, and how many hold it. Rows are loaded, judged a stretch at a time, and the kept ones entered. */
export class KeyIndex {
  readonly #native: InstanceType<typeof binding.NativeKeyIndex>

  constructor(options: KeyIndexOptions) {
    this.#native = checked(() => new binding.NativeKeyIndex({ ...options }))
  }

  /** Adds an earlier night's run: oldest first, all before the first row. */
  addRun(path: string): void {
    checked(() => this.#native.addRun(path))
  }

  /** Documents of the runs, 16 bytes each, that hold no key any more. */
  erase(ids: Uint8Array): void {
    checked(() => this.#native.erase(ids))
  }

  /** Takes the next rows; `offsets` says where each row's keys begin. */
  load(ids: Uint8Array, offsets: Uint32Array, keys: Uint8Array): void {
    checked(() => this.#native.load(ids, offsets, keys))
  }

  /** The first row behind `from` that cannot be judged before it is known what becomes of the rows since. */
  stretch(from: number): number {
    return checked(() => this.#native.stretch(from))
  }

  /** For rows of one key each: 16 bytes a row, the kept document that holds it, or zeros. */
  holders(from: number, to: number): Uint8Array {
    return checked(() => this.#native.holders(from, to))
  }

  /** What is to be cut from rows whose keys are those of units. */
  cut(from: number, to: number, units: { readonly ranges: Uint32Array; readonly sizes: Uint32Array }, rules: CutRules): Cuts {
    return checked(() => this.#native.cut(from, to, units.ranges, units.sizes, { ...rules }))
  }

  /** Enters the keys of the rows from `from` on whose value is 1. */
  keep(from: number, kept: Uint8Array): void {
    checked(() => this.#native.keep(from, kept))
  }

  /** How many documents hold a key in the run that is not written yet. */
  held(): number {
    return checked(() => this.#native.held())
  }

  /** Writes what is in memory and returns tonight's runs in order. Rows that come after it must be loaded. */
  finish(): readonly KeyRun[] {
    return checked(() => this.#native.finish())
  }

  close(): void {
    this.#native.close()
  }
}

/**
 * Writes runs of keys that follow each other, oldest first, as one: byte for byte the run that one table with all their documents
 * would have given. What `erased` documents, 16 bytes each, hold first in a run is left out: it would hide who holds it in a younger
 * one. Memory: a few megabytes beside the mapped files and those ids.
 */
export function mergeKeyRuns(inputs: readonly string[], erased: Uint8Array, output: string): KeyRun {
  return checked(() => binding.mergeKeyRuns([...inputs], erased, output))
}
