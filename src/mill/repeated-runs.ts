import { runFields, type RepeatBlock } from '../native/repeats.ts'
import type { RepeatPlan } from './key-plan.ts'
import type { RowCut } from './sequence-keys.ts'

/** Part of a candidate that an earlier one holds, or it itself further up: `runFields` by name. */
type Run = Readonly<Record<(typeof runFields)[number], number>>

/** Words of a document that is gone, which a kept later one holds. */
interface Holding {
  readonly from: number
  readonly to: number
  readonly holder: number
}

export interface RepeatVerdict {
  /** The rule by which it goes, if it does. */
  readonly rule: 'too-little-left' | 'mostly-repeated' | undefined
  readonly measured: number
  /** What it loses where it is kept; the source of one that goes is another document. */
  readonly cut: RowCut
}

/** The runs of one part, decided candidate by candidate in order. */
export interface RepeatDecider {
  /** The first candidate behind `from` that may have to do with one since: it must be decided by itself. */
  stretch(from: number): number
  /** What becomes of the first candidate of a stretch as far as it is up to its runs; undefined where no kept document holds one. */
  judge(candidate: number, id: Uint8Array): RepeatVerdict | undefined
  /** Says what became of the candidates of the stretch at `from`: 1 where one is kept. */
  decided(from: number, ids: Uint8Array, kept: Uint8Array): void
  /** Before a stretch: reads the runs of the block that the candidate is in. */
  reach(candidate: number): Promise<void>
}

/** A document that is gone is asked of no more holders than this: a run that none of them holds whole stays where it is. */
const mostHolders = 64

/**
 * A run is cut if the first document that holds it was kept, or where that is gone, if one kept since holds all of it. What is
 * cut therefore always stands in a kept earlier document, or stood there until it was cut for one still earlier. Reads the next
 * block of runs when the first of its candidates is decided. Memory: one block.
 */
export function decideRepeats(plan: Pick<RepeatPlan, 'minLeft' | 'maxCut'>, read: () => Promise<RepeatBlock | undefined>): RepeatDecider {
  let end = 0
  let block: RepeatBlock = { texts: 0, runs: new Uint32Array(0) }
  let places: ReadonlyMap<number, readonly [number, number]> = new Map()
  let order: readonly number[] = []
  let next = 0
  // Texts that are somebody's source; ids of those that were kept, and of holders; what is held of those that are gone.
  let sources = new Set<number>()
  let kept = new Map<number, Uint8Array>()
  let holdings = new Map<number, Holding[]>()
  let pending = new Map<number, Holding[]>()

  /** The kept candidate that holds a run, itself too; undefined: none, and the run's own candidate will be a holder. */
  function holderOf(run: Run): number | undefined {
    const { text, source, sourceFrom, sourceTo, straight } = run
    if (source === text || kept.has(source)) return source
    const holds = ({ from, to }: Holding): boolean => from <= sourceFrom && sourceTo <= to
    if (pending.get(source)?.some(holds) === true) return text
    const found = holdings.get(source)?.find(holds)
    if (found !== undefined) return found.holder
    if (straight === 1) addHolding(pending, source, { from: sourceFrom, to: sourceTo, holder: text })
    return undefined
  }

  return {
    async reach(candidate) {
      while (candidate >= end) {
        const following = await read()
        if (following === undefined) throw new RangeError(`candidate ${candidate} is in no block of repeated runs`)
        block = following
        end += block.texts
        places = placesOf(block)
        order = [...places.keys()]
        next = 0
        sources = sourcesOf(block)
        kept = new Map()
        holdings = new Map()
      }
    },
    stretch(from) {
      while ((order[next] ?? Infinity) <= from) next += 1
      return Math.min(order[next] ?? end, end)
    },
    judge(candidate, id) {
      pending = new Map()
      const found = runsOf(block, places.get(candidate)).flatMap((run) => {
        const holder = holderOf(run)
        return holder === undefined ? [] : [{ run, holder }]
      })
      const words = found[0]?.run.words
      if (words === undefined) return undefined
      const ranges = union(found.map(({ run }) => [run.fromByte, run.toByte]))
      const lost = lengthOf(union(found.map(({ run }) => [run.fromWord, run.toWord])))
      const other = largest(found.filter(({ holder }) => holder !== candidate))
      const left = words - lost
      // What it holds twice itself is nowhere else: such a document is cut, and stays.
      const rule =
        other === undefined ? undefined : left < plan.minLeft ? 'too-little-left' : lost > plan.maxCut * words ? 'mostly-repeated' : undefined
      const source = (other === undefined ? undefined : kept.get(other)) ?? id
      return { rule, measured: rule === 'too-little-left' ? left : lost / words, cut: { bytes: lengthOf(ranges), source, ranges } }
    },
    decided(from, ids, outcome) {
      // Only the first of a stretch has runs.
      const holds = outcome[0] === 1 ? pending : new Map<number, Holding[]>()
      for (const [source, held] of holds) for (const holding of held) addHolding(holdings, source, holding)
      outcome.forEach((stays, row) => {
        if (stays === 1 && (sources.has(from + row) || (row === 0 && holds.size > 0))) kept.set(from + row, ids.slice(row * 16, row * 16 + 16))
      })
    },
  }
}

function addHolding(holdings: Map<number, Holding[]>, source: number, holding: Holding): void {
  const held = holdings.get(source)
  if (held === undefined) holdings.set(source, [holding])
  else if (held.length < mostHolders) held.push(holding)
}

/** Where the numbers of each text's runs begin and end: they stay numbers until the text is decided. */
function placesOf({ runs }: RepeatBlock): Map<number, readonly [number, number]> {
  const places = new Map<number, readonly [number, number]>()
  for (let at = 0; at < runs.length; at += runFields.length) {
    const text = runs[at] ?? 0
    places.set(text, [places.get(text)?.[0] ?? at, at + runFields.length])
  }
  return places
}

function sourcesOf({ runs }: RepeatBlock): Set<number> {
  const sources = new Set<number>()
  for (let at = runFields.indexOf('source'); at < runs.length; at += runFields.length) sources.add(runs[at] ?? 0)
  return sources
}

function runsOf({ runs }: RepeatBlock, [from, to]: readonly [number, number] = [0, 0]): Run[] {
  return Array.from({ length: (to - from) / runFields.length }, (_, i) => {
    const at = from + i * runFields.length
    return Object.fromEntries(runFields.map((field, j) => [field, runs[at + j] ?? 0])) as Run
  })
}

/** Pairs [from, to) that are in any of the given ones, ascending and apart. */
function union(pairs: readonly (readonly [number, number])[]): Uint32Array {
  const all: [number, number][] = []
  for (const [from, to] of pairs.toSorted((a, b) => a[0] - b[0])) {
    const last = all.at(-1)
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to)
    else all.push([from, to])
  }
  return Uint32Array.from(all.flat())
}

function lengthOf(ranges: Uint32Array): number {
  return ranges.reduce((sum, bound, i) => (i % 2 === 0 ? sum - bound : sum + bound), 0)
}

/** The holder of most words; of equals the earliest. */
function largest(found: readonly { readonly run: Run; readonly holder: number }[]): number | undefined {
  const words = new Map<number, number>()
  for (const { run, holder } of found) words.set(holder, (words.get(holder) ?? 0) + run.toWord - run.fromWord)
  return [...words].toSorted(([a, most], [b, other]) => other - most || a - b)[0]?.[0]
}
