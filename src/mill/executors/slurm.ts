import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { QuernError } from '../../core/errors.ts'
import type { Store } from '../../storage/store.ts'
import type { StoredPlan } from '../plan.ts'
import { putTask, putTaskList, taskKey } from '../stored-task.ts'
import { describe, urgency, type Executor, type Task, type TaskProgress } from './executor.ts'
import { cancel, hasEnded, queuedStates, quote, submitArray, type JobState } from './slurm-commands.ts'

export interface SlurmSetup {
  readonly store: Store
  readonly plan: StoredPlan
  readonly batchRows: number
  /** Array elements submitted and not yet ended, at most. */
  readonly elements: number
  /** Tasks that one element does, one after the other. */
  readonly tasksPerElement: number
  /** Passed to sbatch as they are; checked by `checkSlurmOptions`. */
  readonly options: readonly string[]
  readonly say: (line: string) => void
}

interface Waiting {
  readonly key: string
  readonly task: Task
  readonly progress: ((progress: TaskProgress) => void) | undefined
  readonly resolve: (record: unknown) => void
  readonly reject: (error: unknown) => void
  /** Jobs that ended without the record. */
  failures: number
}

/** One element of an array job. */
interface Element {
  /** `<job>_<element>`, as Slurm writes it. */
  readonly id: string
  readonly log: string
  tasks: readonly Waiting[]
  /** When squeue first said that it is over. */
  endedAt: number | undefined
  last: JobState | undefined
}

/** Tasks that come within this time share an array job. */
const gatherMilliseconds = 300
const pollMilliseconds = 1000
/** squeue costs the controller a lock that every user waits for, so it is asked less often than the storage. */
const squeueMilliseconds = 3000
/** Slurm's MaxArraySize is 1001 unless a cluster raises it. */
const longestArray = 1000
/**
 * How long a record may be missing after its job has ended: a failed job has none, but what another node wrote to NFS
 * may show up as late as its caches allow (acdirmax, 60 s).
 */
const graceMilliseconds = { failed: 1000, completed: 90_000, forgotten: 20_000 }
/** A controller may be restarted under a run; longer than this, nobody knows what became of the jobs. */
const silenceMilliseconds = 15 * 60_000
const bin = fileURLToPath(new URL('../../../bin/quern.mjs', import.meta.url))

/**
 * Runs tasks as elements of Slurm array jobs that call `quern task`. Nothing passes between driver and job but the
 * store: the task goes there first, and its record there is the answer. So a driver may die and a later one go on with
 * what the jobs have finished. An element that ends without its record is submitted once more, then it is an error.
 */
