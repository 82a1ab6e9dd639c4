import { createHash, randomUUID } from 'node:crypto'
import { canonicalJson } from '../core/canonical-json.ts'
import type { LabelColumn, NumberColumn, TextColumn } from '../core/batch.ts'
import { QuernError } from '../core/errors.ts'
import type { IdColumn } from '../native/parquet-write.ts'
import type { ObjectFacts, Store } from '../storage/store.ts'
import { type Criteria, matcher, refuseUnknown } from './criteria.ts'
import { layout } from './layout.ts'
import { readLedger } from './ledger-reader.ts'
import { leaseToWrite } from './lease.ts'
import { putReceipt, type Receipt, withdrawReceipt } from './receipts.ts'
import { commitSnapshot, type FoundSnapshot, readSnapshot, type Snapshot } from './snapshot.ts'
import { readCriteria, readNamed, type Suppression } from './suppress.ts'
import { emptyTotals } from './totals.ts'

/** Ids in one object: 17 MB of JSON. */
const idsPerObject = 500_000

export interface Suppressed {
  /** The snapshot that says so; the one looked at when there was nothing to do or it was only tried. */
  readonly snapshot: number
  /** False when all of it was suppressed before, and when it was only tried. */
  readonly published: boolean
  /** Of documents that the criteria name and that were given out until now. */
  readonly found: Found
}

export type Found = Pick<Receipt, 'documents' | 'tokens' | 'textBytes' | 'bySource'>

/**
 * Hides all that the criteria name, for every reader of any snapshot and at once: ids go under `suppressed/` first, then a
 * snapshot with the same content names them, so that later nights do not take in again what they name. If another run
 * publishes meanwhile, its night is looked through too. Stopped anywhere and called again, it ends the same.
 * Costs a pass over a few columns of the ledger; memory: the ids that are found.
 */
export async function suppress(store: Store, criteria: Criteria, reason: string, dryRun: boolean): Promise<Suppressed> {
  const lease = dryRun ? undefined : await leaseToWrite(store)
  try {
    for (;;) {
      const parent = await readSnapshot(store)
      refuseUnknown(`suppressing in ${store.url}`, parent.snapshot, criteria)
      const { ids, found } = await findDocuments(store, parent.snapshot, criteria)
      const nothing = ids.length === 0 && isCovered(criteria, await readCriteria(store, parent.snapshot))
      if (dryRun || nothing) return { snapshot: parent.snapshot.version, published: false, found }
      const objects = await putIds(store, { format: 'quern-suppression/1', criteria, reason, ids })
      await lease?.check()
      const snapshot = follow(parent, objects)
      const { version, commitId, createdAt } = snapshot
      const receipt: Receipt = { format: 'quern-receipt/1', snapshot: version, commitId, action: 'suppress', criteria, reason, createdAt, ...found }
      await putReceipt(store, receipt)
      if ((await commitSnapshot(store, snapshot)) === 'committed') return { snapshot: version, published: true, found }
      await withdrawReceipt(store, receipt)
    }
  } finally {
    await lease?.release()
  }
}

function follow({ snapshot: parent, sha256 }: FoundSnapshot, fresh: readonly (ObjectFacts & { readonly documents: number })[]): Snapshot {
  const { losses: _, ...content } = parent // of the night before, not of this
  return {
    ...content,
    version: parent.version + 1,
    parent: { version: parent.version, sha256 },
    commitId: randomUUID(),
    createdAt: new Date().toISOString(),
    operation: 'suppress',
    tonight: emptyTotals(),
    suppressions: [...(parent.suppressions ?? []), ...fresh],
  }
}

/** Whether earlier suppressions name all of it already. */
function isCovered(criteria: Criteria, before: Criteria): boolean {
  return Object.entries(criteria).every(([kind, names]) => names.every((name) => before[kind as keyof Criteria].includes(name)))
}

async function findDocuments(store: Store, snapshot: Snapshot, criteria: Criteria): Promise<{ ids: string[]; found: Found }> {
  const hidden = await readNamed(store, snapshot)
  const match = matcher(criteria)
  const ids: string[] = []
  const named = new Set<string>()
  const found = { documents: { kept: 0, dropped: 0 }, tokens: 0, textBytes: 0, bySource: {} as Record<string, { documents: number; tokens: number }> }
  for await (const { rows, columns } of readLedger(store, snapshot, ['doc_id', 'url', 'source', 'outcome', 'stage', 'n_tokens', 'n_bytes'])) {
    const [docIds, urls, source] = [columns['doc_id'] as IdColumn, columns['url'] as TextColumn, columns['source'] as LabelColumn]
    const [outcome, tokens, bytes] = [columns['outcome'] as LabelColumn, columns['n_tokens'] as NumberColumn, columns['n_bytes'] as NumberColumn]
    const whole = source.labels.map((name) => match.source(name, snapshot.totals.bySource[name]?.licence ?? ''))
    const stage = columns['stage'] as LabelColumn
    const [kept, gone] = [outcome.labels.indexOf('kept'), stage.labels.indexOf('suppressed')]
    const byRow = match.looksAtRows ? match.rows(docIds.values, urls) : undefined
    for (let row = 0; row < rows; row += 1) {
      const code = whole[source.indices[row] ?? -1] || byRow?.[row] || 0
      if (code === 0) continue
      const id = Buffer.from(docIds.values.subarray(row * 16, row * 16 + 16)).toString('hex')
      if (criteria.documents.length > 0) named.add(id)
      // Of what a night dropped by name nothing is left that could be given out.
      if (hidden.has(id) || (gone >= 0 && stage.indices[row] === gone)) continue
      ids.push(id)
      if (outcome.indices[row] !== kept) {
        found.documents.dropped += 1
        continue
      }
      found.documents.kept += 1
      found.tokens += tokens.values[row] ?? 0
      found.textBytes += bytes.values[row] ?? 0
      const group = (found.bySource[source.labels[source.indices[row] ?? -1] ?? ''] ??= { documents: 0, tokens: 0 })
      group.documents += 1
      group.tokens += tokens.values[row] ?? 0
    }
  }
  const missing = criteria.documents.filter((id) => !named.has(id))
  if (missing.length > 0)
    throw new QuernError('not-found', `suppressing in ${store.url}: snapshot ${snapshot.version} has no document ${missing.join(', ')}`, {
      remedy: 'Give ids of 32 hex digits as quern why prints them; an address goes with --url.',
    })
  return { ids, found }
}

/** Ids sorted and cut by count alone; without any the criteria still stand, for nights to come. */
async function putIds(store: Store, whole: Suppression): Promise<(ObjectFacts & { readonly documents: number })[]> {
  const ids = [...new Set(whole.ids)].sort()
  const objects: (ObjectFacts & { readonly documents: number })[] = []
  for (let from = 0; from === 0 || from < ids.length; from += idsPerObject) {
    const part = ids.slice(from, from + idsPerObject)
    const content = Buffer.from(canonicalJson({ ...whole, ids: part }))
    const sha256 = createHash('sha256').update(content).digest('hex')
    const path = layout.suppression(sha256)
    await store.put(path, content)
    objects.push({ path, bytes: content.byteLength, sha256, documents: part.length })
  }
  return objects
}
