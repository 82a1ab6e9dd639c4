import type { Encoder } from '../core/component.ts'
import type { Criteria } from '../dataset/criteria.ts'
import { leaseToWrite } from '../dataset/lease.ts'
import { putReceipt, type Receipt, withdrawReceipt } from '../dataset/receipts.ts'
import { commitSnapshot, type FoundSnapshot, readSnapshot, type Snapshot } from '../dataset/snapshot.ts'
import { readNamed } from '../dataset/suppress.ts'
import type { Totals } from '../dataset/totals.ts'
import type { Store } from '../storage/store.ts'
import type { Rejudged } from './erase-ledger.ts'
import { type ErasePlan, type Orphan, planErasure } from './erase-plan.ts'
import { joinIds, packIds } from './id-files.ts'
import { readErased } from './index-runs.ts'
import { ownRules, type RulesJson } from './keys.ts'
import { promote, type Promotion } from './promote.ts'
import { rewrittenSnapshot } from './rewritten-snapshot.ts'

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
  const ids = joinIds(await readErased(store, old), packIds(plan.erased.keys()))
  const hidden = await readNamed(store, old)
  const able = plan.orphans.filter(({ id, text }) => text !== undefined && !hidden.has(Buffer.from(id, 'latin1').toString('hex')))
  const promotion = await promotionOf(store, old, ids, able, options)
  const fates = promotion?.rejudged ?? new Map<string, Rejudged>()
  const { snapshot, objects } = await rewrittenSnapshot(store, parent, {
    operation: 'erase',
    goes: (id) => plan.erased.has(id),
    shards: undefined,
    losesText: (id) => plan.erased.has(id) || fates.get(id)?.outcome === 'kept',
    retained: undefined,
    erased: plan.erased,
    fates,
    promotion,
    index: { erased: ids, versions: old.index.versions },
  })
  const waiting = plan.orphans.filter(({ id }) => !fates.has(id)).map(({ id }) => Buffer.from(id, 'latin1').toString('hex'))
  const { version, commitId, createdAt } = snapshot
  const came = plan.orphans.flatMap(({ id, source }) => {
    const fate = fates.get(id)
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
    ...differenceOf(old.totals, snapshot.totals, plan, came),
    erasure: {
      promoted: { documents: came.length, tokens: came.reduce((sum, { tokens }) => sum + tokens, 0) },
      renamed: fates.size - came.length,
      waiting: { documents: waiting.length, ids: waiting.slice(0, mostListed) },
      objects: objects.toSorted(),
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

async function promotionOf(
  store: Store,
  snapshot: Snapshot,
  erased: Uint8Array,
  orphans: readonly Orphan[],
  { encoder }: EraseOptions,
): Promise<Promotion | undefined> {
  if (encoder === undefined || orphans.length === 0) return undefined
  const rules = await ownRules(store, snapshot)
  const start = { store, snapshot, rules, erased, orphans: [orphans], encoder: await encoder(rules, snapshot) }
  return promote({ ...start, tails: new Map(), goes: () => false })
}
