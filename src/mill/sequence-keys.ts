import { join } from 'node:path'
import { canonicalJson } from '../core/canonical-json.ts'
import { keyBytes, unitKeyBytes, type UnitKeys } from '../native/document-keys.ts'
import { cutOutcomes, KeyIndex, type Cuts } from '../native/key-index.ts'
import type { CandidateChunk } from './candidate-file.ts'
import { cutRules, keyRules, unitRules, type KeyPlan } from './key-plan.ts'
import type { Placement } from './placement-file.ts'
import type { RepeatDecider } from './repeated-runs.ts'
import { sequenceRules } from './sequence-rules.ts'

/** A local file of an earlier night, and the stage whose keys it holds. */
export interface StageRun {
  readonly stage: string
  readonly path: string
}

export interface FinishedKeyRun extends StageRun {
  readonly documents: number
}

export interface ChunkToDecide {
  readonly chunk: CandidateChunk
  /** Where the chunk's rows stand in the placement, which is written into. */
  readonly placement: Placement
  readonly first: number
  /** Outcomes of rows that are dropped whatever they are like, 0 for the others. */
  readonly gone: Uint8Array | undefined
  /** The units of the next of the chunk's rows; asked for only where a stage cuts them. */
  readonly nextUnits: () => Promise<UnitKeys>
  /** The runs that the part's documents repeat, where a stage cuts them. */
  readonly repeats: RepeatDecider | undefined
  /** What the sequence index makes of rows [from, to), of which `candidates` says who is still alive; it writes into the placement. */
  readonly near: (from: number, to: number, candidates: Uint8Array) => void
}

/** What a kept row loses. */
export interface RowCut {
  readonly bytes: number
  readonly source: Uint8Array
  readonly ranges: Uint32Array
}

export interface SequenceKeys {
  /** Decides the rows of a chunk; what kept ones lose, by row. */
  decide(chunk: ChunkToDecide): Promise<Map<number, RowCut>>
  finish(): FinishedKeyRun[]
  close(): void
}

const code = (rule: (typeof sequenceRules)[number]): number => sequenceRules.indexOf(rule)

/** The limit that each outcome broke; NaN where there is none: an address is the same or it is not, a name is named. */
export function outcomeLimits(similarity: number | null, { units, repeats }: KeyPlan): (outcome: number) => number {
  const cutter = units ?? repeats
  return (outcome) => {
    const rule = sequenceRules[outcome] ?? ''
    if (rule.endsWith('/too-little-left')) return cutter?.minLeft ?? NaN
    if (rule.endsWith('/mostly-repeated')) return cutter?.maxCut ?? NaN
    return outcome === 1 ? 1 : outcome === 2 ? (similarity ?? NaN) : NaN
  }
}

const nobody = new Uint8Array(16)

/**
 * The duplicate stages that compare keys, beside the sequence index. A document enters an index only if every stage keeps it,
 * so rows are decided in stretches in which no row's fate hangs on another's: without repeats, a whole chunk. A document that
 * a cut would leave too little of is dropped by that rule even if it is a near-duplicate too: it may not enter the sequence index,
 * which both decides and enters.
 */
