import * as z from 'zod'
import { canonicalJson } from '../core/canonical-json.ts'
import type { Store } from '../storage/store.ts'
import { Criteria } from './criteria.ts'
import { layout } from './layout.ts'
import { parseObject } from './parse-object.ts'
import { retiredSnapshots } from './retired.ts'

const count = z.int().nonnegative()

/** What was done to a dataset on somebody's demand, for whoever asks later. It holds ids and counts, and no text. */
export const Receipt = z.strictObject({
  format: z.literal('quern-receipt/1'),
  /** Snapshot that it was published with, and that snapshot's commit: a receipt of a commit that never was counts for nothing. */
  snapshot: z.int().positive(),
  commitId: z.string(),
  /** `suppress`: no reader gives it out any more; `erase`: it is taken away. */
  action: z.enum(['suppress', 'erase']),
  criteria: Criteria,
  reason: z.string(),
  createdAt: z.string(),
  documents: z.strictObject({ kept: count, dropped: count }),
  /** Of the kept documents. */
  tokens: count,
  textBytes: count,
  bySource: z.record(z.string(), z.strictObject({ documents: count, tokens: count })),
  /** Of an erasure. */
  erasure: z
    .strictObject({
      /** Duplicates that came in for what is gone. */
      promoted: z.strictObject({ documents: count, tokens: count }),
      /** Duplicates that name another survivor now. */
      renamed: count,
      /** Those without a text, by id, the first thousands of them: they come back when their source is read again. */
      waiting: z.strictObject({ documents: count, ids: z.array(z.string()) }),
      /** What held the documents. No snapshot from this one on names it. */
      objects: z.array(z.string()),
      /** From then on `quern retain` deletes the objects, and the older snapshots with them. */
      deleteAfter: z.string(),
    })
    .optional(),
})

export type Receipt = z.infer<typeof Receipt>

const keyOf = ({ snapshot, commitId }: Pick<Receipt, 'snapshot' | 'commitId'>): string => layout.receipt(snapshot, commitId)

/** Before the commit, which makes it true. */
export async function putReceipt(store: Store, receipt: Receipt): Promise<void> {
  await store.put(keyOf(receipt), canonicalJson(Receipt.parse(receipt)))
}

/** Of a commit that another one was faster than. */
export async function withdrawReceipt(store: Store, receipt: Receipt): Promise<void> {
  await store.delete(keyOf(receipt))
}

/** All that came true, in order of their snapshots. */
export async function readReceipts(store: Store): Promise<Receipt[]> {
  const found: Receipt[] = []
  const retired = retiredSnapshots(store)
  for await (const { key } of store.list(layout.receipts)) {
    const receipt = parseObject(Receipt, await store.get(key), key)
    const bytes = (await store.find(layout.snapshot(receipt.snapshot))) ?? (await retired(receipt.snapshot))
    if (bytes === undefined) continue
    const { commitId } = parseObject(z.looseObject({ commitId: z.string() }), bytes, layout.snapshot(receipt.snapshot))
    if (commitId === receipt.commitId) found.push(receipt)
  }
  return found
}
