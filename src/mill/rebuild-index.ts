import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson } from '../core/canonical-json.ts'
import { QuernError } from '../core/errors.ts'
import { ancestors, readSnapshot, type Snapshot } from '../dataset/snapshot.ts'
import { sign } from '../native/minhash.ts'
import { keyBytes, unitKeyBytes } from '../native/document-keys.ts'
import { KeyIndex, mergeKeyRuns } from '../native/key-index.ts'
import { mergeRuns, SequenceIndex, type IndexRun as LocalRun } from '../native/sequence-index.ts'
import type { Store } from '../storage/store.ts'
import { indexSettings, putRun, readErased, runFile, scratchFolder, type IndexRun } from './index-runs.ts'
import { cutRules, keyPlan, keyRules, rowKeys, rowUnits, unitRules } from './key-plan.ts'
import { openKeptDocuments, type KeptReader } from './kept-documents.ts'
import type { RulesJson } from './keys.ts'
import type { KeyRun } from './run-merges.ts'

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
  const all = new Set(chain.flatMap(({ index }) => [...index.runs, ...(index.keys ?? [])].map(({ path }) => path)))
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
    for (const [i, snapshot] of chain.entries())
      for (const run of snapshot.index.keys ?? []) {
        if (whole.has(run.path)) continue
        onProgress({ run: whole.size + 1, runs: all.size })
        if (!(await isWhole(store, run))) {
          await restoreKeys(store, documents, run, snapshot, chain[i - 1])
          restored.push({ path: run.path, bytes: run.bytes, sha256: run.sha256, documents: run.documents })
        }
        whole.add(run.path)
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
  return (await sha256Of(await store.localPath(run.path))) === run.sha256
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
    const again = merged ? undefined : await signedAgain(store, documents, snapshot, earlier, { run, from }, scratch)
    const pieces = again?.runs.map(({ path }) => path) ?? (await Promise.all(inside.map((place) => runFile(store, place.run))))
    const [only] = pieces
    if (only === undefined) throw otherBytes(store, run, again)
    const made = pieces.length === 1 ? { path: only, documents: run.documents } : mergeRuns(pieces, join(scratch, 'merged.run'))
    await replaceRun(store, run, made, again)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** What documents give that are taken in again. */
interface Again {
  /** In order; several when memory was changed meanwhile. */
  readonly runs: readonly LocalRun[]
  /** Of texts that were cut, what was cut is not there. */
  readonly lacking: boolean
}

/** The runs of a stretch of documents, signed as they were before any cut. */
async function signedAgain(
  store: Store,
  documents: KeptReader,
  snapshot: Snapshot,
  earlier: readonly Place[],
  { run, from }: Place,
  scratch: string,
): Promise<Again> {
  const rules = JSON.parse(Buffer.from(await store.get(snapshot.rules[snapshot.pipeline.rulesSha256] ?? '')).toString('utf8')) as RulesJson
  const settings = indexSettings((name) => rules.stages.find(({ use }) => use === name)?.config)
  if (settings === undefined) throw otherBytes(store, run, undefined)
  const { bands } = keyPlan(rules.stages.map(({ use, config }) => ({ name: use, config })))
  const index = new SequenceIndex({ ...settings, scratch, keepAll: true })
  try {
    for (const place of earlier) index.addRun(await runFile(store, place.run))
    let lacking = false
    for await (const { rows, ids, columns, lacking: some } of documents.read(from, from + run.documents)) {
      index.decide({ ids, candidates: new Uint8Array(rows).fill(1), signatures: sign(columns.text, { ngram: 5, bands }) })
      lacking ||= some
    }
    return { runs: index.finish().runs, lacking }
  } finally {
    index.close()
  }
}

/** A run of one stage's keys. One that a night merged holds neighbours of the parent's list; any other has the keys of documents that the night kept. */
async function restoreKeys(store: Store, documents: KeptReader, run: KeyRun, snapshot: Snapshot, parent: Snapshot | undefined): Promise<void> {
  const scratch = scratchFolder(store, `rebuild-${run.sha256.slice(0, 16)}`)
  await rm(scratch, { recursive: true, force: true })
  await mkdir(scratch, { recursive: true })
  try {
    const ofStage = (of: Snapshot | undefined): KeyRun[] => (of?.index.keys ?? []).filter(({ stage }) => stage === run.stage)
    const left = new Set(ofStage(snapshot).map(({ path }) => path))
    const before = ofStage(parent)
    // What a night merges leaves its list; how many neighbours made this one is told by its documents.
    const gone = before.filter(({ path }) => !left.has(path))
    const members = gone.slice(...neighbours(gone, run.documents))
    if (members.length > 1) {
      const inputs = await Promise.all(members.map((each) => runFile(store, each)))
      return await replaceRun(store, run, mergeKeyRuns(inputs, join(scratch, 'merged.run')), undefined)
    }
    const again = await keyedAgain(store, documents, snapshot, parent, { stage: run.stage, before, scratch })
    for (const made of again.runs) if ((await sha256Of(made.path)) === run.sha256) return await replaceRun(store, run, made, again)
    throw otherBytes(store, run, again)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
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

/**
 * The runs of a stage that the snapshot's night gives when all that it kept is entered again. Of a cut text the lines and paragraphs
 * that are left are those that the night entered. Spans of sentences are of the text before, and cut again: a cut makes new
 * neighbours, and takes spans with it that only overlap it.
 */
async function keyedAgain(
  store: Store,
  documents: KeptReader,
  snapshot: Snapshot,
  parent: Snapshot | undefined,
  { stage, before, scratch }: { readonly stage: string; readonly before: readonly KeyRun[]; readonly scratch: string },
): Promise<Again> {
  const rules = JSON.parse(Buffer.from(await store.get(snapshot.rules[snapshot.pipeline.rulesSha256] ?? '')).toString('utf8')) as RulesJson
  const plan = keyPlan(rules.stages.map(({ use, config }) => ({ name: use, config })))
  const at = plan.columns.findIndex((column) => column.stage === stage)
  const column = plan.columns[at]
  const units = plan.units?.stage === stage ? plan.units : undefined
  const settings = column ?? units
  const spans = units?.unit === 'sentences'
  if (settings === undefined) return { runs: [], lacking: false }
  const index = new KeyIndex({
    width: units === undefined ? keyBytes : unitKeyBytes,
    rules: canonicalJson(column === undefined ? units && unitRules(units) : keyRules(column)),
    repeats: units?.repeats ?? 1,
    memoryBytes: settings.memory * 2 ** 20,
    scratch: join(scratch, stage),
  })
  try {
    for (const run of before) index.addRun(await runFile(store, run))
    index.erase(await readErased(store, parent))
    let lacking = false
    for await (const { rows, ids, columns, left, lacking: some } of documents.read(parent?.totals.kept ?? 0, snapshot.totals.kept)) {
      lacking ||= some
      const found = units && rowUnits(plan, spans ? columns : { text: left }, rows)
      const one = Uint32Array.from({ length: rows + 1 }, (_, row) => row)
      index.load(ids, found?.offsets ?? one, found?.keys ?? rowKeys(plan, columns, rows)[at] ?? new Uint8Array(0))
      for (let from = 0; from < rows;) {
        const to = Math.min(rows, index.stretch(from))
        if (found !== undefined && spans) index.cut(from, to, found, cutRules(units))
        index.keep(from, new Uint8Array(to - from).fill(1))
        from = to
      }
    }
    return { runs: index.finish(), lacking }
  } finally {
    index.close()
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array)
  return hash.digest('hex')
}

/** Puts the run in the place of the damaged one. A published object is only ever replaced by the bytes that it is to have. */
async function replaceRun(
  store: Store,
  run: IndexRun,
  made: { readonly path: string; readonly documents: number },
  again: Again | undefined,
): Promise<void> {
  if ((await sha256Of(made.path)) !== run.sha256 || made.documents !== run.documents) throw otherBytes(store, run, again)
  await store.delete(run.path)
  await putRun(store, { path: made.path, documents: made.documents })
}

function otherBytes(store: Store, run: IndexRun, again: Again | undefined): QuernError {
  const act = `making the index run ${run.path} again`
  if (again?.lacking === true)
    return new QuernError('damaged-dataset', `${act}: an older version of Quern cut repeated text from its documents and did not keep what it cut`, {
      remedy: 'Signatures were taken before the cut and cannot be made again. quern run --rebuild makes a new index, and such a one can.',
    })
  return new QuernError('damaged-dataset', `${act}: the kept texts do not give the bytes that the snapshot names`, {
    remedy:
      `Run quern verify on ${store.url}: texts may be damaged too. If another version of Quern made the run, use that. ` +
      'Otherwise quern run --rebuild makes a new index.',
  })
}
