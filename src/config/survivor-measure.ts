import type { PipelineStage } from '../core/pipeline.ts'
import { closest } from '../core/closest.ts'

type Configured = Pick<PipelineStage, 'component' | 'config'>

/** Where the best of several duplicates is kept, some stage must measure what is best. */
export function checkSurvivorMeasure(stages: readonly Configured[], wrong: (index: number, message: string, remedy: string) => void): void {
  const measures = stages.flatMap(({ component }) => (component.phase === 'prepare' ? Object.keys(component.measures) : []))
  for (const [index, { component, config }] of stages.entries()) {
    const { keep, 'best-by': measure } = config as { readonly keep?: unknown; readonly 'best-by'?: string }
    if (component.phase !== 'sequence' || keep !== 'best' || measure === undefined || measures.includes(measure)) continue
    const meant = closest(measure, measures)
    wrong(
      index,
      `${component.name} keeps the document that is best by "${measure}", which no stage measures`,
      meant === undefined ? 'Add the stage that measures it, or set "best-by" to a measure of the pipeline.' : `Did you mean "${meant}"?`,
    )
  }
}
