import type { Criteria } from '../../dataset/criteria.ts'
import type { MergeTask } from '../index-runs.ts'
import type { FileMergeTask } from '../merge-files.ts'
import type { PortablePipeline } from '../portable-pipeline.ts'

/** The pure tasks of a run. Each is found by a key and done once; doing it again gives the same objects. */
export type Task =
  | { readonly phase: 'prepare'; readonly planId: string; readonly part: number; readonly from: number | undefined }
  | { readonly phase: 'press'; readonly key: string }
  | ({ readonly phase: 'merge' } & (MergeTask | FileMergeTask))
  | {
      readonly phase: 'retain'
      readonly key: string
      readonly parts: readonly RetainPart[]
      readonly criteria: Criteria
      /** Object with the ids of documents whose texts are retained whatever the settings say; none where it is absent. */
      readonly versions?: string
    }
  | {
      readonly phase: 'seal'
      readonly key: string
      readonly planId: string
      readonly parts: readonly SealPart[]
      readonly criteria: Criteria
      /** As in `retain`. */
      readonly versions?: string
      readonly shards: readonly { readonly path: string; readonly tokenCounts: string }[]
    }

/** A part whose dropped texts are to be retained, with where the sequence phase noted its duplicates. */
export interface RetainPart {
  readonly key: string
  readonly placement: string
  /** Name and licence of what the part was read from. */
  readonly source: { readonly name: string; readonly licence: string }
}

export interface SealPart extends RetainPart {
  readonly part: number
  /** The object with its dropped texts, or null when none were retained. */
  readonly retained: string | null
}

export interface TaskProgress {
  readonly rows: number
  /** Bytes of the input behind the last row; prepare only. */
  readonly bytes: number
}

/** Runs tasks somewhere, as many at a time as it has hands. */
export interface Executor {
  run(task: Task, progress?: (progress: TaskProgress) => void): Promise<unknown>
  close(): Promise<void>
}

export interface WorkerSetup {
  readonly store: string
  readonly pipeline: PortablePipeline
  readonly batchRows: number
}

/** Sources cut their batches by bytes too, so this bounds rows of tiny documents only. */
export const defaultBatchRows = 8192

/** Presses before it prepares: a pressed shard frees staging, a prepared part adds to it. Merges begin with the first parts, to be done by the end. */
export const urgency: Readonly<Record<Task['phase'], number>> = { seal: 0, retain: 1, press: 2, merge: 3, prepare: 3 }

/** The act that a task is, as errors name it. */
export function describe(task: Task): string {
  switch (task.phase) {
    case 'prepare':
      return `preparing part ${task.part}`
    case 'press':
      return `pressing shard ${task.key.slice(0, 12)}`
    case 'merge':
      return 'runs' in task ? `merging ${task.runs.length} runs of the index` : `merging ${task.files.length} files of the list ${task.kind}`
    case 'retain':
      return 'retaining dropped texts'
    case 'seal':
      return 'sealing the ledger'
  }
}
