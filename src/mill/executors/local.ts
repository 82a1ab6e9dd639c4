import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { QuernError, type ErrorCode, type Place } from '../../core/errors.ts'
import { describe, urgency, type Executor, type Task, type TaskProgress, type WorkerSetup } from './executor.ts'

/** What a worker answers. Errors cross as data: a thrown object would lose its code. */
export type Answer =
  | { readonly kind: 'progress'; readonly progress: TaskProgress }
  | { readonly kind: 'done'; readonly result: unknown }
  | {
      readonly kind: 'failed'
      readonly error: {
        readonly code: ErrorCode | undefined
        readonly message: string
        readonly stack: string | undefined
        readonly remedy: string | undefined
        readonly place: Place | undefined
      }
    }

interface Job {
  readonly task: Task
  readonly progress: ((progress: TaskProgress) => void) | undefined
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** A pool of worker threads, each with its own models and tokenizer, opened when first needed. */
export function localExecutor(setup: WorkerSetup, workers: number): Executor {
  const waiting: Job[] = []
  const idle: Worker[] = []
  const busy = new Map<Worker, Job>()
  let closed = false

  // Buffers of the core count against a heap of 15 MB, which then is collected four times a second: 15 % of a run's CPU.
  // A first limit of 256 MiB a thread leaves one collection in five (24,285 pages: 76 to 16), for 100 MB more at the peak.
  setFlagsFromString('--initial-old-space-size=256')

  function hire(): Worker {
    const worker = new Worker(new URL('../worker.ts', import.meta.url), { workerData: setup })
    worker.on('message', (answer: Answer) => hear(worker, answer))
    worker.on('error', (error) => lose(worker, error))
    worker.on('exit', (code) => {
      if (!closed && code !== 0) lose(worker, new Error(`it exited with status ${code}`))
    })
    return worker
  }

  function lose(worker: Worker, cause: Error): void {
    const job = busy.get(worker)
    busy.delete(worker)
    const place = idle.indexOf(worker)
    if (place >= 0) idle.splice(place, 1)
    job?.reject(
      new QuernError('worker-died', `${describe(job.task)}: the worker died: ${cause.message}`, {
        remedy: 'Run again; it goes on where it was. If it dies at the same place, report it.',
        cause,
      }),
    )
    next()
  }

  function hear(worker: Worker, answer: Answer): void {
    const job = busy.get(worker)
    if (job === undefined) return
    if (answer.kind === 'progress') {
      job.progress?.(answer.progress)
      return
    }
    busy.delete(worker)
    idle.push(worker)
    if (answer.kind === 'done') job.resolve(answer.result)
    else job.reject(revive(answer.error))
    next()
  }

  function next(): void {
    while (!closed && waiting.length > 0 && busy.size < workers) {
      const worker = idle.pop() ?? hire()
      const at = waiting.reduce((best, job, i) => (urgency[job.task.phase] < urgency[(waiting[best] as Job).task.phase] ? i : best), 0)
      const [job] = waiting.splice(at, 1)
      if (job === undefined) return
      busy.set(worker, job)
      worker.postMessage(job.task)
    }
  }

  return {
    run(task, progress) {
      return new Promise((resolve, reject) => {
        waiting.push({ task, progress, resolve, reject })
        next()
      })
    },
    async close() {
      closed = true
      // An idle worker leaves by itself, so that what Node does at the end of a thread (a profile, a cache) gets done.
      const leaving = idle.map(async (worker) => {
        worker.postMessage('leave')
        await once(worker, 'exit')
      })
      await Promise.all([...leaving, ...[...busy.keys()].map((worker) => worker.terminate())])
    },
  }
}

function revive(error: Extract<Answer, { kind: 'failed' }>['error']): Error {
  if (error.code !== undefined)
    return new QuernError(error.code, error.message, { place: error.place, ...(error.remedy === undefined ? {} : { remedy: error.remedy }) })
  const bug = new Error(error.message)
  if (error.stack !== undefined) bug.stack = error.stack
  return bug
}
