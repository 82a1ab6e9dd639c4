import { watchAsync } from '../core/stopwatch.ts'
import { openStore, type Store } from '../storage/store.ts'
import type { Task, TaskProgress, WorkerSetup } from './executors/executor.ts'
import { merge } from './index-runs.ts'
import { openEncoder, openStages, type OpenStage } from './judge.ts'
import { mergeFiles } from './merge-files.ts'
import { readPlan, type StoredPlan } from './plan.ts'
import { fromPortable } from './portable-pipeline.ts'
import { prepare } from './prepare.ts'
import { press } from './press.ts'
import { registry } from './registry.ts'
import { retain } from './retain.ts'
import { seal } from './seal.ts'

export interface TaskRunner {
  run(task: Task, progress: (progress: TaskProgress) => void): Promise<unknown>
}

/** Runs tasks in this process, opening models, tokenizer and plan once, when the first task needs them. */
export function taskRunner(setup: WorkerSetup): TaskRunner {
  const pipeline = fromPortable(setup.pipeline, registry)
  const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
    let made: Promise<T> | undefined
    return () => (made ??= make())
  }
  const store = once((): Promise<Store> => openStore(setup.store))
  const stages = once((): Promise<readonly OpenStage[]> => openStages(pipeline))
  const encoder = once(() => openEncoder(pipeline))
  const plans = new Map<string, Promise<StoredPlan>>()
  const plan = async (id: string): Promise<StoredPlan> => {
    const known = plans.get(id) ?? readPlan(await store(), id)
    plans.set(id, known)
    return known
  }

  return {
    run: (task, progress) => watchAsync(task.phase, () => runTask(task, progress)),
  }

  async function runTask(task: Task, progress: (progress: TaskProgress) => void): Promise<unknown> {
    switch (task.phase) {
      case 'prepare':
        return prepare(
          await store(),
          pipeline,
          await watchAsync('open stages', stages),
          { plan: await plan(task.planId), part: task.part, from: task.from, batchRows: setup.batchRows },
          (rows, bytes) => progress({ rows, bytes }),
        )
      case 'press':
        return press(await store(), await watchAsync('open tokenizer', encoder), task.key, (rows) => progress({ rows, bytes: 0 }))
      case 'merge':
        return 'runs' in task ? merge(await store(), task) : mergeFiles(await store(), task)
      case 'retain':
        return retain(await store(), pipeline, task)
      case 'seal':
        return seal(await store(), pipeline, await plan(task.planId), task, (rows) => progress({ rows, bytes: 0 }))
    }
  }
}
