import { join } from 'node:path'
import { canonicalJson } from '../core/canonical-json.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import { keyBytes, unitKeyBytes, type UnitKeys } from '../native/document-keys.ts'
import { KeyIndex, mergeKeyRuns } from '../native/key-index.ts'
import { sign } from '../native/minhash.ts'
import { SequenceIndex, type IndexRun as LocalRun } from '../native/sequence-index.ts'
import type { Store } from '../storage/store.ts'
import { indexSettings, readErased, runFile, type IndexRun } from './index-runs.ts'
import type { KeptReader } from './kept-documents.ts'
import { cutRules, keyPlan, keyRules, rowKeys, rowUnits, unitRules } from './key-plan.ts'
import { ownRules } from './keys.ts'
import type { KeyRun } from './run-merges.ts'

/** What documents give that are taken in again. */
export interface Again {
  /** In order; several when memory was changed meanwhile. */
  readonly runs: readonly LocalRun[]
  /** Of texts that were cut, what was cut is not there. */
  readonly lacking: boolean
}

/** The runs that `count` documents from `from` on give behind the earlier ones, signed as they were before any cut. */
export async function signedAgain(
  store: Store,
  documents: KeptReader,
  snapshot: Snapshot,
  {
    earlier,
    from,
    count,
    scratch,
  }: { readonly earlier: readonly IndexRun[]; readonly from: number; readonly count: number; readonly scratch: string },
): Promise<Again> {
  const stages = await stagesAt(store, snapshot)
  const settings = indexSettings((name) => stages.find((stage) => stage.name === name)?.config)
  if (settings === undefined) return { runs: [], lacking: false }
  const { bands } = keyPlan(stages)
  const index = new SequenceIndex({ ...settings, scratch, keepAll: true })
  try {
    for (const run of earlier) index.addRun(await runFile(store, run))
    let lacking = false
    for await (const { rows, ids, languages, columns, lacking: some } of documents.read(from, from + count)) {
      index.decide({ ids, candidates: new Uint8Array(rows).fill(1), signatures: sign(columns.text, bands, languages) })
      lacking ||= some
    }
    return { runs: index.finish().runs, lacking }
  } finally {
    index.close()
  }
}

export interface KeyRuns {
  readonly stage: string
  /** The stage's runs of the nights before, oldest first. */
  readonly before: readonly KeyRun[]
  /** Those to be made: how many documents hold keys says where one ends and the next begins. */
  readonly own: readonly KeyRun[]
  readonly scratch: string
}

/**
 * Runs of a stage, from the documents that were kept from snapshot `parent` to `snapshot`, entered again one by one. Of a cut text
 * the lines and paragraphs that are left are those that the night entered. Spans of sentences are of the text before, and cut again:
 * a cut makes new neighbours, and takes spans with it that only overlap it. Memory: the setting of the stage, and a batch of texts.
 */
export async function keyedAgain(
  store: Store,
  documents: KeptReader,
  snapshot: Snapshot,
  parent: Snapshot | undefined,
  { stage, before, own, scratch }: KeyRuns,
): Promise<Again> {
  const plan = keyPlan(await stagesAt(store, snapshot))
  const at = plan.columns.findIndex((column) => column.stage === stage)
  const column = plan.columns[at]
  const units = plan.units?.stage === stage ? plan.units : undefined
  const settings = column ?? units
  const spans = units?.unit === 'sentences'
  if (settings === undefined) return { runs: [], lacking: false }
  const index = new KeyIndex({
    width: units === undefined ? keyBytes : unitKeyBytes,
    rules: canonicalJson(column === undefined ? units && unitRules(units) : keyRules(column)),
    repeats: units?.repeats ?? 1,
    memoryBytes: settings.memory * 2 ** 20,
    scratch: join(scratch, stage),
  })
  const runs: LocalRun[] = []
  let lacking = false
  // Of the run that is being made: documents in pieces that were written for want of memory, and in memory.
  let written = 0
  let held = 0
  let taken = 0

  /** Ends a run. Pieces that follow each other are the run that one table would have given. */
  function endRun(): void {
    const finished = index.finish()
    const pieces = finished.slice(taken)
    taken = finished.length
    written = held = 0
    const [only] = pieces
    if (only === undefined) return
    runs.push(
      pieces.length === 1
        ? only
        : mergeKeyRuns(
            pieces.map(({ path }) => path),
            new Uint8Array(0), // nothing was erased between the pieces of one night
            join(scratch, `${stage}-${runs.length}.run`),
          ),
    )
  }

  /** Enters rows from `from` on, up to the end of a run; returns the first that is not entered. */
  function enter(from: number, ids: Uint8Array, keys: Uint8Array, found: UnitKeys | undefined): number {
    const rows = ids.byteLength / 16
    const first = found?.offsets[from] ?? from
    const offsets = found?.offsets.slice(from).map((offset) => offset - first) ?? Uint32Array.from({ length: rows - from + 1 }, (_, row) => row)
    index.load(ids.subarray(from * 16), offsets, keys.subarray(first * (found === undefined ? keyBytes : unitKeyBytes)))
    if (index.held() < held) written += held
    const behind = found && { ranges: found.ranges.subarray(first * 4), sizes: found.sizes.subarray(from * 2) }
    for (let row = from; row < rows; row += 1) {
      if (behind !== undefined && spans) index.cut(row - from, row - from + 1, behind, cutRules(units))
      index.keep(row - from, one)
      held = index.held()
      if (written + held !== own[runs.length]?.documents) continue
      endRun()
      return row + 1
    }
    return rows
  }

  try {
    for (const run of before) index.addRun(await runFile(store, run))
    index.erase(await readErased(store, parent))
    for await (const { rows, ids, columns, left, lacking: some } of documents.read(parent?.totals.kept ?? 0, snapshot.totals.kept)) {
      lacking ||= some
      const found = units && rowUnits(plan, spans ? columns : { text: left }, rows)
      const keys = found?.keys ?? rowKeys(plan, columns, rows)[at] ?? new Uint8Array(0)
      for (let from = 0; from < rows;) from = enter(from, ids, keys, found)
    }
    endRun()
    return { runs, lacking }
  } finally {
    index.close()
  }
}

const one = Uint8Array.of(1)

/** The stages of the pipeline that a snapshot's night ran. */
export async function stagesAt(store: Store, snapshot: Snapshot): Promise<{ readonly name: string; readonly config: unknown }[]> {
  const rules = await ownRules(store, snapshot)
  return rules.stages.map(({ use, config }) => ({ name: use, config }))
}
