import { createHash } from 'node:crypto'
import * as z from 'zod'
import { QuernError } from '../core/errors.ts'
import { layout } from '../dataset/layout.ts'
import { parseObject } from '../dataset/parse-object.ts'
import type { Store } from '../storage/store.ts'
import { annotatorName, type Label, latestLabels, readLabels } from './labels.ts'

const count = z.int().nonnegative()

/** What a batch is asked for by. The same request on the same snapshot is the same batch. */
export const BatchRequest = z.strictObject({
  /** None: all languages of the snapshot. */
  languages: z.array(z.string().max(40)).max(100).default([]),
  seed: z.int().nonnegative().default(0),
  size: z.int().min(1).max(2000).default(200),
  /** Share of each language's documents that others label too, without seeing anything of the first labels. */
  second: z.number().min(0).max(1).default(0.25),
  /** Who labels all of it. */
  annotator: annotatorName,
  /** Whether that person does not see what the pipeline decided either. Second labels are blind always. */
  blind: z.boolean().default(true),
})
export type BatchRequest = z.infer<typeof BatchRequest>

export const Stratum = z.strictObject({ language: z.string(), fate: z.string(), documents: count, withText: count, drawn: count })
export type Stratum = z.infer<typeof Stratum>

/** Documents to be labelled, with the frame that they were drawn from: enough to draw them again and to weigh them. */
export const LabelBatch = z.strictObject({
  format: z.literal('quern-label-batch/1'),
  name: z.string(),
  snapshot: z.int().positive(),
  request: BatchRequest,
  at: z.iso.datetime(),
  strata: z.array(Stratum),
  /** In the order in which they are shown, which is random. */
  documents: z.array(z.strictObject({ document: z.string(), language: z.string(), fate: z.string(), second: z.boolean() })),
})
export type LabelBatch = z.infer<typeof LabelBatch>

export async function readBatch(store: Store, name: string): Promise<LabelBatch> {
  const key = layout.labelBatch(name)
  const bytes = /^[0-9a-f-]{1,40}$/.test(name) ? await store.find(key) : undefined
  if (bytes === undefined)
    throw new QuernError('not-found', `looking for the batch "${name}": the dataset has none of this name`, { remedy: 'Choose one from the list.' })
  return parseObject(LabelBatch, bytes, key)
}

/** All batches of a dataset, the newest first. */
export async function readBatches(store: Store): Promise<readonly LabelBatch[]> {
  const all: LabelBatch[] = []
  for await (const { key } of store.list(layout.labelBatches)) all.push(parseObject(LabelBatch, await store.get(key), key))
  return all.toSorted((a, b) => (a.at < b.at ? 1 : -1))
}

export interface BatchLine {
  readonly name: string
  readonly snapshot: number
  readonly request: BatchRequest
  readonly at: string
  readonly documents: number
  readonly second: number
  /** Strata that got no document, because there are more of them than documents asked for, or because no text was retained. */
  readonly empty: number
  readonly labelled: readonly { readonly annotator: string; readonly documents: number }[]
}

export async function batchLines(store: Store): Promise<readonly BatchLine[]> {
  const [batches, labels] = await Promise.all([readBatches(store), readLabels(store)])
  const byBatch = Map.groupBy(labels, ({ batch }) => batch)
  return batches.map(({ name, snapshot, request, at, documents, strata }) => ({
    name,
    snapshot,
    request,
    at,
    documents: documents.length,
    second: documents.filter(({ second }) => second).length,
    empty: strata.filter(({ drawn }) => drawn === 0).length,
    labelled: [...Map.groupBy(latestLabels(byBatch.get(name) ?? []), ({ annotator }) => annotator)].map(([annotator, of]) => ({
      annotator,
      documents: of.length,
    })),
  }))
}

/** A batch as one person gets it. */
export interface OwnBatch {
  readonly name: string
  readonly snapshot: number
  /** `second`: the share of somebody else's batch, in an order of its own. */
  readonly role: 'first' | 'second'
  readonly blind: boolean
  readonly documents: readonly { readonly document: string; readonly language: string }[]
  /** What this person said before, and nobody else. */
  readonly given: readonly Pick<Label, 'document' | 'verdict' | 'problems' | 'comment'>[]
}

export async function ownBatch(store: Store, name: string, annotator: string): Promise<OwnBatch> {
  const batch = await readBatch(store, name)
  const own = latestLabels((await readLabels(store)).filter((label) => label.batch === name && label.annotator === annotator))
  const first = annotator === batch.request.annotator
  const shown = first ? batch.documents : inOrderOf(annotator, batch.documents)
  return {
    name,
    snapshot: batch.snapshot,
    role: first ? 'first' : 'second',
    blind: isBlind(batch, annotator),
    documents: shown.map(({ document, language }) => ({ document, language })),
    given: own.map(({ document, verdict, problems, comment }) => ({ document, verdict, problems, comment })),
  }
}

/** What a person last said of a document outside of batches. */
export async function ownLabel(store: Store, document: string, annotator: string): Promise<OwnBatch['given'][number] | undefined> {
  return (await readLabels(store)).findLast((label) => label.batch === '' && label.document === document && label.annotator === annotator)
}

export function isBlind(batch: LabelBatch, annotator: string): boolean {
  return batch.request.blind || annotator !== batch.request.annotator
}

/** What tires the first person at the end of a batch should not meet the second one there too. */
function inOrderOf(annotator: string, documents: LabelBatch['documents']): LabelBatch['documents'] {
  const place = ({ document }: { readonly document: string }): string => createHash('sha256').update(`${annotator} ${document}`).digest('hex')
  const placed = documents.filter(({ second }) => second).map((of) => ({ of, place: place(of) }))
  return placed.toSorted((a, b) => (a.place < b.place ? -1 : 1)).map(({ of }) => of)
}
