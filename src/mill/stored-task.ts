import { canonicalJson } from '../core/canonical-json.ts'
import { QuernError } from '../core/errors.ts'
import type { Store } from '../storage/store.ts'
import type { Task } from './executors/executor.ts'
import { hashOf, partKey } from './keys.ts'
import type { Plan } from './plan.ts'

/** A task as a cluster job finds it. The plan says which pipeline and models it is to be done with. */
export interface StoredTask {
  readonly plan: string
  readonly task: Task
}

/** What the elements of one array job are to do: element `i` does the tasks `jobs[i]`, in order. */
export interface TaskList {
  readonly batchRows: number
  readonly jobs: readonly (readonly string[])[]
}

const place = (key: string): string => `staging/tasks/${key}.json`
const listPlace = (id: string): string => `staging/tasks/${id}.list.json`

/** The key that the record of a task will lie under: `parts/<key>.json`. */
export function taskKey(plan: Plan, task: Task): string {
  if (task.phase !== 'prepare') return task.key
  const part = plan.parts[task.part]
  if (part === undefined) throw new RangeError(`the plan has no part ${task.part}`)
  return partKey(plan, part, task.from)
}

/** Lays a task down. Two plans may share a task; either may be named, since both are there while their runs are. */
export async function putTask(store: Store, key: string, stored: StoredTask): Promise<void> {
  await store.replace(place(key), canonicalJson(stored))
}

export async function findTask(store: Store, key: string): Promise<StoredTask | undefined> {
  const bytes = /^[0-9a-f]{64}$/.test(key) ? await store.find(place(key)) : undefined
  return bytes === undefined ? undefined : (JSON.parse(Buffer.from(bytes).toString('utf8')) as StoredTask)
}

/** Returns the id of the list, by which `quern task PHASE @ID:INDEX` finds it. */
export async function putTaskList(store: Store, list: TaskList): Promise<string> {
  const id = hashOf(list)
  await store.put(listPlace(id), canonicalJson(list))
  return id
}

/** The keys that `@ID:INDEX` names. Throws `bad-usage` and `not-found`. */
export async function readTaskList(store: Store, name: string): Promise<{ readonly keys: readonly string[]; readonly batchRows: number }> {
  const [, id, index] = /^@([0-9a-f]{64}):([0-9]{1,9})$/.exec(name) ?? []
  if (id === undefined)
    throw new QuernError('bad-usage', `${name} does not name tasks of a list`, { remedy: 'Write @LIST:INDEX, with the 64 digits of the list.' })
  const bytes = await store.find(listPlace(id))
  const list = bytes === undefined ? undefined : (JSON.parse(Buffer.from(bytes).toString('utf8')) as TaskList)
  const keys = list?.jobs[Number(index)]
  if (list === undefined || keys === undefined) {
    throw new QuernError('not-found', `${store.url} has no tasks ${name}`, {
      remedy: 'Its run is published, or this machine does not see the dataset that the run writes.',
    })
  }
  return { keys, batchRows: list.batchRows }
}
