import type { TextColumn } from '../core/batch.ts'
import { QuernError } from '../core/errors.ts'
import { binding } from './binding.ts'
import { checkOffsets, kernel } from './kernel.ts'

/** A file of evaluation items: `path` is where it lies, `name` what errors call it. Without fields each line is an item. */
export interface EvaluationFile {
  readonly path: string
  readonly name: string
  readonly fields: readonly string[]
}

/** Words of a gram, of the shortest item that is looked for, and the most items that may hold a gram. */
export interface EvaluationRules {
  readonly ngram: number
  readonly shortest: number
  readonly mostItems: number
}

/** A value a row. */
export interface EvaluationOverlap {
  /** Shared n-grams, repeats counted; the share of the words in them; and the words that are in none. */
  readonly ngrams: Float64Array
  readonly share: Float64Array
  readonly wordsLeft: Float64Array
  /** Index of the benchmark of the item with most of them, -1 for none, and the item's number in it from 1, NaN for none. */
  readonly benchmark: Int32Array
  readonly item: Float64Array
  /** The text without what it shares; the text itself unless a cut was asked for. */
  readonly text: TextColumn
}

export interface EvaluationSets {
  /** Items read, and those of them that are too short to be looked for. */
  readonly items: number
  readonly leftOut: number
  compare(text: TextColumn, cut: boolean): EvaluationOverlap
}

/**
 * Reads the files of benchmarks, in their order; workers that give the same key share them, so it must tell the files'
 * contents apart. What is wrong with a file is an `unsupported-input` that names the file and the line.
 */
export function openEvaluationSets(key: string, rules: EvaluationRules, benchmarks: readonly (readonly EvaluationFile[])[]): EvaluationSets {
  const files = benchmarks.flatMap((of, benchmark) => of.map(({ path, name, fields }) => ({ benchmark, path, name, fields: [...fields] })))
  const native = read(() => new binding.EvaluationSets(key, { ...rules }, files))
  const [items = 0, leftOut = 0] = native.items()
  return {
    items,
    leftOut,
    compare(text, cut) {
      const rows = text.offsets.length - 1
      checkOffsets('text', text.values, text.offsets, rows)
      const { values, offsets, ...measured } = kernel('comparing texts with evaluation sets', () => native.overlap(text.values, text.offsets, cut))
      if (cut) checkOffsets('text', values, offsets, rows)
      return { ...measured, text: cut ? { type: 'text', values, offsets } : text }
    },
  }
}

function read<T>(open: () => T): T {
  try {
    return open()
  } catch (cause) {
    throw new QuernError('unsupported-input', `benchmarks: reading ${cause instanceof Error ? cause.message : String(cause)}`, {
      remedy: 'A file of a benchmark holds JSON lines or rows of Parquet with the named fields, or a plain item on each line.',
      cause,
    })
  }
}
