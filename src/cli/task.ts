import { QuernError } from '../core/errors.ts'
import { defaultBatchRows, type Task } from '../mill/executors/executor.ts'
import { partKey, pressKey } from '../mill/keys.ts'
import { readPlan, storedPlans } from '../mill/plan.ts'
import { pressTaskKey, type PressTask } from '../mill/press.ts'
import { findTask, readTaskList, type StoredTask } from '../mill/stored-task.ts'
import { taskRunner, type TaskRunner } from '../mill/task-runner.ts'
import { openStore, type Store } from '../storage/store.ts'
import type { Command } from './command.ts'

const phases: readonly string[] = ['prepare', 'press', 'merge', 'retain', 'seal'] satisfies Task['phase'][]

const command: Command = {
  name: 'task',
  summary: 'Do pure tasks of a planned run: what a cluster job calls. A result is found by its key; doing it twice is harmless.',
  args: [
    { name: 'phase', summary: 'prepare, press, merge, retain or seal.', required: true },
    {
      name: 'key',
      summary:
        'The key of a task in staging/tasks/, of a part or of a cut; PLAN:NUMBER is a part by its plan and place; @LIST:INDEX the tasks of one array element.',
      required: true,
    },
  ],
  options: [
    { flags: '--out <url>', summary: 'The dataset whose plan names the task (required).' },
    { flags: '--json', summary: "Print the task's record as one JSON object; of @LIST:INDEX all, as {records: [...]}." },
  ],
  async run({ args, options }, terminal) {
    const [phase = '', name = ''] = args
    const { out } = options
    if (typeof out !== 'string') throw new QuernError('bad-usage', 'task needs the dataset that holds the plan', { remedy: 'Give it with --out.' })
    if (!phases.includes(phase))
      throw new QuernError('bad-usage', `there is no phase "${phase}" that a task may do alone`, { remedy: `Use one of ${phases.join(', ')}.` })
    const store = await openStore(out)
    const { keys, batchRows } = name.startsWith('@') ? await readTaskList(store, name) : { keys: [name], batchRows: defaultBatchRows }
    const runners = new Map<string, TaskRunner>()
    const records: unknown[] = []
    for (const key of keys) {
      const found = (await findTask(store, key)) ?? (await plannedTask(store, phase, key))
      if (found === undefined || found.task.phase !== phase) {
        const why = found === undefined ? 'no plan of it names one' : `that is a task of ${found.task.phase}`
        throw new QuernError('not-found', `${out} has no task ${phase} ${key}: ${why}`, {
          remedy: 'List plans/ and staging/tasks/ of the dataset; those of a published run are gone.',
        })
      }
      const runner = runners.get(found.plan) ?? taskRunner({ store: store.url, pipeline: (await readPlan(store, found.plan)).pipeline, batchRows })
      runners.set(found.plan, runner)
      const started = Date.now()
      let rows = 0
      records.push(await runner.run(found.task, (progress) => (rows += progress.rows)))
      terminal.print(`${phase} ${key}: done, ${rows} rows in ${((Date.now() - started) / 1000).toFixed(1)} s`)
    }
    terminal.json(name.startsWith('@') ? { records } : records[0])
    return 0
  },
}

export default command

/** A part of a stored plan, or a cut that its run has laid down: tasks that no cluster run has stored. */
async function plannedTask(store: Store, phase: string, key: string): Promise<StoredTask | undefined> {
  const bytes = phase === 'press' && /^[0-9a-f]{64}$/.test(key) ? await store.find(pressTaskKey(key)) : undefined
  const cut = bytes === undefined ? undefined : (JSON.parse(Buffer.from(bytes).toString('utf8')) as PressTask)
  for (const plan of await storedPlans(store)) {
    if (cut !== undefined) {
      // Two plans may have different tokenizers; the cut's key says which is meant.
      if (pressKey({ cut: cut.cut, sources: cut.sources, partSources: cut.partSources }, plan.pipeline.rules) === key)
        return { plan: plan.id, task: { phase: 'press', key } }
    } else if (phase === 'prepare') {
      const part = plan.parts.findIndex((candidate, number) => key === `${plan.id}:${number}` || partKey(plan, candidate, undefined) === key)
      if (part >= 0) return { plan: plan.id, task: { phase, planId: plan.id, part, from: undefined } }
    }
  }
  return undefined
}
