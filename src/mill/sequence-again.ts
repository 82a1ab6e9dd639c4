import { mkdir, rm } from 'node:fs/promises'
import { rowBytes, rowText, textColumn, type TextColumn } from '../core/batch.ts'
import { openArrow } from '../dataset/arrow-reader.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import { sign } from '../native/minhash.ts'
import { SequenceIndex } from '../native/sequence-index.ts'
import type { Store } from '../storage/store.ts'
import type { Cut } from './erase-ledger.ts'
import { idsOf, type Orphan } from './erase-plan.ts'
import { asText } from './erase-shards.ts'
import { indexSettings, putRun, runFile, scratchFolder, type IndexRun } from './index-runs.ts'
import { keyPlan, rowKeys, rowUnits } from './key-plan.ts'
import type { RulesJson } from './keys.ts'
import { newPlacement } from './placement-file.ts'
import type { KeyRun } from './run-merges.ts'
import { cutTexts } from './select-texts.ts'
import { slice } from './sequence.ts'
import { outcomeLimits, startSequenceKeys } from './sequence-keys.ts'
import { sequenceRules } from './sequence-rules.ts'

/** A dropped document with its text. */
export interface Page {
  readonly orphan: Orphan
  readonly url: string
  readonly language: string
  readonly text: string
}

/** What became of a page: dropped for a kept document, or kept with this text, and with what was cut from it as a shard's texts keep it. */
export type Decision =
  | { readonly outcome: 'dropped'; readonly rule: string; readonly survivor: Uint8Array; readonly measured: number; readonly limit: number }
  | { readonly outcome: 'kept'; readonly text: Uint8Array; readonly cut: Cut | undefined; readonly pieces: Uint8Array | undefined }

export interface AgainStart {
  readonly store: Store
  readonly snapshot: Snapshot
  /** Of the snapshot's pipeline. */
  readonly rules: RulesJson
  /** Ids that are nobody's survivor, 16 bytes each. */
  readonly erased: Uint8Array
}

export interface SequencedAgain {
  /** A stage of the pipeline may cut the texts that are kept. */
  readonly cuts: boolean
  /** Decides about pages in their order; those that are kept enter, and the next ones are compared with them too. */
  decide(pages: readonly Page[]): Promise<Decision[]>
  /** Puts the runs of what has entered. */
  finish(): Promise<{ readonly runs: readonly IndexRun[]; readonly keyRuns: readonly KeyRun[] }>
  close(): Promise<void>
}

