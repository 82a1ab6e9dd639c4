import { canonicalJson } from '../core/canonical-json.ts'
import { QuernError } from '../core/errors.ts'
import { watchStart } from '../core/stopwatch.ts'
import type { AlarmSettings, Pipeline } from '../core/pipeline.ts'
import { createDataset } from '../dataset/format.ts'
import { layout } from '../dataset/layout.ts'
import { leaseToWrite, type Lease } from '../dataset/lease.ts'
import { type Losses, readLossesUpTo } from '../dataset/losses.ts'
import { readEntries, readPage } from '../dataset/pages.ts'
import { latestSnapshot, type Snapshot } from '../dataset/snapshot.ts'
import { readCriteria } from '../dataset/suppress.ts'
import { openStore, type Store } from '../storage/store.ts'
import { type Alarm, alarmsOf, languageShifts, type Shift } from './alarms.ts'
import type { Executor } from './executors/executor.ts'
import { localExecutor } from './executors/local.ts'
import { slurmExecutor } from './executors/slurm.ts'
import { grind, type Night } from './night.ts'
import { openEncoder } from './judge.ts'
import { collect } from './collect.ts'
import { findInputs, type Input } from './inputs.ts'
import { ownRules } from './keys.ts'
import { forgetPlan, makePlan, storedPlans, storePlan, type StoredPlan } from './plan.ts'
import { fromPortable, toPortable, type PortablePipeline } from './portable-pipeline.ts'
import type { Progress } from './progress.ts'
import { readErased } from './index-runs.ts'
import { publish } from './publish.ts'
import { registry } from './registry.ts'
import { type Replaced, replacePages } from './replace.ts'
import { changedRules } from './rules-change.ts'
import { tailShards } from './tails.ts'

export type ChangeMode = 'refuse' | 'evolve' | 'rebuild'

/** Where tasks run: threads of this process, or array jobs of a cluster with so many tasks each and these options of sbatch. */
export type Where = { readonly executor: 'local' } | { readonly executor: 'slurm'; readonly tasksPerJob: number; readonly options: readonly string[] }

export interface RunOptions {
  readonly where: Where
  /** Threads, or cluster jobs in flight. */
  readonly workers: number
  /** Most rows that stages get at once; the result does not depend on it. */
  readonly batchRows: number
  readonly change: ChangeMode
  /** Publish whatever the night lost. */
  readonly accept: boolean
}

/** A night that is made but not published, because of what it lost. Run again with `accept`, it is only sequenced again. */
export interface Held {
  readonly alarms: readonly Alarm[]
  /** Rules whose rate in a language differs most from the usual. */
  readonly shifts: readonly Shift[]
}

export interface Published {
  readonly snapshot: Snapshot
  /** Shards pressed for it. */
  readonly shards: number
}

/**
 * Reads what is new and publishes it. First the replacements that a published night still wants, then a plan that an earlier run
 * left unfinished, exactly as planned, then what has appeared since, each night with its replacements behind it. A run that
 * finds another's snapshot in its way sequences again on top of it. Returns what it published, in order, nothing when there was
 * nothing new; and what it held back, which ends the run.
 */
export async function run(
  pipeline: Pipeline,
  options: RunOptions,
  progress: Progress,
): Promise<{ readonly published: readonly Published[]; readonly replaced: readonly Replaced[]; readonly held: Held | undefined }> {
  watchStart('start')
  const store = await openStore(pipeline.output.dataset)
  await store.probe({ singleWriter: pipeline.output.singleWriter })
  await createDataset(store)
  const lease = await leaseToWrite(store, { alone: pipeline.output.singleWriter })
  try {
    await store.clean()
    const portable = toPortable(pipeline)
    const all: Published[] = []
    const replaced: Replaced[] = []
    const encoder = () => openEncoder(fromPortable(portable, registry))
    let rebuild = options.change === 'rebuild'
    for (;;) {
      const parent = (await latestSnapshot(store))?.snapshot
      if (!rebuild && parent !== undefined) await refuseChange(store, parent, pipeline, options.change)
      const newer = rebuild ? undefined : await replacePages(store, { lease, encoder, say: (line) => progress.say(line) })
      if (newer !== undefined) {
        replaced.push(newer)
        continue
      }
      const plan = (await unfinishedPlan(store, portable, parent, rebuild)) ?? (await newPlan(store, pipeline, portable, parent, rebuild, progress))
      if (plan === undefined) break
      const published = await finish(store, lease, plan, options, pipeline.output.alarms, progress)
      if (published !== undefined && 'alarms' in published) return { published: all, replaced, held: published }
      if (published !== undefined) all.push(published)
      rebuild = false
    }
    return { published: all, replaced, held: undefined }
  } finally {
    await lease.release()
  }
}

