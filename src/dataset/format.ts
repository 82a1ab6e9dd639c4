import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { canonicalJson } from '../core/canonical-json.ts'
import { QuernError } from '../core/errors.ts'
import { openStore, type Store } from '../storage/store.ts'
import { layout } from './layout.ts'
import { parseObject } from './parse-object.ts'

/** Raised when a reader of the old number would read the new layout wrongly. */
const major = 1

/** What a reader must know beyond the major number; one that meets an unknown name refuses the dataset. */
const features: readonly string[] = []

const Format = z.looseObject({
  format: z.literal('quern-dataset'),
  major: z.int(),
  datasetId: z.uuid(),
  createdAt: z.string(),
  hash: z.literal('sha256'),
  features: z.array(z.string()),
})

export type Format = z.infer<typeof Format>

/** Makes the store a dataset, or finds that it is one. Two runs that start together agree on one id. */
export async function createDataset(store: Store): Promise<Format> {
  const format: Format = {
    format: 'quern-dataset',
    major,
    datasetId: randomUUID(),
    createdAt: new Date().toISOString(),
    hash: 'sha256',
    features: [...features],
  }
  await store.putIfAbsent(layout.format, canonicalJson(format))
  return readFormat(store)
}

/** Refuses (`not-a-dataset`) a place without a dataset, or one that this version would misread. */
export async function readFormat(store: Store): Promise<Format> {
  const bytes = await store.find(layout.format)
  if (bytes === undefined)
    throw new QuernError('not-a-dataset', `opening ${store.url}: there is no dataset here`, {
      remedy: 'Give the folder that holds format.json, the one that quern run printed.',
    })
  const head = parseObject(z.looseObject({ format: z.string(), major: z.int() }), bytes, layout.format)
  if (head.format !== 'quern-dataset') throw new QuernError('not-a-dataset', `opening ${store.url}: its format.json says "${head.format}"`)
  if (head.major !== major)
    throw new QuernError('not-a-dataset', `opening ${store.url}: it has format ${head.major}, and this version reads format ${major}`, {
      remedy: 'Use the version of Quern that wrote it, or a newer one.',
    })
  const format = parseObject(Format, bytes, layout.format)
  const unknown = format.features.filter((name) => !features.includes(name))
  if (unknown.length > 0)
    throw new QuernError('not-a-dataset', `opening ${store.url}: it uses ${unknown.join(', ')}, which this version does not know`, {
      remedy: 'Use a newer version of Quern.',
    })
  return format
}

/** Opens a place that must hold a dataset. */
export async function openDataset(url: string): Promise<Store> {
  const store = await openStore(url)
  await readFormat(store)
  return store
}
