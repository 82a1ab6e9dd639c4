import { mkdir, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { QuernError } from '../core/errors.ts'
import { layout } from '../dataset/layout.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import { bandKind, fiveWords } from '../native/minhash.ts'
import { mergeKeyRuns } from '../native/key-index.ts'
import { defaultMemoryBytes, mergeRuns, mostRunDocuments, type SequenceOptions } from '../native/sequence-index.ts'
import type { ObjectFacts, Store } from '../storage/store.ts'
import { bandsOf, isPlain, type BandSettings } from './key-plan.ts'
import { hashOf } from './keys.ts'

/** A run as a snapshot names it. */
export type IndexRun = Snapshot['index']['runs'][number]

/** Runs `start` to `end` (exclusive) of a list become one. */
export interface Merge {
  readonly start: number
  readonly end: number
}

/** What runs hold: signatures of documents, or keys of one stage. */
export type RunKind = 'documents' | 'keys'

/** A merge as a task: runs of one kind that follow each other. */
export interface MergeTask {
  readonly key: string
  readonly kind: RunKind
  readonly runs: readonly IndexRun[]
  /** File of the ids of documents that are in the dataset no more; absent where there are none. Runs of documents go on holding them. */
  readonly erased?: string
}

/** How many runs of a tier become one where no stage says it. */
export const defaultMergeWidth = 4

/** Runs of fewer documents than `lowest` are of the lowest tier: nights of every size meet there. None grows beyond `most`. */
export interface Tiers {
  readonly lowest: number
  readonly most: number
}

/** With a lowest tier of 65,536 a year of small nights copied up to 47 MB of runs every third night. */
const runTiers: Tiers = { lowest: 4096, most: mostRunDocuments }

/**
 * Which neighbours of a list of runs, oldest first, are to become one. Tiers grow by the factor `width`; a run counts
 * for no less than the largest one behind it, so that tiers fall from old to new and each is one stretch. A stretch of
 * `width` runs is merged, and the result may complete the stretch before it. Depends on the list alone: a snapshot's
 * runs follow from its parent and its night, whatever the time that merging took. Lists of files are merged by it too, by
 * sizes and tiers of their own.
 */
export function planMerges(documents: readonly number[], width: number, tiers: Tiers = runTiers): readonly Merge[] {
  let runs = documents.map((count, start) => ({ count, start, end: start + 1 }))
  for (let merged = true; merged;) {
    merged = false
    for (let end = runs.length; end > 0 && !merged;) {
      const highest = tier(runs[end - 1]?.count ?? 0, width, tiers)
      let start = end - 1
      while (start > 0 && tier(runs[start - 1]?.count ?? 0, width, tiers) <= highest) start -= 1
      const stretch = runs.slice(start, end)
      const joined = stretch.length >= width ? joinWithin(stretch, tiers.most) : stretch
      merged = joined.length < stretch.length
      if (merged) runs = [...runs.slice(0, start), ...joined, ...runs.slice(end)]
      end = start
    }
  }
  return runs.filter(({ start, end }) => end - start > 1).map(({ start, end }) => ({ start, end }))
}

function tier(documents: number, width: number, { lowest }: Tiers): number {
  let at = 0
  for (let most = lowest; documents >= most; most *= width) at += 1
  return at
}

/** As few runs as their limit of documents allows, neighbours together. */
function joinWithin<Run extends { readonly count: number; readonly end: number }>(stretch: readonly Run[], most: number): Run[] {
  const joined: Run[] = []
  for (const run of stretch) {
    const last = joined.at(-1)
    if (last !== undefined && last.count + run.count <= most) joined[joined.length - 1] = { ...last, count: last.count + run.count, end: run.end }
    else joined.push(run)
  }
  return joined
}

/** What the duplicate stages of a pipeline ask of the index, found by name; undefined when it has none of them. */
export function indexSettings(
  find: (stage: string) => unknown,
): (Pick<SequenceOptions, 'similarity' | 'exact' | 'bucketMembers' | 'bandKind' | 'memoryBytes'> & { readonly mergeWidth: number }) | undefined {
  const near = find('near-duplicates') as NearDuplicates | undefined
  const copies = find('exact-duplicates') as Parameters<typeof isPlain>[0] | undefined
  const exact = copies !== undefined && isPlain(copies)
  if (near === undefined && !exact) return undefined
  return {
    similarity: near?.similarity ?? null,
    exact,
    bucketMembers: near?.['bucket-members'] ?? 32,
    bandKind: bandKind(near === undefined ? fiveWords : bandsOf(near)),
    memoryBytes: near === undefined ? defaultMemoryBytes : near.memory * 2 ** 20,
    mergeWidth: near?.['merge-runs'] ?? defaultMergeWidth,
  }
}

interface NearDuplicates extends BandSettings {
  readonly similarity: number
  readonly 'bucket-members': number
  readonly memory: number
  readonly 'merge-runs': number
}

/** A local file of a run, for mapping. Every night asks for every run: one request each. */
export async function runFile(store: Store, run: IndexRun): Promise<string> {
  const damaged = (what: string, cause?: unknown): QuernError =>
    new QuernError('damaged-dataset', `opening the index run ${run.path}: ${what}`, {
      remedy: `Make it again from the kept texts: quern rebuild-index ${store.url}`,
      cause,
    })
  const file = await store.localPath(run.path).catch((error: unknown) => {
    throw error instanceof QuernError && error.code === 'damaged-dataset' ? damaged('it is missing or damaged', error) : error
  })
  const found = await stat(file).catch(() => undefined) // a folder store gives the path without looking
  if (found?.size !== run.bytes) throw damaged(found === undefined ? 'it is missing' : `it has ${found.size} bytes, not ${run.bytes}`)
  return file
}

/** Ids (16 bytes each) of documents that runs hold and the dataset does not. */
export async function readErased(store: Store, snapshot: Snapshot | undefined): Promise<Uint8Array> {
  const erased = snapshot?.index.erased
  return erased === undefined ? new Uint8Array(0) : store.get(erased.path)
}

/** The name of a merge: its runs, by content and order, and what is left out of them. */
export function mergeKey({ kind, runs, erased }: Omit<MergeTask, 'key'>): string {
  return hashOf({ merge: runs.map(({ sha256 }) => sha256), ...(kind === 'documents' ? {} : { kind }), ...(erased === undefined ? {} : { erased }) })
}

/**
 * Merges runs that follow each other into a new object. The runs stay for the snapshots that name them; who stops in the
 * middle leaves a scratch file. Memory: a few megabytes beside the mapped files.
 */
export async function merge(store: Store, task: MergeTask): Promise<IndexRun> {
  const done = await store.find(`parts/${task.key}.json`)
  if (done !== undefined) return JSON.parse(Buffer.from(done).toString('utf8')) as IndexRun
  const scratch = scratchFolder(store, task.key)
  await mkdir(scratch, { recursive: true })
  try {
    const inputs = await Promise.all(task.runs.map((run) => runFile(store, run)))
    const output = join(scratch, 'merged.run')
    const erased = task.erased === undefined ? new Uint8Array(0) : await store.get(task.erased)
    const run = await putRun(store, task.kind === 'keys' ? mergeKeyRuns(inputs, erased, output) : mergeRuns(inputs, output))
    await store.put(`parts/${task.key}.json`, JSON.stringify(run))
    return run
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** On the dataset's own disk when it has one: a night's index does not fit every /tmp. */
export function scratchFolder(store: Store, name: string): string {
  return store.url.includes('://') ? join(tmpdir(), `quern-${name}-${process.pid}`) : join(store.url, 'staging', `scratch-${name}-${process.pid}`)
}

/** Puts a run that was written to a local file. */
export async function putRun(store: Store, { path, documents }: { readonly path: string; readonly documents: number }): Promise<IndexRun> {
  const writer = await store.create()
  const file = await open(path, 'r')
  try {
    const buffer = new Uint8Array(1 << 20)
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, null)
      if (bytesRead === 0) break
      await writer.write(buffer.subarray(0, bytesRead))
    }
    const facts: ObjectFacts = await writer.close(layout.index)
    return { ...facts, documents }
  } catch (error) {
    await writer.abort()
    throw error
  } finally {
    await file.close()
  }
}
