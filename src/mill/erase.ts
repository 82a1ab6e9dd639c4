import { createHash, randomUUID } from 'node:crypto'
import type { LabelColumn, NumberColumn } from '../core/batch.ts'
import type { Encoder } from '../core/component.ts'
import type { Criteria } from '../dataset/criteria.ts'
import { addGroupSizes } from '../dataset/group-sizes.ts'
import { languageOfShard, layout } from '../dataset/layout.ts'
import { readLedgerFile } from '../dataset/ledger-reader.ts'
import { leaseToWrite } from '../dataset/lease.ts'
import { appendEntries, type DroppedEntry, filesOfShard, type LedgerEntry, type PageRef, readEntries, type ShardEntry } from '../dataset/pages.ts'
import { putReceipt, type Receipt, withdrawReceipt } from '../dataset/receipts.ts'
import { addShard } from '../dataset/resolve-shard.ts'
import { commitSnapshot, type FoundSnapshot, readSnapshot, type Snapshot } from '../dataset/snapshot.ts'
import { readNamed } from '../dataset/suppress.ts'
import { emptyTotals, type Totals } from '../dataset/totals.ts'
import type { Store } from '../storage/store.ts'
import { rewriteDropped, rewriteShard, type RewrittenShard } from './erase-shards.ts'
import { type LedgerChanges, rewriteLedger } from './erase-ledger.ts'
import { type ErasePlan, type Orphan, planErasure } from './erase-plan.ts'
import { readErased } from './index-runs.ts'
import type { RulesJson } from './keys.ts'
import { promote, type Promotion } from './promote.ts'

export interface EraseOptions {
  readonly reason: string
  /** How long old snapshots stay readable. */
  readonly graceMs: number
  /** Opens the tokenizer of the dataset, for duplicates that come in; undefined: none is to come in. */
  readonly encoder: ((rules: RulesJson, snapshot: Snapshot) => Promise<Encoder>) | undefined
  readonly say: (line: string) => void
}

/** How many ids a receipt lists. */
const mostListed = 10_000

/**
 * Takes what the criteria name out of shards, texts, ledger and index, as the next snapshot; duplicates of it come in
 * (`promote`). Whole files are written anew, each alone and in its order, so that what is not concerned keeps its name. If
 * another run publishes meanwhile, it is done again on top of that. Returns the receipt, or undefined when nothing of it is left.
 * Costs passes over the ledger and over the ids of all shards, and the files that are concerned.
 */
export async function erase(store: Store, criteria: Criteria, options: EraseOptions): Promise<Receipt | undefined> {
  const lease = await leaseToWrite(store)
  try {
    for (;;) {
      const parent = await readSnapshot(store)
      const plan = await planErasure(store, parent.snapshot, criteria)
      if (plan.erased.size === 0) return undefined
      options.say(`erasing ${plan.erased.size} documents; ${plan.orphans.length} others were dropped for them`)
      const erased = await eraseFrom(store, parent, plan, criteria, options)
      await lease.check()
      await putReceipt(store, erased.receipt)
      if ((await commitSnapshot(store, erased.snapshot)) === 'committed') return erased.receipt
      await withdrawReceipt(store, erased.receipt)
      options.say('another run published first: erasing again on top of its snapshot')
    }
  } finally {
    await lease.release()
  }
}