async function refuseChange(store: Store, parent: Snapshot, pipeline: Pipeline, change: ChangeMode): Promise<void> {
  const before = await ownRules(store, parent)
  const changes = changedRules(before, pipeline.rules)
  if (changes.length === 0) return
  const tokenizer = changes.filter(({ press }) => press)
  if (change === 'evolve' && tokenizer.length === 0) return
  const list = (change === 'evolve' ? tokenizer : changes).map(({ sentence }) => `  ${sentence}`).join('\n')
  throw new QuernError(
    'pipeline-changed',
    `the dataset ${pipeline.output.dataset} (snapshot ${parent.version}) was made with other rules:\n${list}`,
    {
      remedy:
        change === 'evolve'
          ? 'Shards of one dataset share one tokenizer: use --rebuild, or another --out.'
          : 'Use --evolve to take the new rules for new input from now on, --rebuild to do everything again under them, or another --out.',
    },
  )
}

/** A stored plan of the same pipeline over inputs that no snapshot holds; older leftovers are cleared away. */
async function unfinishedPlan(
  store: Store,
  portable: PortablePipeline,
  parent: Snapshot | undefined,
  rebuild: boolean,
): Promise<StoredPlan | undefined> {
  const wanted = canonicalJson(portable)
  const known = await consumed(store, parent)
  for (const plan of await storedPlans(store)) {
    if (plan.rebuild !== rebuild || canonicalJson(plan.pipeline) !== wanted) continue
    if (plan.rebuild || newParts(plan, known).length > 0) return plan
    await collect(store, plan)
    await forgetPlan(store, plan.id)
  }
  return undefined
}

async function newPlan(
  store: Store,
  pipeline: Pipeline,
  portable: PortablePipeline,
  parent: Snapshot | undefined,
  rebuild: boolean,
  progress: Progress,
): Promise<StoredPlan | undefined> {
  const found = await findInputs(pipeline, store)
  const known = rebuild ? new Set<string>() : await consumed(store, parent)
  const files = found.filter((file) => !known.has(inputName(portable, file)))
  if (rebuild) await everyOldInputIsThere(store, parent, portable, files)
  if (files.length === 0) return undefined
  progress.say(`planning: ${files.length} new of ${found.length} input files`)
  return storePlan(store, await makePlan(portable, registry, files, rebuild))
}

/** Sequences until the commit is won; undefined when other runs published all of the plan's inputs first. */
async function finish(
  store: Store,
  lease: Lease,
  plan: StoredPlan,
  options: RunOptions,
  alarms: AlarmSettings | undefined,
  progress: Progress,
): Promise<Published | Held | undefined> {
  const pipeline = fromPortable(plan.pipeline, registry)
  const executor = await openExecutor(store, plan, options, progress)
  try {
    for (;;) {
      const parent = await latestSnapshot(store)
      if (plan.rebuild) await refuseOvertaken(store, plan, parent?.snapshot)
      const base = plan.rebuild ? undefined : parent?.snapshot
      const parts = newParts(plan, await consumed(store, base))
      let published: Published | 'lost' | undefined
      if (parts.length > 0) {
        progress.begin(parts.map((part) => ({ part, bytes: partBytes(plan, part) })))
        try {
          const night = await grind({
            store,
            pipeline,
            plan,
            parts,
            runs: base?.index.runs ?? [],
            keyRuns: base?.index.keys ?? [],
            erased: await readErased(store, base),
            ...(base?.index.erased === undefined ? {} : { erasedFile: base.index.erased.path }),
            lists: { ledger: base?.ledger ?? [], dropped: base?.dropped ?? [] },
            criteria: await readCriteria(store, parent?.snapshot),
            tails: base === undefined ? new Map() : await tailShards(store, base, pipeline.shardBytes),
            parent: base?.version ?? 0,
            executor,
            workers: options.workers * (options.where.executor === 'slurm' ? options.where.tasksPerJob : 1),
            progress,
          })
          const before = alarms === undefined ? undefined : base === undefined ? [] : await readLossesUpTo(store, base, alarms.nights)
          const held = alarms === undefined || before === undefined || options.accept ? undefined : heldBack(night, before, alarms)
          if (held !== undefined) {
            await discardLedger(store, night)
            return held
          }
          await lease.check()
          const snapshot = await publish({ store, pipeline, plan, parent, base, night, lossesBefore: before })
          if (snapshot === 'lost') await discardLedger(store, night)
          published = snapshot === 'lost' ? snapshot : { snapshot, shards: night.presses.length }
        } catch (error) {
          // Another run that published the same inputs may have collected the staging under our feet.
          if ((await latestSnapshot(store))?.sha256 === parent?.sha256) throw error
          published = 'lost'
        }
      }
      if (published === 'lost') {
        progress.say('another run published first: sequencing again on top of its snapshot')
        continue
      }
      await collect(store, plan)
      await forgetPlan(store, plan.id)
      return published
    }
  } finally {
    await executor.close()
  }
}

