import { parentPort, workerData } from 'node:worker_threads'
import { QuernError } from '../core/errors.ts'
import { watchStart } from '../core/stopwatch.ts'
import type { WorkerSetup } from './executors/executor.ts'
import type { Answer } from './executors/local.ts'
import type { Task } from './executors/executor.ts'
import { taskRunner } from './task-runner.ts'

/** The entry of a worker thread: one task at a time, from message to message. */
const port = parentPort
if (port === null) throw new Error('worker.ts is the entry of a worker thread')
watchStart('start')
const runner = taskRunner(workerData as WorkerSetup)
const say = (answer: Answer): void => port.postMessage(answer)

port.on('message', (task: Task | 'leave') => {
  if (task === 'leave') {
    port.close()
    return
  }
  runner
    .run(task, (progress) => say({ kind: 'progress', progress }))
    .then((result) => say({ kind: 'done', result }))
    .catch((error: unknown) => {
      const known = error instanceof QuernError ? error : undefined
      say({
        kind: 'failed',
        error: {
          code: known?.code,
          message: error instanceof Error ? error.message : String(error),
          stack: error instanceof Error ? error.stack : undefined,
          remedy: known?.remedy,
          place: known?.place,
        },
      })
    })
})
