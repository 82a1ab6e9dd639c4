import { crashed } from './examine.ts'
import type { Source } from '../core/component.ts'
import type { TaskPipeline } from './portable-pipeline.ts'

/** All `stage/rule` names that documents of one source may be dropped by in prepare, in the order that decides. */
export interface VerdictTable {
  /** `stage/rule`, indexed by code. */
  readonly names: readonly string[]
  /** Code of the first rule of each opened prepare stage, in stage order; the source's rules come first, at 0, then the crash. */
  readonly stageStart: readonly number[]
}

export function verdictTable(pipeline: Pick<TaskPipeline, 'stages'>, source: Source): VerdictTable {
  const names = [...Object.keys(source.rules), crashed]
  const stageStart: number[] = []
  for (const { component } of pipeline.stages) {
    if (component.phase !== 'prepare') continue
    stageStart.push(names.length)
    names.push(...Object.keys(component.rules).map((rule) => `${component.name}/${rule}`))
  }
  return { names, stageStart }
}
