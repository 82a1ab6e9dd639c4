import { randomUUID } from 'node:crypto'
import pLimit from 'p-limit'
import * as z from 'zod'
import { canonicalJson } from '../core/canonical-json.ts'
import { QuernError } from '../core/errors.ts'
import { layout } from '../dataset/layout.ts'
import { parseObject } from '../dataset/parse-object.ts'
import type { Store } from '../storage/store.ts'
import { problemNames, verdictNames } from './label-names.ts'

export const annotatorName = z.string().trim().min(1).max(100)

/** What a person sends. */
export const Judgement = z.strictObject({
  document: z.string().regex(/^[0-9a-f]{32}$/),
  verdict: z.enum(verdictNames),
  problems: z.array(z.enum(problemNames)).max(problemNames.length).default([]),
  comment: z.string().max(2000).default(''),
  annotator: annotatorName,
  /** The batch that it was shown in; empty: found by the person, and no part of any sample. */
  batch: z.string().max(200).default(''),
})
export type Judgement = z.infer<typeof Judgement>

/** What is stored: what the server knows of the document is added by it, not taken from the page. */
export const Label = z.strictObject({
  ...Judgement.shape,
  snapshot: z.int().positive(),
  language: z.string(),
  /** `kept`, or the `stage/rule` that dropped it. */
  fate: z.string(),
  /** The person saw neither what the pipeline decided nor what others said. */
  blind: z.boolean(),
  at: z.iso.datetime(),
})
export type Label = z.infer<typeof Label>

const Labels = z.strictObject({ format: z.literal('quern-labels/1'), labels: z.array(Label) })

/** Reading one object of S3 after the other would take a minute for two thousand labels. */
const readsAtOnce = 32

/** Objects of labels never change: each is read once by a process. */
const read = new WeakMap<Store, Map<string, Promise<readonly Label[]>>>()

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

/** All labels in the order in which they were given. */
export async function readLabels(store: Store): Promise<readonly Label[]> {
  const known = read.get(store) ?? new Map<string, Promise<readonly Label[]>>()
  read.set(store, known)
  const atOnce = pLimit(readsAtOnce)
  const all: Promise<readonly Label[]>[] = []
  for await (const { key } of store.list(layout.labels)) {
    if (!/^labels\/\d[^/]*\.json$/.test(key)) continue
    let labels = known.get(key)
    if (labels === undefined) {
      labels = atOnce(async () => parseObject(Labels, await store.get(key), key).labels)
      labels.catch(() => known.delete(key))
      known.set(key, labels)
    }
    all.push(labels)
  }
  return (await Promise.all(all)).flat().toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

/** What each person last said of each document: a later label replaces an earlier one of the same person. */
export function latestLabels(labels: readonly Label[]): readonly Label[] {
  return [...new Map(labels.map((label) => [`${label.document} ${label.annotator}`, label])).values()]
}
