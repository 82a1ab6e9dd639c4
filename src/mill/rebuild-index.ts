import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { QuernError } from '../core/errors.ts'
import { ancestors, readSnapshot, type Snapshot } from '../dataset/snapshot.ts'
import { sign } from '../native/minhash.ts'
import { mergeRuns, SequenceIndex, type IndexRun as LocalRun } from '../native/sequence-index.ts'
import type { Store } from '../storage/store.ts'
import { indexSettings, putRun, runFile, scratchFolder, type IndexRun } from './index-runs.ts'
import { keyPlan } from './key-plan.ts'
import { openKeptDocuments, type KeptReader } from './kept-documents.ts'
import type { RulesJson } from './keys.ts'

export interface RebuiltIndex {
  /** Runs that snapshots name, back to the last rebuild of the dataset. */
  readonly runs: number
  /** Those that were missing or damaged, as they are again. */
  readonly restored: readonly IndexRun[]
}

export interface RebuildProgress {
  readonly run: number
  readonly runs: number
}

/** A run among those that hold the same documents one after the other: documents `from` to `from + documents`. */
interface Place {
  readonly run: IndexRun
  readonly from: number
}

/**
 * Makes the lost or damaged runs of the index again, byte for byte, so that no snapshot changes. A merged run whose
 * parts are whole is merged again; another is made from the kept texts, signed again, and the runs before it, since
 * they say which documents came first into a bucket. `damaged-dataset` when the bytes do not come out the same.
 * Memory: the setting of the night's pipeline, and a batch of texts of every language.
 */
export async function rebuildIndex(store: Store, onProgress: (progress: RebuildProgress) => void = () => undefined): Promise<RebuiltIndex> {
  const { snapshot: newest } = await readSnapshot(store)
  const chain = await chainOf(store, newest)
  const whole = new Set<string>()
  const all = new Set(chain.flatMap(({ index }) => index.runs.map(({ path }) => path)))
  const restored: IndexRun[] = []
  const documents = openKeptDocuments(store, newest)
  let before: readonly Place[] = []
  try {
    for (const snapshot of chain) {
      const places = placesOf(snapshot)
      for (const [i, place] of places.entries()) {
        const { run } = place
        if (whole.has(run.path)) continue
        onProgress({ run: whole.size + 1, runs: all.size })
        if (!(await isWhole(store, run))) {
          await restore(store, documents, snapshot, { earlier: places.slice(0, i), parent: before, place })
          restored.push(run)
        }
        whole.add(run.path)
      }
      before = places
    }
  } finally {
    await documents.close()
  }
  return { runs: all.size, restored }
}

/** From the last rebuild on, or from the oldest snapshot that is left, to the newest. */
async function chainOf(store: Store, newest: Snapshot): Promise<Snapshot[]> {
  const chain = [newest]
  if (newest.operation !== 'rebuild') {
    for await (const snapshot of ancestors(store, newest)) {
      chain.unshift(snapshot)
      if (snapshot.operation === 'rebuild') break
    }
  }
  return chain
}

function placesOf({ index }: Snapshot): Place[] {
  let from = 0
  return index.runs.map((run) => {
    const place = { run, from }
    from += run.documents
    return place
  })
}

async function isWhole(store: Store, run: IndexRun): Promise<boolean> {
  if ((await store.stat(run.path))?.bytes !== run.bytes) return false
  const hash = createHash('sha256')
  for await (const piece of createReadStream(await store.localPath(run.path))) hash.update(piece as Uint8Array)
  return hash.digest('hex') === run.sha256
}

interface Restoring {
  readonly place: Place
  /** Those before it in the first snapshot that names it. */
  readonly earlier: readonly Place[]
  /** All of that snapshot's parent. */
  readonly parent: readonly Place[]
}

async function restore(store: Store, documents: KeptReader, snapshot: Snapshot, { place: { run, from }, earlier, parent }: Restoring): Promise<void> {
  const scratch = scratchFolder(store, `rebuild-${run.sha256.slice(0, 16)}`)
  await rm(scratch, { recursive: true, force: true })
  await mkdir(scratch, { recursive: true })
  try {
    const inside = parent.filter((place) => place.from >= from && place.from + place.run.documents <= from + run.documents)
    const merged = inside.length > 1 && inside.reduce((sum, place) => sum + place.run.documents, 0) === run.documents
    const pieces = merged
      ? await Promise.all(inside.map((place) => runFile(store, place.run)))
      : (await signedAgain(store, documents, snapshot, earlier, { run, from }, scratch)).map(({ path }) => path)
    const [only] = pieces
    if (only === undefined) throw otherBytes(store, run)
    const made = pieces.length === 1 ? { path: only, documents: run.documents } : mergeRuns(pieces, join(scratch, 'merged.run'))
    await replaceRun(store, run, made)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** The runs that the documents give when they are taken in again, in order; several when memory was changed meanwhile. */
async function signedAgain(
  store: Store,
  documents: KeptReader,
  snapshot: Snapshot,
  earlier: readonly Place[],
  { run, from }: Place,
  scratch: string,
): Promise<readonly LocalRun[]> {
  const rules = JSON.parse(Buffer.from(await store.get(snapshot.rules[snapshot.pipeline.rulesSha256] ?? '')).toString('utf8')) as RulesJson
  const settings = indexSettings((name) => rules.stages.find(({ use }) => use === name)?.config)
  if (settings === undefined) throw otherBytes(store, run)
  const { bands } = keyPlan(rules.stages.map(({ use, config }) => ({ name: use, config })))
  const index = new SequenceIndex({ ...settings, scratch, keepAll: true })
  try {
    for (const place of earlier) index.addRun(await runFile(store, place.run))
    for await (const { rows, ids, text } of documents.read(from, from + run.documents))
      index.decide({ ids, candidates: new Uint8Array(rows).fill(1), signatures: sign(text, { ngram: 5, bands }) })
    return index.finish().runs
  } finally {
    index.close()
  }
}

/** Puts the run in the place of the damaged one. A published object is only ever replaced by the bytes that it is to have. */
async function replaceRun(store: Store, run: IndexRun, made: { readonly path: string; readonly documents: number }): Promise<void> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(made.path)) hash.update(piece as Uint8Array)
  if (hash.digest('hex') !== run.sha256 || made.documents !== run.documents) throw otherBytes(store, run)
  await store.delete(run.path)
  await putRun(store, made)
}

function otherBytes(store: Store, run: IndexRun): QuernError {
  return new QuernError('damaged-dataset', `making the index run ${run.path} again: the kept texts do not give the bytes that the snapshot names`, {
    remedy: `Run quern verify on ${store.url}: texts may be damaged too. If another version of Quern made the run, use that, or quern run --rebuild.`,
  })
}