/**
 * A rebuild replaces what earlier snapshots hold. What another run added after it was planned would be gone from the next
 * snapshot without a word.
 */
async function refuseOvertaken(store: Store, plan: StoredPlan, parent: Snapshot | undefined): Promise<void> {
  const planned = new Set(plan.files.map((file) => inputName(plan.pipeline, file)))
  const overtaken = [...(await consumed(store, parent))].filter((name) => !planned.has(name))
  if (parent === undefined || overtaken.length === 0) return
  await forgetPlan(store, plan.id)
  throw new QuernError(
    'conflict',
    `rebuilding: snapshot ${parent.version}, published meanwhile, holds ${overtaken.length} input files that this rebuild did not plan, ${overtaken[0]?.split('\0')[1]} first`,
    { remedy: 'Run it with --rebuild again: it takes them in, and what is prepared already is not done again.' },
  )
}

async function openExecutor(store: Store, plan: StoredPlan, { where, workers, batchRows }: RunOptions, progress: Progress): Promise<Executor> {
  if (where.executor === 'local') return localExecutor({ store: store.url, pipeline: plan.pipeline, batchRows }, workers)
  return slurmExecutor({
    store,
    plan,
    batchRows,
    elements: workers,
    tasksPerElement: where.tasksPerJob,
    options: where.options,
    say: (line) => progress.say(line),
  })
}

function partBytes(plan: StoredPlan, part: number): number {
  const window = plan.parts[part]?.window
  return window === undefined ? 0 : window.end - window.start
}

/** Source name, path and fingerprint: a known path with new content is new input. */
function inputName(pipeline: PortablePipeline, file: Input): string {
  return `${pipeline.sources[file.source]?.name}\0${file.path}\0${file.sha256}`
}

/** Names on the pages read so far. A run asks several times, and a page is named by its content: whoever published since, it is the same. */
const pagesRead = new WeakMap<Store, Map<string, readonly string[]>>()

async function consumed(store: Store, snapshot: Snapshot | undefined): Promise<Set<string>> {
  const before = pagesRead.get(store)
  const pages = new Map<string, readonly string[]>()
  for (const page of snapshot?.inputs ?? []) {
    const names = before?.get(page.path)
    pages.set(page.path, names ?? (await readPage(store, 'inputs', page)).map(({ source, path, sha256 }) => `${source}\0${path}\0${sha256}`))
  }
  pagesRead.set(store, pages)
  return new Set([...pages.values()].flat())
}

function newParts(plan: StoredPlan, known: ReadonlySet<string>): number[] {
  const fresh = plan.files.map((file) => !known.has(inputName(plan.pipeline, file)))
  return plan.parts.flatMap(({ file }, part) => (fresh[file] === true ? [part] : []))
}

async function everyOldInputIsThere(store: Store, parent: Snapshot | undefined, portable: PortablePipeline, files: readonly Input[]): Promise<void> {
  const here = new Set(files.map((file) => inputName(portable, file)))
  for (const name of await consumed(store, parent)) {
    if (here.has(name)) continue
    const [source, path] = name.split('\0')
    throw new QuernError(
      'missing-file',
      `rebuilding: the input ${path} of source "${source}", which the dataset was made from, is not there with the same content`,
      {
        remedy: 'Put it back, or write a new dataset with another --out.',
      },
    )
  }
}

/** What speaks against publishing the night, beside the losses of the nights before. */
function heldBack(night: Night, before: readonly Losses[], settings: AlarmSettings): Held | undefined {
  const alarms = alarmsOf(night.losses, before, settings, registry)
  return alarms.length === 0 ? undefined : { alarms, shifts: languageShifts(night.losses, before, settings, registry) }
}

/**
 * The ledger of a night that lost the race, or is held back, tells of decisions that have not come true, and people read
 * ledger files by pattern: it goes at once, and so does the record of its making. What the winner names stays, even if it is
 * the same file.
 */
async function discardLedger(store: Store, night: Night): Promise<void> {
  const latest = await latestSnapshot(store)
  const named = new Set<string>()
  if (latest !== undefined) for await (const { path } of readEntries(store, 'ledger', latest.snapshot.ledger)) named.add(path)
  await store.delete(layout.part(night.sealKey))
  for (const { path } of night.ledger) if (!named.has(path)) await store.delete(path)
}
