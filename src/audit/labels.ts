import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { canonicalJson } from '../core/canonical-json.ts'
import { QuernError } from '../core/errors.ts'
import { layout } from '../dataset/layout.ts'
import { parseObject } from '../dataset/parse-object.ts'
import type { Store } from '../storage/store.ts'

/** What a person can say of a document: the classes of HPLT's audit of web text, and whether a drop was right. */
export const labelNames = ['good', 'porn', 'artefacts', 'unnatural', 'wrong-language', 'should-be-kept', 'rightly-dropped', 'unsure'] as const

export const Label = z.strictObject({
  document: z.string().regex(/^[0-9a-f]{32}$/),
  label: z.enum(labelNames),
  comment: z.string().max(2000).default(''),
  annotator: z.string().min(1).max(100),
  /** The batch that it was shown in, with the frame that the batch was drawn from. */
  batch: z.string().max(200),
  /** Language and rule: what the batch was stratified by. */
  stratum: z.string().max(300),
  snapshot: z.int().positive(),
  at: z.iso.datetime(),
})
export type Label = z.infer<typeof Label>

const Labels = z.strictObject({ format: z.literal('quern-labels/1'), labels: z.array(Label) })

/**
 * Stores labels before it answers: each call is one new object that is never altered, so a page or a server that dies
 * loses nothing that was acknowledged, and several people label one dataset at once.
 */
export async function addLabels(store: Store, labels: readonly Label[]): Promise<void> {
  if (labels.length === 0) return
  const at = labels[0]!.at.replaceAll(/[^0-9]/g, '')
  const key = layout.label(`${at}-${randomUUID()}`)
  if (!(await store.putIfAbsent(key, canonicalJson({ format: 'quern-labels/1', labels }))))
    throw new QuernError('store-failed', `storing labels as ${key}: the name is taken`, { remedy: 'Send them again.' })
}

/** All labels in the order in which they were given; a later one of the same person on the same document counts. */
export async function readLabels(store: Store): Promise<readonly Label[]> {
  const all: Label[] = []
  for await (const { key } of store.list('labels/')) if (key.endsWith('.json')) all.push(...parseObject(Labels, await store.get(key), key).labels)
  return all.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}
