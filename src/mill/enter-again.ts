import { join } from 'node:path'
import { canonicalJson } from '../core/canonical-json.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import { keyBytes, unitKeyBytes } from '../native/document-keys.ts'
import { KeyIndex } from '../native/key-index.ts'
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
    for await (const { rows, ids, columns, lacking: some } of documents.read(from, from + count)) {
      index.decide({ ids, candidates: new Uint8Array(rows).fill(1), signatures: sign(columns.text, { ngram: 5, bands }) })
      lacking ||= some
    }
    return { runs: index.finish().runs, lacking }
  } finally {
    index.close()
  }
}

/**
 * The runs of a stage that the snapshot's night gives when all that it kept is entered again. Of a cut text the lines and paragraphs
 * that are left are those that the night entered. Spans of sentences are of the text before, and cut again: a cut makes new
 * neighbours, and takes spans with it that only overlap it.
 */
export async function keyedAgain(
  store: Store,
  documents: KeptReader,
  snapshot: Snapshot,
  parent: Snapshot | undefined,
  { stage, before, scratch }: { readonly stage: string; readonly before: readonly KeyRun[]; readonly scratch: string },
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
  try {
    for (const run of before) index.addRun(await runFile(store, run))
    index.erase(await readErased(store, parent))
    let lacking = false
    for await (const { rows, ids, columns, left, lacking: some } of documents.read(parent?.totals.kept ?? 0, snapshot.totals.kept)) {
      lacking ||= some
      const found = units && rowUnits(plan, spans ? columns : { text: left }, rows)
      const one = Uint32Array.from({ length: rows + 1 }, (_, row) => row)
      index.load(ids, found?.offsets ?? one, found?.keys ?? rowKeys(plan, columns, rows)[at] ?? new Uint8Array(0))
      for (let from = 0; from < rows;) {
        const to = Math.min(rows, index.stretch(from))
        if (found !== undefined && spans) index.cut(from, to, found, cutRules(units))
        index.keep(from, new Uint8Array(to - from).fill(1))
        from = to
      }
    }
    return { runs: index.finish(), lacking }
  } finally {
    index.close()
  }
}

/** The stages of the pipeline that a snapshot's night ran. */
export async function stagesAt(store: Store, snapshot: Snapshot): Promise<{ readonly name: string; readonly config: unknown }[]> {
  const rules = await ownRules(store, snapshot)
  return rules.stages.map(({ use, config }) => ({ name: use, config }))
}
