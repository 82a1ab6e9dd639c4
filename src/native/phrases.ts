import type { TextColumn } from '../core/batch.ts'
import { binding } from './binding.ts'
import { checkOffsets, kernel } from './kernel.ts'

/** Why a line goes, in the kernel's order; the first six are kinds of phrases, by their place in each list. */
export const lineKinds = [
  'read-more',
  'counters',
  'cookies',
  'share',
  'login',
  'javascript',
  'symbols',
  'pipes',
  'numerals',
  'short',
  'repeated',
] as const

export interface CutRules {
  /** Bits of the kinds of phrases that are removed. */
  readonly phrases: number
  readonly symbols: 'off' | 'separators' | 'all'
  readonly pipes: boolean
  readonly javascript: boolean
  /** Longest line, in characters, in which phrases are looked for. */
  readonly longest: number
}

/** A value a row; NaN is no limit. */
export type CutLimits = Readonly<Record<'minWords' | 'minCharacters' | 'maxDigits' | 'maxRepeats', Float64Array>>

export interface CutText {
  readonly text: TextColumn
  /** By kind, a value a row: lines removed. */
  readonly removed: Readonly<Record<(typeof lineKinds)[number], Float64Array>>
  /** Bytes removed, line ends included. */
  readonly bytes: Float64Array
  /** Whether something but white space is left, 1 or 0. */
  readonly left: Float64Array
}

export interface Boilerplate {
  readonly lines: Float64Array
  readonly lineShare: Float64Array
  readonly characterShare: Float64Array
  readonly paragraphShare: Float64Array
}

export interface PhraseLists {
  cut(text: TextColumn, listOfRow: Int32Array, limits: CutLimits, rules: CutRules): CutText
  /** Kinds are bits; lines are boilerplate up to `longest` characters. NaN for a text of blank lines. */
  boilerplate(text: TextColumn, listOfRow: Int32Array, longest: number, lineKinds: number, paragraphKinds: number): Boilerplate
}

const symbols = { off: 0, separators: 1, all: 2 } as const

/** Phrases by list and kind, made ready once. */
export function openPhrases(lists: readonly (readonly (readonly string[])[])[]): PhraseLists {
  const native = kernel('reading phrases', () => new binding.PhraseLists(lists.map((groups) => groups.map((group) => [...group]))))
  return {
    cut(text, listOfRow, limits, rules) {
      const rows = text.offsets.length - 1
      checkOffsets('text', text.values, text.offsets, rows)
      const cut = kernel('removing lines', () =>
        native.cutLines(text.values, text.offsets, listOfRow, limits, { ...rules, symbols: symbols[rules.symbols] }),
      )
      checkOffsets('text', cut.values, cut.offsets, rows)
      const column = (kind: number) => Float64Array.from({ length: rows }, (_, row) => cut.removed[row * lineKinds.length + kind]!)
      return {
        text: { type: 'text', values: cut.values, offsets: cut.offsets },
        removed: Object.fromEntries(lineKinds.map((kind, i) => [kind, column(i)])) as CutText['removed'],
        bytes: cut.bytes,
        left: cut.left,
      }
    },
    boilerplate(text, listOfRow, longest, lineKinds, paragraphKinds) {
      const rows = text.offsets.length - 1
      checkOffsets('text', text.values, text.offsets, rows)
      const all = kernel('counting boilerplate', () => native.boilerplate(text.values, text.offsets, listOfRow, longest, lineKinds, paragraphKinds))
      const column = (i: number) => all.subarray(i * rows, (i + 1) * rows)
      return { lines: column(0), lineShare: column(1), characterShare: column(2), paragraphShare: column(3) }
    },
  }
}
