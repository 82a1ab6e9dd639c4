import type { Batch, LabelColumn } from '../core/batch.ts'
import type { Limits } from '../core/decide.ts'

/** Pairs of language and script that occur, as rows of a batch: limits differ by nothing else, and there are few. */
export interface Kinds {
  readonly batch: Batch
  /** Row of `batch` for every document. */
  readonly ofRow: Uint16Array
}

/** Languages and scripts as indices into their names; number 0 is "none". */
export function kindsOf(language: Uint16Array, languages: readonly string[], script: Uint16Array, scripts: readonly string[]): Kinds {
  const known = new Int32Array(languages.length * scripts.length).fill(-1)
  const found: [language: number, script: number][] = []
  const ofRow = new Uint16Array(language.length)
  for (let row = 0; row < language.length; row++) {
    const pair = language[row]! * scripts.length + script[row]!
    if (known[pair] === -1) known[pair] = found.push([language[row]!, script[row]!]) - 1
    ofRow[row] = known[pair]!
  }
  const side = (at: 0 | 1) => Uint16Array.from(found, (pair) => pair[at])
  return { ofRow, batch: labelsBatch(side(0), languages, side(1), scripts) }
}

export function labelsBatch(language: Uint16Array, languages: readonly string[], script: Uint16Array, scripts: readonly string[]): Batch {
  return { rows: language.length, columns: { language: labels(language, languages), script: labels(script, scripts) } }
}

function labels(numbers: Uint16Array, names: readonly string[]): LabelColumn {
  return { type: 'label', indices: Int32Array.from(numbers, (number) => (number === 0 ? -1 : number)), labels: names }
}

/** One limit for every row of a batch. */
export function boundsOf(batch: Batch, limits: Limits, name: string): Float64Array {
  const limit = limits[name]!
  return typeof limit === 'number' ? new Float64Array(batch.rows).fill(limit) : limit
}

/** Limits of every kind, spread over the documents. */
export function spread({ batch, ofRow }: Kinds, limits: Limits): Limits {
  return Object.fromEntries(
    Object.keys(limits).map((name) => {
      const bounds = boundsOf(batch, limits, name)
      const values = new Float64Array(ofRow.length)
      for (let row = 0; row < ofRow.length; row++) values[row] = bounds[ofRow[row]!]!
      return [name, values]
    }),
  )
}