export async function slurmExecutor(setup: SlurmSetup): Promise<Executor> {
  const { store, plan } = setup
  const logs = store.url.includes('://') ? join(process.cwd(), 'quern-logs') : join(store.url, 'staging', 'logs')
  await mkdir(logs, { recursive: true })
  const waiting: Waiting[] = []
  const flying = new Set<Element>()
  let closed = false
  let gathering: NodeJS.Timeout | undefined
  let submitting: Promise<void> = Promise.resolve()
  let polling = false
  let answered = Date.now()

  const record = async (key: string): Promise<unknown> => {
    const bytes = await store.find(`parts/${key}.json`)
    return bytes === undefined ? undefined : JSON.parse(Buffer.from(bytes).toString('utf8'))
  }

  function submitSoon(): void {
    gathering ??= setTimeout(() => {
      gathering = undefined
      submitting = submitting.then(submit)
    }, gatherMilliseconds)
  }

  /** As many array jobs as there is room for, the most urgent phase first. */
  async function submit(): Promise<void> {
    while (!closed && waiting.length > 0 && flying.size < setup.elements) {
      waiting.sort((a, b) => urgency[a.task.phase] - urgency[b.task.phase])
      const [first] = waiting
      if (first === undefined) return
      // What failed before goes alone, so that it takes nothing else with it.
      const again = first.failures > 0
      const each = again ? 1 : setup.tasksPerElement
      const room = Math.min(setup.elements - flying.size, longestArray)
      const group = waiting.filter(({ task, failures }) => task.phase === first.task.phase && failures > 0 === again).slice(0, room * each)
      for (const one of group) waiting.splice(waiting.indexOf(one), 1)
      try {
        await submitGroup(first.task.phase, deal(group, Math.ceil(group.length / each)))
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    if (flying.size > 0 && !polling) {
      polling = true
      void poll()
    }
  }

  async function submitGroup(phase: Task['phase'], elements: readonly (readonly Waiting[])[]): Promise<void> {
    const tasks = elements.flat()
    for (let at = 0; at < tasks.length; at += 64) {
      await Promise.all(tasks.slice(at, at + 64).map(({ key, task }) => putTask(store, key, { plan: plan.id, task })))
    }
    const list = await putTaskList(store, { batchRows: setup.batchRows, jobs: elements.map((element) => element.map(({ key }) => key)) })
    // The log's name is relative to --chdir because sbatch would read % and \ in a path as patterns.
    const own = [`--chdir=${logs}`, `--output=${phase}-%A_%a.log`, `--array=0-${elements.length - 1}%${setup.elements}`]
    const command = [quote(process.execPath), quote(bin), 'task', phase, `"@${list}:$SLURM_ARRAY_TASK_ID"`, '--out', quote(store.url)]
    const job = await submitArray([`--job-name=quern-${phase}`, '--ntasks=1', ...setup.options, ...own], command)
    for (const [i, members] of elements.entries()) {
      flying.add({ id: `${job}_${i}`, log: join(logs, `${phase}-${job}_${i}.log`), tasks: members, endedAt: undefined, last: undefined })
    }
  }

  async function poll(): Promise<void> {
    let asked = Date.now()
    while (!closed && flying.size > 0) {
      await sleep(pollMilliseconds)
      try {
        await collectRecords()
        const ending = [...flying].some(({ endedAt }) => endedAt !== undefined)
        if (flying.size > 0 && (ending || Date.now() - asked >= squeueMilliseconds)) {
          await lookAtQueue()
          asked = Date.now()
        }
      } catch (error) {
        await cancel([...flying].map(({ id }) => id))
        for (const element of flying) for (const { reject } of element.tasks) reject(error)
        flying.clear()
      }
      if (waiting.length > 0 && flying.size < setup.elements) submitSoon()
    }
    polling = false
  }

  async function collectRecords(): Promise<void> {
    for (const element of flying) {
      const left: Waiting[] = []
      for (const one of element.tasks) {
        const found = await record(one.key)
        if (found === undefined) left.push(one)
        else settle(one, found)
      }
      element.tasks = left
      if (left.length === 0) flying.delete(element)
    }
  }

  /** A job reports nothing while it works; the rows of a shard count when it is pressed. */
  function settle({ task, progress, resolve }: Waiting, found: unknown): void {
    if (task.phase === 'press') progress?.({ rows: (found as { readonly shard: { readonly documents: number } }).shard.documents, bytes: 0 })
    resolve(found)
  }

  async function lookAtQueue(): Promise<void> {
    const states = await queuedStates([...new Set([...flying].map(({ id }) => id.replace(/_.*$/, '')))])
    const now = Date.now()
    if (states === undefined) {
      if (now - answered < silenceMilliseconds) return
      throw new QuernError('worker-died', `Slurm has not answered squeue for ${silenceMilliseconds / 60_000} minutes`, {
        remedy: 'Run again when the cluster answers; finished work is kept.',
      })
    }
    answered = now
    for (const element of flying) {
      const state = states.get(element.id)
      if (!hasEnded(state)) {
        element.endedAt = undefined
        continue
      }
      element.last = state ?? element.last
      element.endedAt ??= now
      const grace =
        element.last === undefined
          ? graceMilliseconds.forgotten
          : element.last.state === 'COMPLETED'
            ? graceMilliseconds.completed
            : graceMilliseconds.failed
      if (now - element.endedAt < grace) continue
      // Listing the folder makes a network file system look again where asking for one name may be answered from memory.
      for (const { key } of element.tasks) for await (const _ of store.list(`parts/${key}`)) break
      await collectRecords()
      if (flying.has(element)) await giveUp(element)
    }
  }

  async function giveUp(element: Element): Promise<void> {
    flying.delete(element)
    const state =
      element.last === undefined
        ? 'gone from the queue'
        : `${element.last.state}${/^(None|)$/.test(element.last.reason) ? '' : `, ${element.last.reason}`}`
    for (const one of element.tasks) {
      one.failures += 1
      if (one.failures < 2) {
        setup.say(
          `${describe(one.task)}: Slurm job ${element.id} ended without its result (${state}); submitting it once more. Its log: ${element.log}`,
        )
        waiting.push(one)
        continue
      }
      const tail = await lastLines(element.log)
      one.reject(
        new QuernError(
          'worker-died',
          `${describe(one.task)}: Slurm job ${element.id} ended without its result (${state}), the second that did.\n  Its log ${element.log} ${tail}`,
          {
            remedy: 'Mend what the log says (memory and time are --slurm options), and run again; finished work is kept.',
          },
        ),
      )
    }
  }

  async function end(): Promise<void> {
    closed = true
    clearTimeout(gathering)
    await submitting.catch(() => undefined) // a job that is just being submitted has a number afterwards
    await cancel([...flying].map(({ id }) => id))
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }

  /** The jobs are cancelled, then the signal does what it would have done. */
  function stop(signal: NodeJS.Signals): void {
    if (closed) return
    setup.say(`stopping: cancelling ${flying.size} Slurm ${flying.size === 1 ? 'job' : 'jobs'}; finished work is kept`)
    void end().finally(() => process.kill(process.pid, signal))
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)

  return {
    async run(task, progress) {
      const key = taskKey(plan, task)
      const done = await record(key)
      if (done !== undefined) return done
      return new Promise((resolve, reject) => {
        waiting.push({ key, task, progress, resolve, reject, failures: 0 })
        submitSoon()
      })
    },
    close: end,
  }
}

/** Dealt like cards: the first tasks of all elements are the first in order, which are wanted first. */
function deal<T>(cards: readonly T[], hands: number): T[][] {
  const dealt: T[][] = Array.from({ length: hands }, () => [])
  for (const [i, card] of cards.entries()) dealt[i % hands]?.push(card)
  return dealt
}

async function lastLines(log: string): Promise<string> {
  try {
    const handle = await open(log, 'r')
    try {
      const { size } = await handle.stat()
      const bytes = Buffer.alloc(Math.min(size, 8192))
      const { bytesRead } = await handle.read(bytes, 0, bytes.byteLength, size - bytes.byteLength)
      const lines = bytes.subarray(0, bytesRead).toString('utf8').trimEnd().split('\n').slice(-15)
      return lines.join('').trim() === '' ? 'is empty.' : `ends:\n${lines.map((line) => `  | ${line}`).join('\n')}`
    } finally {
      await handle.close()
    }
  } catch {
    return 'was not written: does every node see that folder?'
  }
}
