import { readSnapshot, type Snapshot } from '../dataset/snapshot.ts'
import { registry } from '../mill/registry.ts'
import type { Store } from '../storage/store.ts'
import { comparePipelines, type PipelineComparison } from './compare-pipelines.ts'
import { type Comparison, compareSnapshots, ledgerOf } from './compare-snapshots.ts'
import { type DocumentColumns, type DocumentHosts, type DocumentTexts, readDocuments, readHosts, readTexts } from './document-columns.ts'
import { type Fates, readFates } from './fates.ts'
import { languagesView, type LanguagesView } from './language-view.ts'
import { type LedgerTables, openLedgerTables, type TableLimits } from './ledger-tables.ts'
import { overviewOf, type Overview } from './overview.ts'
import { readMeasure } from './replay.ts'
import { canonicalJson } from '../core/canonical-json.ts'
import { openRules, type RulesInForce, rulesOf } from './rules-in-force.ts'

/** One snapshot as the page asks about it: its ledger as the table `ledger`, and the rules that judged it. */
export interface Audited {
  readonly store: Store
  readonly snapshot: Snapshot
  readonly rules: RulesInForce
  readonly tables: LedgerTables
  /** Read once, at the first question about a limit. */
  fates(onRows?: (rows: number) => void): Promise<Fates>
  /** The last few measures asked for stay in memory: 8 bytes a document each. */
  measure(name: string): Promise<Float64Array>
  /** What lists, searches and batches choose by. Read at the first question, and the next two only when one asks for them. */
  documents(onRows?: (rows: number) => void): Promise<DocumentColumns>
  hosts(onRows?: (rows: number) => void): Promise<DocumentHosts>
  texts(): Promise<DocumentTexts>
  /** Of an earlier snapshot with this one. The last few stay open. */
  compare(before: Snapshot, known?: Promise<DocumentColumns>): Promise<Comparison>
  /** Rows of both ledgers that such a comparison has read so far. */
  compared(before: Snapshot): number
  /** Of two sets of rules over the documents of this one. The last stays in memory. */
  compareRules(before: RulesInForce, after: RulesInForce): Promise<PipelineComparison>
  overview(): Promise<Overview>
  languages(): Promise<LanguagesView>
  close(): void
}

const measuresInMemory = 6
const openComparisons = 4

export async function openAudited(store: Store, which?: number | string, limits?: TableLimits): Promise<Audited> {
  const { snapshot } = await readSnapshot(store, which)
  const rules = openRules(await rulesOf(store, snapshot), registry)
  const tables = await openLedgerTables(store, limits)
  try {
    await tables.view('ledger', await ledgerOf(store, snapshot))
  } catch (error) {
    tables.close()
    throw error
  }
  let fates: Promise<Fates> | undefined
  let documents: Promise<DocumentColumns> | undefined
  let hosts: Promise<DocumentHosts> | undefined
  let texts: Promise<DocumentTexts> | undefined
  const measures = new Map<string, Promise<Float64Array>>()
  const comparisons = new Map<number, Promise<Comparison>>()
  const progress = new Map<number, number>()
  let compared: { readonly key: string; readonly made: Promise<PipelineComparison> } | undefined
  // A snapshot never changes: what was counted once stays right.
  let overview: Promise<Overview> | undefined
  let languages: Promise<LanguagesView> | undefined
  const audited: Audited = {
    store,
    snapshot,
    rules,
    tables,
    fates: (onRows) => (fates ??= readFates(store, snapshot, rules, onRows)),
    measure(name) {
      const known = measures.get(name) ?? readMeasure(store, snapshot, name)
      measures.delete(name)
      measures.set(name, known)
      const oldest = measures.keys().next().value
      if (measures.size > measuresInMemory && oldest !== undefined) measures.delete(oldest)
      return known
    },
    documents: (onRows) => (documents ??= ledgerOf(store, snapshot).then((entries) => readDocuments(store, entries, onRows))),
    hosts: (onRows) => (hosts ??= audited.documents().then((columns) => readHosts(store, columns, onRows))),
    texts: () => (texts ??= audited.documents().then((columns) => readTexts(store, columns))),
    compare(before, columns) {
      const compare = () =>
        compareSnapshots(store, before, snapshot, {
          onRows: (rows) => progress.set(before.version, rows),
          known: ({ version }) => (version === snapshot.version ? documents : columns),
        })
      const known = comparisons.get(before.version) ?? compare()
      comparisons.delete(before.version)
      comparisons.set(before.version, known)
      known.catch(() => comparisons.delete(before.version))
      const oldest = comparisons.keys().next().value
      if (comparisons.size > openComparisons && oldest !== undefined) comparisons.delete(oldest)
      return known
    },
    compared: ({ version }) => progress.get(version) ?? 0,
    compareRules(before, after) {
      const key = canonicalJson([before.json, after.json])
      if (compared?.key !== key) compared = { key, made: comparePipelines(audited, before, after) }
      compared.made.catch(() => (compared = undefined))
      return compared.made
    },
    overview: () => (overview ??= overviewOf(audited)),
    languages: () => (languages ??= languagesView(audited)),
    close: () => tables.close(),
  }
  return audited
}

/**
 * Counts what pages ask first, so that they answer at once: what became of every document under every rule, the overview,
 * languages with their hosts, and what differs from the snapshot before. Some seconds for a million documents.
 */
export async function prepareAnswers(audited: Audited, say: (what: string) => void): Promise<void> {
  const { store, snapshot } = audited
  const all = snapshot.totals.read.toLocaleString('en')
  await audited.fates((rows) => say(`reading the ledger: ${rows.toLocaleString('en')} of ${all} documents`))
  await audited.documents((rows) => say(`reading labels and ids: ${rows.toLocaleString('en')} of ${all} documents`))
  await audited.hosts((rows) => say(`reading addresses: ${rows.toLocaleString('en')} of ${all} documents`))
  await audited.texts()
  say('counting: overview')
  await audited.overview()
  say('counting: languages')
  await audited.languages()
  if (snapshot.parent === null) return
  // A snapshot that retention removed cannot be compared any more.
  const before = await readSnapshot(store, snapshot.parent.version).catch(() => undefined)
  say('comparing with the snapshot before')
  if (before !== undefined) await audited.compare(before.snapshot)
}
