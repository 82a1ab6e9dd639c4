import type { Snapshot } from '../dataset/snapshot.ts'
import { defaultMergeWidth, indexSettings, mergeKey, planMerges, type IndexRun, type MergeTask } from './index-runs.ts'
import type { TaskPipeline } from './portable-pipeline.ts'

/** A run of one stage's keys as a snapshot names it. */
export type KeyRun = NonNullable<Snapshot['index']['keys']>[number]

/** What the parent of a night left. */
export interface ParentRuns {
  readonly runs: readonly IndexRun[]
  readonly keyRuns: readonly KeyRun[]
}

/** The same, with the file of the ids of documents that are in the dataset no more: `index.erased` of a snapshot. */
interface ParentIndex extends ParentRuns {
  readonly erasedFile?: string
}

/**
 * Begins the merges of the parent's runs, to be done beside everything else: the night itself asks the runs as they were. What comes
 * back waits for them and gives the lists that the night's own runs are put behind. The keys of each stage are a list of their own;
 * those of a stage that the pipeline no longer has stay as they are.
 */
export function startMerges(
  { runs, keyRuns, erasedFile }: ParentIndex,
  pipeline: TaskPipeline,
  run: (task: MergeTask) => Promise<IndexRun>,
): () => Promise<ParentRuns> {
  const settings = indexSettings((name) => pipeline.stages.find((stage) => stage.component.name === name)?.config)
  const width = settings?.mergeWidth ?? defaultMergeWidth
  const documents = settings === undefined ? () => Promise.resolve(runs) : startList({ kind: 'documents' }, runs, width, run)
  const names = [...new Set(keyRuns.map(({ stage }) => stage))]
  const keys = names.map((stage) => {
    const own = keyRuns.filter((each) => each.stage === stage)
    if (!pipeline.stages.some(({ component }) => component.name === stage)) return () => Promise.resolve(own)
    const merged = startList({ kind: 'keys', ...(erasedFile === undefined ? {} : { erased: erasedFile }) }, own, width, run)
    return async () => (await merged()).map((each) => ({ stage, ...each }))
  })
  return async () => ({ runs: await documents(), keyRuns: (await Promise.all(keys.map((list) => list()))).flat() })
}

/** Merges within one list, oldest first. */
function startList(
  list: Pick<MergeTask, 'kind' | 'erased'>,
  runs: readonly IndexRun[],
  width: number,
  run: (task: MergeTask) => Promise<IndexRun>,
): () => Promise<IndexRun[]> {
  const counts = runs.map(({ documents }) => documents)
  const merges = planMerges(counts, width).map(({ start, end }) => {
    const task = { ...list, runs: runs.slice(start, end) }
    return { start, end, merged: run({ key: mergeKey(task), ...task }) }
  })
  return async () => {
    const all: IndexRun[] = []
    let at = 0
    for (const { start, end, merged } of merges) {
      all.push(...runs.slice(at, start), await merged)
      at = end
    }
    return [...all, ...runs.slice(at)]
  }
}