export function startSequenceKeys({ columns, units: plan }: KeyPlan, runs: readonly StageRun[], scratch: string, erased: Uint8Array): SequenceKeys {
  const open = (stage: string, width: number, rules: unknown, repeats: number, memory: number): KeyIndex => {
    const index = new KeyIndex({ width, rules: canonicalJson(rules), repeats, memoryBytes: memory * 2 ** 20, scratch: join(scratch, stage) })
    for (const run of runs) if (run.stage === stage) index.addRun(run.path)
    index.erase(erased)
    return index
  }
  const whole = columns.map((column) => {
    const rule = column.stage === 'exact-duplicates' ? 'exact-duplicates/copy' : 'url-duplicates/same-page'
    return { stage: column.stage, outcome: code(rule), index: open(column.stage, keyBytes, keyRules(column), 1, column.memory) }
  })
  const lines = plan && { stage: plan.stage, index: open(plan.stage, unitKeyBytes, unitRules(plan), plan.repeats, plan.memory) }
  const all = [...whole, ...(lines === undefined ? [] : [lines])]
  const limits = plan && cutRules(plan)

  /** Decides a stretch: rows [from, to) of what is loaded, which is `base` rows into the chunk. */
  function decideStretch(from: number, to: number, base: number, units: UnitKeys | undefined, task: ChunkToDecide, cuts: Map<number, RowCut>): void {
    const { placement } = task
    const at = task.first + base + from
    const count = to - from
    const alive = new Uint8Array(count).fill(1)
    const drops: { readonly row: number; readonly outcome: number; readonly survivor: Uint8Array; readonly measured: number }[] = []
    const drop = (row: number, outcome: number, survivor: Uint8Array, measured: number): void => {
      alive[row] = 0
      drops.push({ row, outcome, survivor, measured })
    }
    for (let row = 0; task.gone !== undefined && row < count; row += 1) {
      const outcome = task.gone[base + from + row] ?? 0
      if (outcome !== 0) drop(row, outcome, nobody, NaN)
    }
    for (const { index, outcome } of whole) {
      const holders = index.holders(from, to)
      for (let row = 0; row < count; row += 1) {
        const survivor = holders.subarray(row * 16, row * 16 + 16)
        if (alive[row] === 1 && survivor.some((byte) => byte !== 0)) drop(row, outcome, survivor, outcome === 1 ? 1 : NaN)
      }
    }
    const cut: Cuts | undefined = units && limits && lines?.index.cut(from, to, units, limits)
    for (let row = 0; cut !== undefined && row < count; row += 1) {
      const became = cut.outcome[row]
      if (alive[row] === 0 || became === cutOutcomes.whole) continue
      const rule = became === cutOutcomes.tooLittleLeft ? 'too-little-left' : 'mostly-repeated'
      drop(row, code(`${plan?.stage ?? 'duplicate-lines'}/${rule}`), cut.source.subarray(row * 16, row * 16 + 16), cut.measured[row] ?? NaN)
    }
    const ids = task.chunk.ids.subarray((base + from) * 16, (base + to) * 16)
    const repeated = alive[0] === 1 ? task.repeats?.judge(at, ids.subarray(0, 16)) : undefined
    if (repeated?.rule !== undefined) drop(0, code(`repeated-substrings/${repeated.rule}`), repeated.cut.source, repeated.measured)
    task.near(base + from, base + to, alive)
    for (const { row, outcome, survivor, measured } of drops) {
      placement.outcome[at + row] = outcome
      placement.survivor.set(survivor, (at + row) * 16)
      placement.similarity[at + row] = measured
    }
    const kept = Uint8Array.from(alive, (_, row) => (placement.outcome[at + row] === 0 ? 1 : 0))
    for (const { index } of all) index.keep(from, kept)
    task.repeats?.decided(at, ids, kept)
    if (repeated !== undefined && kept[0] === 1) cuts.set(base + from, repeated.cut)
    for (let row = 0; cut !== undefined && row < count; row += 1) {
      const bytes = cut.bytes[row] ?? 0
      if (kept[row] === 0 || bytes === 0) continue
      const ranges = cut.ranges.slice((cut.offsets[row] ?? 0) * 2, (cut.offsets[row + 1] ?? 0) * 2)
      cuts.set(base + from + row, { bytes, source: cut.source.slice(row * 16, row * 16 + 16), ranges })
    }
  }

  return {
    async decide(task) {
      const { rows, ids, keys } = task.chunk
      const cuts = new Map<number, RowCut>()
      for (let base = 0; base < rows;) {
        const units = lines === undefined ? undefined : await task.nextUnits()
        const end = units === undefined ? rows : base + units.offsets.length - 1
        const own = ids.subarray(base * 16, end * 16)
        const one = Uint32Array.from({ length: end - base + 1 }, (_, row) => row)
        whole.forEach(({ index }, i) => index.load(own, one, (keys[i] ?? new Uint8Array(0)).subarray(base * 16, end * 16)))
        if (units !== undefined) lines?.index.load(own, units.offsets, units.keys)
        for (let from = 0; from < end - base;) {
          const at = task.first + base
          await task.repeats?.reach(at + from)
          const most = Math.min(end - base, (task.repeats?.stretch(at + from) ?? Infinity) - at)
          const to = all.reduce((least, { index }) => Math.min(least, index.stretch(from)), most)
          decideStretch(from, to, base, units, task, cuts)
          from = to
        }
        base = end
      }
      return cuts
    },
    finish() {
      return all.flatMap(({ stage, index }) => index.finish().map(({ path, documents }) => ({ stage, path, documents })))
    },
    close() {
      for (const { index } of all) index.close()
    },
  }
}