async function eraseFrom(
  store: Store,
  parent: FoundSnapshot,
  plan: ErasePlan,
  criteria: Criteria,
  options: EraseOptions,
): Promise<{ readonly snapshot: Snapshot; readonly receipt: Receipt }> {
  const old = parent.snapshot
  const goes = (id: string): boolean => plan.erased.has(id)
  const shards = await eraseShards(store, old, goes)
  const ids = await mergedIds(store, old, plan)
  const hidden = await readNamed(store, old)
  const able = plan.orphans.filter(({ id, text }) => text !== undefined && !hidden.has(Buffer.from(id, 'latin1').toString('hex')))
  const promotion = await promotionOf(store, old, ids, able, options)
  const entered = new Set([...(promotion?.rejudged ?? [])].filter(([, { outcome }]) => outcome === 'kept').map(([id]) => id))
  const dropped = await eraseDropped(store, old, (id) => goes(id) || entered.has(id))
  const changes: LedgerChanges = { ...plan, rejudged: promotion?.rejudged ?? new Map(), shards: shards.moved, dropped: dropped.moved }
  const ledger: LedgerEntry[] = []
  const objects = [...shards.gone, ...dropped.gone]
  for await (const entry of readEntries(store, 'ledger', old.ledger)) {
    const files = await rewriteLedger(store, entry, changes)
    if (files[0] !== entry) objects.push(entry.path)
    ledger.push(...files)
  }
  const pages = { ...shards.pages }
  for (const [language, more] of promotion?.shards ?? []) pages[language] = await appendEntries(store, 'shards', pages[language] ?? [], more)
  const totals = await countLedger(store, old, ledger)
  const { losses: _, ...content } = old
  const keys = [...(old.index.keys ?? []), ...(promotion?.keyRuns ?? [])]
  const snapshot: Snapshot = {
    ...content,
    version: old.version + 1,
    parent: { version: old.version, sha256: parent.sha256 },
    commitId: randomUUID(),
    createdAt: new Date().toISOString(),
    operation: 'erase',
    totals,
    tonight: emptyTotals(),
    index: { runs: [...old.index.runs, ...(promotion?.runs ?? [])], ...(keys.length === 0 ? {} : { keys }), erased: await putIds(store, ids) },
    ledger: await appendEntries(store, 'ledger', [], ledger),
    groups: await addGroupSizes(store, [], ledger, totals.read - totals.kept),
    dropped: dropped.pages,
    shards: pages,
  }
  const waiting = plan.orphans.filter(({ id }) => !changes.rejudged.has(id)).map(({ id }) => Buffer.from(id, 'latin1').toString('hex'))
  const { version, commitId, createdAt } = snapshot
  const came = plan.orphans.flatMap(({ id, source }) => {
    const fate = changes.rejudged.get(id)
    return fate?.outcome === 'kept' ? [{ source, tokens: fate.tokens, bytes: fate.bytes }] : []
  })
  const receipt: Receipt = {
    format: 'quern-receipt/1',
    snapshot: version,
    commitId,
    action: 'erase',
    criteria,
    reason: options.reason,
    createdAt,
    ...differenceOf(old.totals, totals, plan, came),
    erasure: {
      promoted: { documents: came.length, tokens: came.reduce((sum, { tokens }) => sum + tokens, 0) },
      renamed: changes.rejudged.size - came.length,
      waiting: { documents: waiting.length, ids: waiting.slice(0, mostListed) },
      objects: objects.sort(),
      deleteAfter: new Date(Date.parse(createdAt) + options.graceMs).toISOString(),
    },
  }
  return { snapshot, receipt }
}

/** What went, without what came in for it. */
function differenceOf(
  before: Totals,
  after: Totals,
  plan: ErasePlan,
  came: readonly { readonly source: string; readonly tokens: number; readonly bytes: number }[],
): Pick<Receipt, 'documents' | 'tokens' | 'textBytes' | 'bySource'> {
  const kept = before.kept - after.kept + came.length
  const sum = (of: 'tokens' | 'bytes', some = came): number => some.reduce((all, one) => all + one[of], 0)
  const bySource = Object.fromEntries(
    Object.entries(before.bySource).flatMap(([name, was]) => {
      const now = after.bySource[name] ?? { kept: 0, tokens: 0 }
      const here = came.filter(({ source }) => source === name)
      const documents = was.kept - now.kept + here.length
      return documents > 0 ? [[name, { documents, tokens: was.tokens - now.tokens + sum('tokens', here) }]] : []
    }),
  )
  return {
    documents: { kept, dropped: plan.erased.size - kept },
    tokens: before.tokens - after.tokens + sum('tokens'),
    textBytes: before.textBytes - after.textBytes + sum('bytes'),
    bySource,
  }
}

async function eraseShards(store: Store, old: Snapshot, goes: (id: string) => boolean) {
  const moved = new Map<string, { readonly path: string | undefined; readonly rows: Int32Array }>()
  const pages: Record<string, PageRef[]> = {}
  const gone: string[] = []
  for (const [language, list] of Object.entries(old.shards)) {
    const entries: ShardEntry[] = []
    let rewritten = false
    for await (const shard of readEntries(store, 'shards', list)) {
      const made: RewrittenShard | undefined = await rewriteShard(store, shard, old.tokenizer, goes)
      if (made === undefined) {
        entries.push(shard)
        continue
      }
      rewritten = true
      if (made.entry !== undefined) entries.push(made.entry)
      const paths = new Map<string, ShardEntry>()
      addShard(paths, shard)
      for (const path of paths.keys()) moved.set(path, { path: made.entry?.path, rows: made.rows })
      gone.push(...filesOfShard(shard).map(({ path }) => path))
    }
    if (entries.length > 0) pages[language] = rewritten ? await appendEntries(store, 'shards', [], entries) : list
  }
  return { moved, pages, gone }
}

