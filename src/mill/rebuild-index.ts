import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { QuernError } from '../core/errors.ts'
import { ancestors, readSnapshot, type Snapshot } from '../dataset/snapshot.ts'
import { mergeKeyRuns } from '../native/key-index.ts'
import { mergeRuns } from '../native/sequence-index.ts'
import type { Store } from '../storage/store.ts'
import { keyedAgain, signedAgain, stagesAt, type Again } from './enter-again.ts'
import type { HeldRows } from './held-texts.ts'
import { putRun, readErased, runFile, scratchFolder, type IndexRun } from './index-runs.ts'
import { openKeptDocuments, type KeptReader } from './kept-documents.ts'
import { keyPlan } from './key-plan.ts'
import type { KeyRun } from './run-merges.ts'
import { survivorOrder } from './survivor-order.ts'

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
 * Memory: the setting of the night's pipeline, and a batch of texts of every language; the texts of a night that was held lie in a
 * local file meanwhile.
 */
export async function rebuildIndex(store: Store, onProgress: (progress: RebuildProgress) => void = () => undefined): Promise<RebuiltIndex> {
  const { snapshot: newest } = await readSnapshot(store)
  const chain = await chainOf(store, newest)
  const whole = new Set<string>()
  const all = new Set(chain.flatMap(({ index }) => [...index.runs, ...(index.keys ?? [])].map(({ path }) => path)))
  const restored: IndexRun[] = []
  const scratch = scratchFolder(store, 'rebuild-texts')
  const documents = openKeptDocuments(store, newest, await heldNights(store, chain), scratch)
  const rebuild: Rebuild = { store, newest, documents }
  let before: readonly Place[] = []
  try {
    for (const snapshot of chain) {
      const places = placesOf(snapshot)
      for (const [i, place] of places.entries()) {
        const { run } = place
        if (whole.has(run.path)) continue
        onProgress({ run: whole.size + 1, runs: all.size })
        if (!(await isWhole(store, run))) {
          await restore(rebuild, snapshot, { earlier: places.slice(0, i), parent: before, place })
          restored.push(run)
        }
        whole.add(run.path)
      }
      before = places
    }
    for (const [i, snapshot] of chain.entries())
      for (const run of snapshot.index.keys ?? []) {
        if (whole.has(run.path)) continue
        onProgress({ run: whole.size + 1, runs: all.size })
        if (!(await isWhole(store, run))) {
          for (const { path, bytes, sha256, documents } of await restoreKeys(rebuild, run, snapshot, chain[i - 1])) {
            restored.push({ path, bytes, sha256, documents })
            whole.add(path)
          }
        }
        whole.add(run.path)
      }
  } finally {
    await documents.close()
    await rm(scratch, { recursive: true, force: true })
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

/** The nights of a chain that did not decide their documents in the order of the ledger. */
async function heldNights(store: Store, chain: readonly Snapshot[]): Promise<HeldRows[]> {
  const held: HeldRows[] = []
  const known = new Map<string, Awaited<ReturnType<typeof stagesAt>>>()
  for (const [i, snapshot] of chain.entries()) {
    const from = chain[i - 1]?.totals.read ?? snapshot.totals.read - snapshot.tonight.read
    const rules = snapshot.pipeline.rulesSha256
    const stages = known.get(rules) ?? (await stagesAt(store, snapshot))
    known.set(rules, stages)
    const plan = keyPlan(stages)
    const order = survivorOrder(stages, plan)
    const address = order?.by === 'date' ? plan.columns[order.column] : undefined
    if (order !== undefined && from < snapshot.totals.read) held.push({ from, to: snapshot.totals.read, order, dropped: address?.dropped ?? [] })
  }
  return held
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
  return (await sha256Of(await store.localPath(run.path))) === run.sha256
}

/** What all runs are made from. */
interface Rebuild {
  readonly store: Store
  readonly newest: Snapshot
  readonly documents: KeptReader
}

interface Restoring {
  readonly place: Place
  /** Those before it in the first snapshot that names it. */
  readonly earlier: readonly Place[]
  /** All of that snapshot's parent. */
  readonly parent: readonly Place[]
}

async function restore(rebuild: Rebuild, snapshot: Snapshot, { place: { run, from }, earlier, parent }: Restoring): Promise<void> {
  const { store, documents } = rebuild
  const scratch = scratchFolder(store, `rebuild-${run.sha256.slice(0, 16)}`)
  await rm(scratch, { recursive: true, force: true })
  await mkdir(scratch, { recursive: true })
  try {
    const inside = parent.filter((place) => place.from >= from && place.from + place.run.documents <= from + run.documents)
    const merged = inside.length > 1 && sum(inside.map((place) => place.run)) === run.documents
    const again = merged
      ? undefined
      : await signedAgain(store, documents, snapshot, { earlier: earlier.map((place) => place.run), from, count: run.documents, scratch })
    const pieces = again?.runs.map(({ path }) => path) ?? (await Promise.all(inside.map((place) => runFile(store, place.run))))
    const [only] = pieces
    if (only === undefined) throw otherBytes(rebuild, run, again)
    const made = pieces.length === 1 ? { path: only, documents: run.documents } : mergeRuns(pieces, join(scratch, 'merged.run'))
    await replaceRun(rebuild, run, made, again)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/**
 * A run of one stage's keys, and those that are lost with it; returns which. One that a night merged holds neighbours of the parent's
 * list. The others stand behind what the parent's runs hold: they are made together from the documents that the night kept. Where
 * there is no parent left, these are all that there ever were.
 */
async function restoreKeys(rebuild: Rebuild, run: KeyRun, snapshot: Snapshot, parent: Snapshot | undefined): Promise<readonly KeyRun[]> {
  const { store, documents } = rebuild
  const scratch = scratchFolder(store, `rebuild-${run.sha256.slice(0, 16)}`)
  await rm(scratch, { recursive: true, force: true })
  await mkdir(scratch, { recursive: true })
  try {
    const ofStage = (of: Snapshot | undefined): KeyRun[] => (of?.index.keys ?? []).filter(({ stage }) => stage === run.stage)
    const runs = ofStage(snapshot)
    const before = ofStage(parent)
    // What a night merges leaves its list; how many neighbours made this one is told by its documents.
    const gone = before.filter(({ path }) => !runs.some((left) => left.path === path))
    const members = gone.slice(...neighbours(gone, run.documents))
    if (members.length > 1) {
      const inputs = await Promise.all(members.map((each) => runFile(store, each)))
      await replaceRun(rebuild, run, mergeKeyRuns(inputs, await readErased(store, snapshot), join(scratch, 'merged.run')), undefined)
      return [run]
    }
    const own = behind(runs, sum(before))
    const again = await keyedAgain(store, documents, snapshot, parent, { stage: run.stage, before, own, scratch })
    const restored: KeyRun[] = []
    for (const [i, each] of own.entries()) {
      const made = again.runs[i]
      if (await isWhole(store, each)) continue
      if (made === undefined) throw otherBytes(rebuild, each, again)
      await replaceRun(rebuild, each, made, again)
      restored.push(each)
    }
    if (!restored.includes(run)) throw otherBytes(rebuild, run, again)
    return restored
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

function sum(runs: readonly { readonly documents: number }[]): number {
  return runs.reduce((all, { documents }) => all + documents, 0)
}

/** The runs behind those that hold the first so many documents. */
function behind(runs: readonly KeyRun[], documents: number): readonly KeyRun[] {
  let at = 0
  for (let held = 0; held < documents && at < runs.length; at += 1) held += runs[at]?.documents ?? 0
  return runs.slice(at)
}

/** The first stretch of runs that together have so many documents: [start, end), or nothing. */
function neighbours(runs: readonly KeyRun[], documents: number): [number, number] {
  for (let start = 0; start < runs.length; start += 1)
    for (let end = start, sum = 0; end < runs.length && sum < documents;) {
      sum += runs[end]?.documents ?? 0
      end += 1
      if (sum === documents && end - start > 1) return [start, end]
    }
  return [0, 0]
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array)
  return hash.digest('hex')
}

/** Puts the run in the place of the damaged one. A published object is only ever replaced by the bytes that it is to have. */
async function replaceRun(
  rebuild: Rebuild,
  run: IndexRun,
  made: { readonly path: string; readonly documents: number },
  again: Again | undefined,
): Promise<void> {
  if ((await sha256Of(made.path)) !== run.sha256 || made.documents !== run.documents) throw otherBytes(rebuild, run, again)
  await rebuild.store.delete(run.path)
  await putRun(rebuild.store, { path: made.path, documents: made.documents })
}

function otherBytes({ store, newest }: Rebuild, run: IndexRun, again: Again | undefined): QuernError {
  const act = `making the index run ${run.path} again`
  const lost = (why: string): QuernError =>
    new QuernError('damaged-dataset', `${act}: ${why}`, { remedy: 'quern run --rebuild makes a new index, of the documents that there are.' })
  if (again?.lacking === true) return lost('an older version of Quern cut repeated text from its documents and did not keep what it cut')
  if (newest.index.erased !== undefined) return lost('documents were erased from this dataset, and a run that held one of them cannot come back')
  return new QuernError('damaged-dataset', `${act}: the kept texts do not give the bytes that the snapshot names`, {
    remedy:
      `Run quern verify on ${store.url}: texts may be damaged too. If another version of Quern made the run, use that. ` +
      'Otherwise quern run --rebuild makes a new index.',
  })
}
