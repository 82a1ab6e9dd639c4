import { hash } from 'node:crypto'
import type { Batch } from '../core/batch.ts'
import type { SourceBatch, Stitch } from '../core/component.ts'
import { watchAsync } from '../core/stopwatch.ts'
import type { Store } from '../storage/store.ts'
import { openInput } from './inputs.ts'
import { crashed, examiner } from './examine.ts'
import type { OpenStage } from './judge.ts'
import { keyPlan, stagesOf } from './key-plan.ts'
import { partKey } from './keys.ts'
import type { PlanPart, StoredPlan } from './plan.ts'
import { sliceBatch } from './slice-batch.ts'
import type { TaskPipeline } from './portable-pipeline.ts'
import { createStagedPart, type PartRecord } from './staged-part.ts'
import { verdictTable } from './verdict-table.ts'

export interface PrepareTask {
  readonly plan: StoredPlan
  /** Index into the plan's parts. */
  readonly part: number
  /** A proven record start, when stitching found that the window's own search went wrong. */
  readonly from: number | undefined
  /** Most rows that stages get at once; the result does not depend on it. */
  readonly batchRows: number
}

/**
 * Everything that can be said of a window's documents one by one: a pure function of the input's bytes and the rules.
 * Writes the staged part and, last, its record; a record that is there already is the result.
 */
export async function prepare(
  store: Store,
  pipeline: TaskPipeline,
  stages: readonly OpenStage[],
  task: PrepareTask,
  progress: (rows: number, bytes: number) => void,
): Promise<PartRecord> {
  const part = task.plan.parts[task.part] as PlanPart
  const key = partKey(task.plan, part, task.from)
  const done = await store.find(`parts/${key}.json`)
  if (done !== undefined) return JSON.parse(Buffer.from(done).toString('utf8')) as PartRecord

  const file = task.plan.files[part.file]
  const source = file === undefined ? undefined : pipeline.sources[file.source]
  if (file === undefined || source === undefined) throw new RangeError(`part ${task.part} names a file or source that the plan does not have`)
  const table = verdictTable(pipeline, source.component)
  const staged = await createStagedPart(store, key, table, pipeline)
  // The record before reached over this whole window: there is nothing in it that begins here.
  if (task.from !== undefined && task.from >= part.window.end) return staged.finish(task.part, { first: task.from, end: task.from })
  const input = await openInput(file)
  const batches = source.component.read(input, file, part.window, task.from, source.config)
  try {
    const examine = examiner(stages, keyPlan(stagesOf(pipeline)), table.names.indexOf(crashed))
    const identify = documentIds(source.name, file.path, file.sha256)
    const read = (): Promise<IteratorResult<SourceBatch, Stitch>> => watchAsync('read', () => batches.next())
    let next = await read()
    for (; next.done !== true; next = await read()) {
      if (next.value.rows === 0) continue
      for (const batch of sliceBatch(next.value, task.batchRows)) {
        for (const examined of examine(batch)) await watchAsync('stage rows', () => staged.add(identify(examined.batch), examined))
      }
      progress(next.value.rows, placeOf(next.value, part))
    }
    const { value } = next
    return await watchAsync('stage rows', () => staged.finish(task.part, value))
  } catch (error) {
    await staged.abort()
    throw error
  } finally {
    await batches.return({ first: 0, end: 0 }) // one that failed half-way has files of its own to remove
    await input.close()
  }
}

/** Bytes of the window that lie behind the batch's last row: for progress only. */
function placeOf(batch: Batch, part: PlanPart): number {
  const offsets = batch.columns['offset']
  const last = offsets?.type === 'number' ? (offsets.values[batch.rows - 1] ?? 0) : 0
  return Math.max(0, Math.min(last, part.window.end) - part.window.start)
}

/** `doc_id`: the first 16 bytes of SHA-256 over source name, path, fingerprint and offset, each ended by a zero byte. */
function documentIds(source: string, path: string, sha256: string): (batch: Batch) => Uint8Array {
  const prefix = `${source}\0${path}\0${sha256}\0`
  return (batch) => {
    const offsets = batch.columns['offset']
    if (offsets?.type !== 'number') throw new TypeError(`the source of ${path} gave a batch without offsets`)
    const ids = new Uint8Array(batch.rows * 16)
    for (let row = 0; row < batch.rows; row += 1) {
      const digest = hash('sha256', `${prefix}${offsets.values[row]}\0`, 'buffer')
      ids.set(digest.subarray(0, 16), row * 16)
    }
    return ids
  }
}