async function eraseDropped(store: Store, old: Snapshot, goes: (id: string) => boolean) {
  const moved = new Map<string, string | undefined>()
  const entries: DroppedEntry[] = []
  const gone: string[] = []
  for await (const entry of readEntries(store, 'dropped', old.dropped)) {
    const made = await rewriteDropped(store, entry, goes)
    if (made === undefined) {
      entries.push(entry)
      continue
    }
    if (made !== null) entries.push(made)
    for (const path of [entry.path, ...(entry.absorbed ?? [])]) moved.set(path, made?.path)
    gone.push(entry.path)
  }
  return { moved, gone, pages: moved.size === 0 ? old.dropped : await appendEntries(store, 'dropped', [], entries) }
}

async function promotionOf(
  store: Store,
  snapshot: Snapshot,
  erased: Uint8Array,
  orphans: readonly Orphan[],
  { encoder }: EraseOptions,
): Promise<Promotion | undefined> {
  if (encoder === undefined || orphans.length === 0) return undefined
  const key = snapshot.rules[snapshot.pipeline.rulesSha256] ?? ''
  const rules = JSON.parse(Buffer.from(await store.get(key)).toString('utf8')) as RulesJson
  return promote({ store, snapshot, rules, erased, orphans, encoder: await encoder(rules, snapshot) })
}

/** All that was ever erased from under the index's runs, ascending. */
async function mergedIds(store: Store, old: Snapshot, { erased }: ErasePlan): Promise<Uint8Array> {
  const before = Buffer.from(await readErased(store, old))
  const all = new Set(erased.keys())
  for (let at = 0; at < before.byteLength; at += 16) all.add(before.toString('latin1', at, at + 16))
  return Buffer.from([...all].sort().join(''), 'latin1')
}

async function putIds(store: Store, ids: Uint8Array): Promise<NonNullable<Snapshot['index']['erased']>> {
  const sha256 = createHash('sha256').update(ids).digest('hex')
  const path = layout.index(sha256)
  await store.put(path, ids)
  return { path, bytes: ids.byteLength, sha256, documents: ids.byteLength / 16 }
}

/** The totals that the ledger gives. */
async function countLedger(store: Store, old: Snapshot, ledger: readonly LedgerEntry[]): Promise<Totals> {
  const totals = emptyTotals()
  for (const [name, { licence }] of Object.entries(old.totals.bySource)) {
    totals.bySource[name] = { read: 0, kept: 0, tokens: 0, licence }
    totals.byLicence[licence] = { read: 0, kept: 0, tokens: 0 }
  }
  for (const entry of ledger)
    for await (const { rows, columns } of readLedgerFile(store, entry, ['source', 'outcome', 'stage', 'rule', 'shard', 'n_tokens', 'n_bytes'])) {
      const label = (name: string) => columns[name] as LabelColumn
      const [source, outcome, stage, rule, shard] = [label('source'), label('outcome'), label('stage'), label('rule'), label('shard')]
      const [nTokens, nBytes] = [columns['n_tokens'] as NumberColumn, columns['n_bytes'] as NumberColumn]
      for (let row = 0; row < rows; row += 1) {
        const from = totals.bySource[source.labels[source.indices[row] ?? -1] ?? '']
        const under = from === undefined ? undefined : totals.byLicence[from.licence]
        totals.read += 1
        for (const group of [from, under]) if (group !== undefined) group.read += 1
        if (outcome.labels[outcome.indices[row] ?? -1] !== 'kept') {
          const name = `${stage.labels[stage.indices[row] ?? -1]}/${rule.labels[rule.indices[row] ?? -1]}`
          totals.dropped[name] = (totals.dropped[name] ?? 0) + 1
          continue
        }
        const [tokens, bytes] = [nTokens.values[row] ?? 0, nBytes.values[row] ?? 0]
        const language = (totals.byLanguage[languageOfShard(shard.labels[shard.indices[row] ?? -1] ?? '') ?? ''] ??= { kept: 0, tokens: 0, bytes: 0 })
        for (const group of [from, under, language, totals])
          if (group !== undefined) {
            group.kept += 1
            group.tokens += tokens
          }
        language.bytes += bytes
        totals.textBytes += bytes
      }
    }
  return totals
}
