import { createHash, randomUUID } from 'node:crypto'
import { canonicalJson } from '../core/canonical-json.ts'
import { layout } from '../dataset/layout.ts'
import { addGroupSizes } from '../dataset/group-sizes.ts'
import { type Losses, putLosses } from '../dataset/losses.ts'
import { appendEntries, type InputEntry, type PageRef, type ShardEntry } from '../dataset/pages.ts'
import { commitSnapshot, type FoundSnapshot, type Snapshot } from '../dataset/snapshot.ts'
import { addTotals, droppedOf, emptyTotals, type Totals } from '../dataset/totals.ts'
import type { Store } from '../storage/store.ts'
import type { Night } from './night.ts'
import type { StoredPlan } from './plan.ts'
import type { TaskPipeline } from './portable-pipeline.ts'
import { joinIds, putIds } from './id-files.ts'

export interface Publication {
  readonly store: Store
  readonly pipeline: TaskPipeline
  readonly plan: StoredPlan
  /** The snapshot that this one follows. */
  readonly parent: FoundSnapshot | undefined
  /** The snapshot whose content it continues: the parent, or none for a rebuild. */
  readonly base: Snapshot | undefined
  readonly night: Night
  /** Losses of the nights before, the newest first, that the next night shall find beside this one's; undefined without alarms. */
  readonly lossesBefore: readonly Losses[] | undefined
}

/** Makes the night reachable: pages first, then the snapshot that names them. `lost` when another run was first. */
export async function publish({ store, pipeline, plan, parent, base, night, lossesBefore }: Publication): Promise<Snapshot | 'lost'> {
  const tonight = totalsOf(pipeline, plan, night)
  if (tonight.read !== tonight.kept + droppedOf(tonight)) {
    throw new Error(
      `publishing: ${tonight.read} documents were read, ${tonight.kept} kept and ${droppedOf(tonight)} dropped; the sums differ, so nothing is published`,
    )
  }
  const rules = canonicalJson(pipeline.rules)
  const rulesSha256 = createHash('sha256').update(rules).digest('hex')
  await store.put(layout.list(rulesSha256), rules)
  const taken = new Set(night.parts.map(({ part }) => plan.parts[part]?.file))
  const inputs = plan.files.flatMap((file, i): InputEntry[] => {
    const source = pipeline.sources[file.source]
    return taken.has(i) && source !== undefined
      ? [{ source: source.name, path: file.path, bytes: file.bytes, sha256: file.sha256, licence: source.licence }]
      : []
  })
  const tokenizer = night.tokenizer
  const snapshot: Snapshot = {
    format: 'quern-snapshot/1',
    version: (parent?.snapshot.version ?? 0) + 1,
    parent: parent === undefined ? null : { version: parent.snapshot.version, sha256: parent.sha256 },
    commitId: randomUUID(),
    createdAt: new Date().toISOString(),
    operation: plan.rebuild ? 'rebuild' : 'append',
    pipeline: { name: pipeline.name, rulesSha256 },
    rules: { ...base?.rules, [rulesSha256]: layout.list(rulesSha256) },
    tokenizer: { ...tokenizer, special: { ...tokenizer.special } },
    inputs: await appendEntries(store, 'inputs', base?.inputs ?? [], inputs),
    totals: addTotals(base?.totals ?? emptyTotals(), tonight),
    tonight,
    index: await indexOf(store, base, night),
    ledger: await appendEntries(store, 'ledger', night.before.ledger.pages, [...night.before.ledger.entries, ...night.ledger]),
    groups: await addGroupSizes(store, base?.groups ?? [], night.ledger, duplicatesOf(night)),
    losses: await putLosses(store, night.losses, lossesBefore),
    ...(parent?.snapshot.suppressions === undefined ? {} : { suppressions: parent.snapshot.suppressions }),
    dropped: await appendEntries(store, 'dropped', night.before.dropped.pages, [...night.before.dropped.entries, ...night.retained]),
    shards: await shardPages(store, base, night),
  }
  return (await commitSnapshot(store, snapshot)) === 'committed' ? snapshot : 'lost'
}

/** What sequence dropped: only such documents name a survivor. */
function duplicatesOf({ parts }: Night): number {
  return parts.reduce((sum, { sequenced }) => sum + Object.values(sequenced.dropped).reduce((a, b) => a + b, 0), 0)
}

async function indexOf(store: Store, base: Snapshot | undefined, { runs, keyRuns, versions }: Night): Promise<Snapshot['index']> {
  const erased = base?.index.erased
  // Those of a night whose replacement was stopped wait with these.
  const before = base?.index.versions
  const waiting =
    versions.byteLength === 0 ? before : await putIds(store, before === undefined ? versions : joinIds(await store.get(before.path), versions))
  return {
    runs: [...runs],
    ...(keyRuns.length === 0 ? {} : { keys: [...keyRuns] }),
    ...(erased === undefined ? {} : { erased }),
    ...(waiting === undefined ? {} : { versions: waiting }),
  }
}

/** Each language's pages: a tail that was pressed again leaves the list, the night's shards follow in the order cut. */
async function shardPages(store: Store, base: Snapshot | undefined, night: Night): Promise<Record<string, PageRef[]>> {
  const pages: Record<string, PageRef[]> = { ...base?.shards }
  const byLanguage = new Map<string, ShardEntry[]>()
  for (const { shard } of night.presses) byLanguage.set(shard.language, [...(byLanguage.get(shard.language) ?? []), shard])
  for (const [language, shards] of byLanguage) {
    pages[language] = await appendEntries(store, 'shards', pages[language] ?? [], shards, night.absorbed.has(language) ? 1 : 0)
  }
  return pages
}

/** Counts of the night alone: an absorbed tail was counted by its own night. */
function totalsOf(pipeline: TaskPipeline, plan: StoredPlan, night: Night): Totals {
  let totals = emptyTotals()
  const sourceOf = (part: number): { name: string; licence: string } => {
    const source = pipeline.sources[plan.files[plan.parts[part]?.file ?? -1]?.source ?? -1]
    if (source === undefined) throw new RangeError(`part ${part} has no source`)
    return source
  }
  for (const { part, record, sequenced } of night.parts) {
    const { name, licence } = sourceOf(part)
    const counts = { read: record.rows, kept: sequenced.kept, tokens: 0 }
    totals = addTotals(totals, {
      ...emptyTotals(),
      read: record.rows,
      kept: sequenced.kept,
      dropped: record.dropped,
      bySource: { [name]: { ...counts, licence } },
      byLicence: { [licence]: counts },
    })
    totals = addTotals(totals, { ...emptyTotals(), dropped: sequenced.dropped })
  }
  for (const { shard, fresh } of night.presses) {
    const { documents: kept, tokens, textBytes } = fresh
    totals = addTotals(totals, { ...emptyTotals(), tokens, textBytes, byLanguage: { [shard.language]: { kept, tokens, bytes: textBytes } } })
    for (const [source, count] of Object.entries(fresh.tokensBySource)) {
      const licence = pipeline.sources.find(({ name }) => name === source)?.licence ?? ''
      totals = addTotals(totals, {
        ...emptyTotals(),
        bySource: { [source]: { read: 0, kept: 0, tokens: count, licence } },
        byLicence: { [licence]: { read: 0, kept: 0, tokens: count } },
      })
    }
  }
  return night.benchmarks === undefined ? totals : { ...totals, byBenchmark: night.benchmarks }
}