/** Decides again about documents that were dropped once, by the rules and the index of a snapshot without the documents that are erased. */
export async function sequenceAgain({ store, snapshot, rules, erased }: AgainStart): Promise<SequencedAgain> {
  const scratch = scratchFolder(store, 'promote')
  await rm(scratch, { recursive: true, force: true })
  await mkdir(scratch, { recursive: true })
  const plan = keyPlan(rules.stages.map(({ use, config }) => ({ name: use, config })))
  const settings = indexSettings((name) => rules.stages.find(({ use }) => use === name)?.config)
  const index = settings === undefined ? undefined : new SequenceIndex({ ...settings, scratch, keepAll: false })
  for (const run of snapshot.index.runs) index?.addRun(await runFile(store, run))
  index?.erase(erased)
  const keyRuns = await Promise.all((snapshot.index.keys ?? []).map(async ({ stage, path }) => ({ stage, path: await store.localPath(path) })))
  const keys = startSequenceKeys(plan, keyRuns, scratch, erased)
  const limitOf = outcomeLimits(settings?.similarity ?? null, plan)

  return {
    cuts: plan.units !== undefined,
    async decide(pages) {
      const rows = pages.length
      const ids = Buffer.from(pages.map(({ orphan }) => orphan.id).join(''), 'latin1')
      const columns = { url: textColumn(pages.map(({ url }) => url)), text: textColumn(pages.map(({ text }) => text)) }
      const languages = { type: 'label', indices: Int32Array.from(pages.keys()), labels: pages.map(({ language }) => language) } as const
      const signatures = plan.signed ? sign(columns.text, plan.bands, languages) : undefined
      const placement = newPlacement(rows)
      const near = (from: number, to: number, candidates: Uint8Array): void => {
        if (index === undefined || signatures === undefined) return
        const decided = index.decide({ ids: ids.subarray(from * 16, to * 16), candidates, signatures: slice(signatures, from, to) })
        placement.outcome.set(decided.outcome, from)
        placement.survivor.set(decided.survivor, from * 16)
        placement.similarity.set(decided.similarity, from)
      }
      const units = rowUnits(plan, columns, rows)
      const chunk = {
        rows,
        ids,
        languages: new Uint32Array(rows),
        textBytes: new Uint32Array(rows),
        signatures,
        keys: rowKeys(plan, columns, rows),
      }
      const nextUnits = async () => {
        if (units === undefined) throw new RangeError('no stage of the pipeline cuts units')
        return units
      }
      // Runs that a part repeats are found in the whole part, which is gone: a text that comes in keeps them.
      const lost = await keys.decide({ chunk, placement, first: 0, gone: undefined, nextUnits, repeats: undefined, near })
      const cut = cutTexts({ ids, texts: columns }, (row) => lost.get(row)?.ranges)
      return pages.map((_, row): Decision => {
        const outcome = placement.outcome[row] ?? 0
        if (outcome !== 0) {
          const survivor = placement.survivor.slice(row * 16, row * 16 + 16)
          return {
            outcome: 'dropped',
            rule: sequenceRules[outcome] ?? '',
            survivor,
            measured: placement.similarity[row] ?? NaN,
            limit: limitOf(outcome),
          }
        }
        const loss = lost.get(row)
        return {
          outcome: 'kept',
          text: rowBytes(cut.texts['text'] as TextColumn, row),
          pieces: cut.pieces && rowBytes(cut.pieces, row),
          cut: loss === undefined ? undefined : { stage: plan.units?.stage ?? '', bytes: loss.bytes, source: loss.source },
        }
      })
    },
    async finish() {
      const runs: IndexRun[] = []
      for (const run of index?.finish().runs ?? []) runs.push(await putRun(store, run))
      const own: KeyRun[] = []
      for (const { stage, path, documents } of keys.finish()) own.push({ stage, ...(await putRun(store, { path, documents })) })
      return { runs, keyRuns: own }
    },
    async close() {
      index?.close()
      keys.close()
      await rm(scratch, { recursive: true, force: true })
    },
  }
}

const batchRows = 1024

/** The documents with their texts, in their order within each object of dropped texts, object by object as they are first named. Memory: the texts of one object. */
export async function* pagesOf(store: Store, orphans: readonly Orphan[]): AsyncGenerator<Page[]> {
  const places = new Map(orphans.map(({ id }, i) => [id, i]))
  for (const path of new Set(orphans.flatMap(({ text }) => text ?? []))) {
    const found: [number, Page][] = []
    const reader = await openArrow(store, path)
    for (const block of reader.blocks.keys()) {
      const { rows, columns } = await reader.read(block)
      const id = idsOf({ values: columns['doc_id']?.values as Uint8Array })
      const [url, language, text] = ['url', 'language', 'text'].map((name) => asText(columns[name])) as [TextColumn, TextColumn, TextColumn]
      for (let row = 0; row < rows; row += 1) {
        const place = places.get(id(row))
        const orphan = orphans[place ?? -1]
        if (place === undefined || orphan?.text !== path) continue
        found.push([place, { orphan, url: rowText(url, row), language: rowText(language, row), text: rowText(text, row) }])
      }
    }
    const pages = found.sort(([a], [b]) => a - b).map(([, page]) => page)
    for (let at = 0; at < pages.length; at += batchRows) yield pages.slice(at, at + batchRows)
  }
}
