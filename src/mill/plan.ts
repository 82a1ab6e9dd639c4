import { createHash } from 'node:crypto'
import { canonicalJson } from '../core/canonical-json.ts'
import type { Window } from '../core/component.ts'
import { QuernError } from '../core/errors.ts'
import type { Registry } from '../core/pipeline.ts'
import type { Store } from '../storage/store.ts'
import { openInput, type Input } from './inputs.ts'
import { fromPortable, type PortablePipeline } from './portable-pipeline.ts'

/** The unit of work of prepare: a window of one input file. Its order in the plan is the order of its documents. */
export interface PlanPart {
  /** Index into the plan's files. */
  readonly file: number
  readonly window: Window
}

/** What a run set out to do. Resuming follows it, so files that appeared since wait for the next run. */
export interface Plan {
  readonly format: 1
  readonly pipeline: PortablePipeline
  readonly files: readonly Input[]
  readonly parts: readonly PlanPart[]
  /** The whole night again from an empty index: the snapshot replaces what earlier ones held. */
  readonly rebuild: boolean
}

export interface StoredPlan extends Plan {
  readonly id: string
}

const folder = 'plans/'

export async function makePlan(pipeline: PortablePipeline, registry: Registry, files: readonly Input[], rebuild: boolean): Promise<Plan> {
  const { sources } = fromPortable(pipeline, registry)
  const parts: PlanPart[] = []
  for (const [index, file] of files.entries()) {
    const source = sources[file.source]
    if (source === undefined) throw new RangeError(`file ${file.path} names source ${file.source}, the pipeline has ${sources.length}`)
    const input = await openInput(file)
    try {
      const windows = await source.component.windows(file, input, source.config)
      // An empty file is a part too: otherwise no snapshot would ever say that it was read.
      for (const window of windows.length === 0 ? [{ start: 0, end: file.bytes }] : windows) parts.push({ file: index, window })
    } finally {
      await input.close()
    }
  }
  return { format: 1, pipeline, files, parts, rebuild }
}

/** Puts the plan under the hash of its content; the same work planned twice is one object. */
export async function storePlan(store: Store, plan: Plan): Promise<StoredPlan> {
  const bytes = Buffer.from(canonicalJson(plan))
  const id = createHash('sha256').update(bytes).digest('hex')
  await store.putIfAbsent(`${folder}${id}.json`, bytes)
  return { ...plan, id }
}

export async function readPlan(store: Store, id: string): Promise<StoredPlan> {
  return parsePlan(id, Buffer.from(await store.get(`${folder}${id}.json`)))
}

function parsePlan(id: string, bytes: Buffer): StoredPlan {
  if (createHash('sha256').update(bytes).digest('hex') !== id) {
    throw new QuernError('damaged-dataset', `reading plan ${id}: its bytes are not what its name says`, {
      remedy: `Delete ${folder}${id}.json; the next run plans anew.`,
    })
  }
  return { ...(JSON.parse(bytes.toString('utf8')) as Plan), id }
}

/** Plans that no snapshot has ended yet, oldest name first. */
export async function storedPlans(store: Store): Promise<StoredPlan[]> {
  const plans: StoredPlan[] = []
  for await (const { key } of store.list(folder)) {
    const id = key.slice(folder.length, -'.json'.length)
    if (!/^[0-9a-f]{64}$/.test(id) || !key.endsWith('.json')) continue
    const bytes = await store.find(key)
    if (bytes !== undefined) plans.push(parsePlan(id, Buffer.from(bytes))) // another run may have ended it since the listing
  }
  return plans
}

export async function forgetPlan(store: Store, id: string): Promise<void> {
  await store.delete(`${folder}${id}.json`)
}
