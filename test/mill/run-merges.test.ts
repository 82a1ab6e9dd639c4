import { expect, test } from 'vitest'
import { hashOf } from '../../src/mill/keys.ts'
import type { IndexRun, MergeTask } from '../../src/mill/index-runs.ts'
import type { TaskPipeline } from '../../src/mill/portable-pipeline.ts'
import { startMerges } from '../../src/mill/run-merges.ts'

const runOf = (name: string, documents = 10): IndexRun => ({ path: `index/${name}.run`, bytes: 1, sha256: hashOf(name), documents })

function pipelineOf(...names: readonly string[]): TaskPipeline {
  const stages = names.map((name) => ({ component: { name }, config: { similarity: 0.8, 'bucket-members': 32, memory: 1, 'merge-runs': 2 } }))
  return { stages } as unknown as TaskPipeline
}

test('each stage merges its own list of keys; the lists of stages that are gone stay', async () => {
  const tasks: MergeTask[] = []
  const run = async (task: MergeTask): Promise<IndexRun> => {
    tasks.push(task)
    return runOf(`merged-${tasks.length}`, task.runs.length * 10)
  }
  const runs = [runOf('a'), runOf('b')]
  const keyRuns = ['url', 'line', 'gone', 'url', 'line', 'gone', 'url'].map((stage, i) => ({
    stage: `${stage}-duplicates`,
    ...runOf(`${stage}-${i}`),
  }))
  const merged = await startMerges({ runs, keyRuns }, pipelineOf('near-duplicates', 'url-duplicates', 'line-duplicates'), run)()
  expect(tasks.map(({ kind, runs: inputs }) => [kind, inputs.map(({ path }) => path)])).toEqual([
    ['documents', ['index/a.run', 'index/b.run']],
    ['keys', ['index/url-0.run', 'index/url-3.run', 'index/url-6.run']],
    ['keys', ['index/line-1.run', 'index/line-4.run']],
  ])
  expect(new Set(tasks.map(({ key }) => key)).size).toBe(3)
  expect(merged.runs).toEqual([runOf('merged-1', 20)])
  expect(merged.keyRuns).toEqual([
    { stage: 'url-duplicates', ...runOf('merged-2', 30) },
    { stage: 'line-duplicates', ...runOf('merged-3', 20) },
    { stage: 'gone-duplicates', ...runOf('gone-2') },
    { stage: 'gone-duplicates', ...runOf('gone-5') },
  ])
})

test('without a stage that asks documents, their runs stay and keys merge by fours', async () => {
  const runs = [runOf('a'), runOf('b')]
  const three = [0, 1, 2].map((i) => ({ stage: 'url-duplicates', ...runOf(`url-${i}`) }))
  const none = () => Promise.reject(new Error('nothing is to be merged'))
  expect(await startMerges({ runs, keyRuns: three }, pipelineOf('url-duplicates'), none)()).toEqual({ runs, keyRuns: three })
})

test('what is erased is left out of merged keys, and names another merge', async () => {
  const tasks: MergeTask[] = []
  const run = async (task: MergeTask): Promise<IndexRun> => {
    tasks.push(task)
    return runOf('merged', 20)
  }
  const runs = [runOf('a'), runOf('b')]
  const keyRuns = runs.map((each) => ({ stage: 'url-duplicates', ...each }))
  const pipeline = pipelineOf('near-duplicates', 'url-duplicates')
  for (const erased of [{}, { erasedFile: 'index/ids' }]) await startMerges({ runs, keyRuns, ...erased }, pipeline, run)()
  expect(tasks.map(({ kind, erased }) => [kind, erased])).toEqual([
    ['documents', undefined],
    ['keys', undefined],
    ['documents', undefined],
    ['keys', 'index/ids'],
  ])
  const [, plain, , without] = tasks.map(({ key }) => key)
  expect(without).not.toBe(plain)
})
