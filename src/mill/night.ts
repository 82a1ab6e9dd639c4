import { mkdir, rm } from 'node:fs/promises'
import { canonicalJson } from '../core/canonical-json.ts'
import type { TokenizerFacts } from '../core/component.ts'
import { type Criteria, isEmpty } from '../dataset/criteria.ts'
import type { Losses } from '../dataset/losses.ts'
import type { Totals } from '../dataset/totals.ts'
import type { DroppedEntry, LedgerEntry, ListEntries, PageRef, ShardEntry } from '../dataset/pages.ts'
import type { Store } from '../storage/store.ts'
import type { Cut } from './cutter.ts'
import type { Executor, RetainPart, SealPart } from './executors/executor.ts'
import { putRun, runFile, scratchFolder, type IndexRun } from './index-runs.ts'
import { openEncoder } from './judge.ts'
import { hashOf, pressKey, sealKey } from './keys.ts'
import { inOrder } from './lookahead.ts'
import { type MergedFiles, type MergedList, startFileMerges } from './merge-files.ts'
import { newerVersions, replacesPages, versionsKey } from './newer-versions.ts'
import type { StoredPlan } from './plan.ts'
import type { TaskPipeline } from './portable-pipeline.ts'
import { pressTaskKey, type PressRecord, type PressTask } from './press.ts'
import type { Progress } from './progress.ts'
import type { RetainRecord } from './retain.ts'
import { startMerges, type KeyRun } from './run-merges.ts'
import type { SealRecord } from './seal.ts'
import { startSequence, type SequencedPart } from './sequence.ts'
import type { PartRecord } from './staged-part.ts'
import { suppressedRows } from './suppressed-rows.ts'

export interface NightStart {
  readonly store: Store
  readonly pipeline: TaskPipeline
  readonly plan: StoredPlan
  /** Parts to take, by index in the plan: those that no snapshot holds yet. */
  readonly parts: readonly number[]
  /** What earlier nights left: nothing for a first or rebuilt dataset. */
  readonly runs: readonly IndexRun[]
  readonly keyRuns: readonly KeyRun[]
  readonly erased: Uint8Array
  /** The file of these ids; absent where there are none. */
  readonly erasedFile?: string
  /** Pages of the parent's ledger and dropped texts. */
  readonly lists: Readonly<Record<MergedList, readonly PageRef[]>>
  readonly tails: ReadonlyMap<string, ShardEntry>
  /** What was suppressed so far and must not come in again. */
  readonly criteria: Criteria
  /** Version of the snapshot that this night follows; 0 for none. */
  readonly parent: number
  readonly executor: Executor
  readonly workers: number
  readonly progress: Progress
}

/** All that a snapshot will name: every object is in its place, none is reachable yet. */
export interface Night {
  readonly parts: readonly { readonly part: number; readonly record: PartRecord; readonly sequenced: SequencedPart }[]
  readonly presses: readonly PressRecord[]
  /** Languages whose last shard was pressed again at the head of the night's first. */
  readonly absorbed: ReadonlySet<string>
  readonly tokenizer: TokenizerFacts
  readonly retained: readonly DroppedEntry[]
  readonly ledger: readonly LedgerEntry[]
  /** The parent's lists, some of their files merged, that the night's own files are put behind. */
  readonly before: { readonly ledger: MergedFiles<'ledger'>; readonly dropped: MergedFiles<'dropped'> }
  readonly losses: Losses
  readonly benchmarks: Totals['byBenchmark']
  /** Name of the result that sealing left: whoever takes the ledger back takes it back too. */
  readonly sealKey: string
  /** Ids of documents that are to replace a page of an earlier night: `newerVersions`. */
  readonly versions: Uint8Array
  /** All runs of the index from now on, oldest first: the parent's, some of them merged, and the night's. */
  readonly runs: readonly IndexRun[]
  readonly keyRuns: readonly KeyRun[]
}

/** Dropped texts of consecutive parts share an object of about this many bytes of text. */
const retainGroupBytes = 128 << 20

/**
 * Everything between a plan and its publication. Prepare, sequence and press overlap: a part is sequenced as soon as it
 * and those before it are prepared, a shard is pressed as soon as it is cut.
 */
export async function grind(start: NightStart): Promise<Night> {
  const { store, pipeline, plan, executor, progress } = start
  const pass = hashOf({
    plan: plan.id,
    parent: start.parent,
    parts: start.parts,
    ...(isEmpty(start.criteria) ? {} : { criteria: start.criteria }),
  }).slice(0, 32)
  const scratch = scratchFolder(store, pass)
  await rm(scratch, { recursive: true, force: true })
  await mkdir(scratch, { recursive: true })
  const presses: Promise<PressRecord>[] = []
  const retains: Promise<RetainRecord>[] = []
  const keep = <T>(promise: Promise<T>): Promise<T> => {
    promise.catch(() => undefined) // met again below, after sequence has had its say
    return promise
  }
  const partSources: Record<string, number> = {}
  const absorbed = new Set<string>()
  const closed = (number: number, cut: Cut): void => {
    const used = Object.fromEntries(cut.pieces.map((piece) => [piece.key, partSources[piece.key] ?? -1]))
    const sources = pipeline.sources.map(({ name, licence }) => ({ name, licence }))
    const key = pressKey({ cut, sources, partSources: used }, pipeline.rules)
    progress.shardCut(cut.documents)
    if (cut.absorbed !== null) absorbed.add(cut.language)
    const task: PressTask = { key, cut, sources, partSources: used }
    presses[number] = keep(
      store
        .put(pressTaskKey(key), canonicalJson(task))
        .then(() => executor.run({ phase: 'press', key }, ({ rows }) => progress.pressed(rows)) as Promise<PressRecord>),
    )
  }
  const runFiles = await Promise.all(start.runs.map((run) => runFile(store, run)))
  const keyRuns = await Promise.all(start.keyRuns.map(async ({ stage, path }) => ({ stage, path: await store.localPath(path) })))
  const merged = startMerges(start, pipeline, (task) => keep(executor.run({ phase: 'merge', ...task }) as Promise<IndexRun>))
  const mergedList = <L extends MergedList>(kind: L): Promise<() => Promise<MergedFiles<L>>> =>
    startFileMerges(store, kind, start.lists[kind], (task) => keep(executor.run({ phase: 'merge', ...task }) as Promise<ListEntries[L][]>))
  const [ledgerBefore, droppedBefore] = await Promise.all([mergedList('ledger'), mergedList('dropped')])
  const suppressed = suppressedRows(start.criteria)
  const sequence = startSequence({ store, pipeline, pass, runs: runFiles, keyRuns, erased: start.erased, tails: start.tails, scratch, closed })
  try {
    const parts: { part: number; record: PartRecord; sequenced: SequencedPart }[] = []
    let group: RetainPart[] = []
    let groupBytes = 0
    const groups: RetainPart[][] = []
    const retainGroup = (members: RetainPart[], versions: { readonly versions?: string }): void => {
      const task = { key: hashOf({ retain: members, pass }), parts: members, criteria: start.criteria, ...versions }
      retains.push(keep(executor.run({ phase: 'retain', ...task }) as Promise<RetainRecord>))
    }
    // Which texts replace a page of an earlier night is known when the whole night is sequenced.
    const replaces = replacesPages(pipeline)
    const closeGroup = (): void => {
      if (group.length === 0) return
      groups.push(group)
      if (!replaces) retainGroup(group, {})
      group = []
      groupBytes = 0
    }
    for await (const { part, record } of held(start, suppressed, sequence.hold)) {
      partSources[record.key] = plan.files[plan.parts[part]?.file ?? -1]?.source ?? -1
      const sequenced = await sequence.add(part, record, suppressed(sourceOf(start, part)))
      progress.sequenced(record.rows)
      parts.push({ part, record, sequenced })
      group.push({ key: record.key, placement: sequenced.placementKey, source: sourceOf(start, part) })
      groupBytes += record.droppedTextBytes + sequenced.droppedTextBytes
      if (groupBytes >= retainGroupBytes) closeGroup()
    }
    closeGroup()
    const own = sequence.finish()
    progress.allSequenced()
    const newer = replaces ? await newerVersions(store, parts, start.lists.ledger) : new Uint8Array(0)
    const versions = newer.byteLength === 0 ? {} : { versions: versionsKey(pass) }
    if (newer.byteLength > 0) await store.put(versionsKey(pass), newer)
    if (replaces) for (const members of groups) retainGroup(members, versions)
    const published: IndexRun[] = []
    for (const run of own.runs) published.push(await putRun(store, run))
    const publishedKeys: KeyRun[] = []
    for (const { stage, path, documents } of own.keyRuns) publishedKeys.push({ stage, ...(await putRun(store, { path, documents })) })
    const pressed = await Promise.all(presses)
    const retained = await Promise.all(retains)
    const places = new Map(groups.flatMap((members, i) => members.map((member) => [member.key, retained[i]?.object?.path ?? null] as const)))
    const sealParts: SealPart[] = parts.map(({ part, record, sequenced }) => ({
      part,
      key: record.key,
      placement: sequenced.placementKey,
      source: sourceOf(start, part),
      retained: places.get(record.key) ?? null,
    }))
    const shards = pressed.map(({ shard, tokenCounts }) => ({ path: shard.path, tokenCounts }))
    const sealing = sealKey(plan.id, sealParts, shards)
    const sealed = (await executor.run(
      { phase: 'seal', key: sealing, planId: plan.id, parts: sealParts, criteria: start.criteria, ...versions, shards },
      ({ rows }) => progress.sealed(rows),
    )) as SealRecord
    const tokenizer = pressed[0]?.tokenizer ?? (await openEncoder(pipeline)).facts
    const runsBefore = await merged()
    return {
      parts,
      presses: pressed,
      absorbed,
      tokenizer,
      retained: retained.flatMap(({ object }) => (object === null ? [] : [object])),
      ledger: sealed.files,
      before: { ledger: await ledgerBefore(), dropped: await droppedBefore() },
      losses: sealed.losses,
      benchmarks: sealed.benchmarks,
      sealKey: sealing,
      versions: newer,
      runs: [...runsBefore.runs, ...published],
      keyRuns: [...runsBefore.keyRuns, ...publishedKeys],
    }
  } finally {
    sequence.close()
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Name and licence of what a part is read from. */
function sourceOf({ pipeline, plan }: NightStart, part: number): { readonly name: string; readonly licence: string } {
  const source = pipeline.sources[plan.files[plan.parts[part]?.file ?? -1]?.source ?? -1]
  if (source === undefined) throw new RangeError(`part ${part} is not in the plan`)
  return { name: source.name, licence: source.licence }
}

interface ReadyPart {
  readonly part: number
  readonly record: PartRecord
}

async function* stitchedParts(start: NightStart): AsyncGenerator<ReadyPart> {
  let before: PartRecord | undefined
  for await (const [at, first] of prepared(start)) {
    const part = start.parts[at] as number
    const record = await stitched(start, part, first, before)
    before = record
    yield { part, record }
  }
}

/** All parts are held before the first goes on, where `hold` is there. */
async function* held(
  start: NightStart,
  suppressed: ReturnType<typeof suppressedRows>,
  hold: ReturnType<typeof startSequence>['hold'],
): AsyncGenerator<ReadyPart> {
  if (hold === undefined) return yield* stitchedParts(start)
  const all: ReadyPart[] = []
  for await (const ready of stitchedParts(start)) {
    await hold(ready.record, suppressed(sourceOf(start, ready.part)))
    all.push(ready)
  }
  yield* all
}

async function* prepared({ plan, parts, executor, workers, progress }: NightStart): AsyncGenerator<[number, PartRecord]> {
  const records = inOrder(parts.length, workers * 4, (i) => {
    const part = parts[i] as number
    return (
      executor.run({ phase: 'prepare', planId: plan.id, part, from: undefined }, ({ rows, bytes }) =>
        progress.prepared(part, rows, bytes),
      ) as Promise<PartRecord>
    ).then((record) => {
      progress.partPrepared(part, record.rows)
      return record
    })
  })
  let at = 0
  for await (const record of records) {
    yield [at, record]
    at += 1
  }
}

/**
 * Windows of one file must meet: where the one before ended is where this one must have begun. If its search for a
 * record start was fooled (an archive inside an archive), it is prepared again from the proven place.
 */
async function stitched({ plan, executor }: NightStart, part: number, record: PartRecord, before: PartRecord | undefined): Promise<PartRecord> {
  const here = plan.parts[part]
  const previous = before === undefined ? undefined : plan.parts[before.part]
  if (here === undefined || before === undefined || previous?.file !== here.file || before.part !== part - 1 || before.end === record.first)
    return record
  return executor.run({ phase: 'prepare', planId: plan.id, part, from: before.end }) as Promise<PartRecord>
}
