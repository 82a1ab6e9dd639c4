import type { PipelineStage } from '../core/pipeline.ts'
import { closest } from '../core/closest.ts'

type Configured = Pick<PipelineStage, 'component' | 'config'>

/** Stages that cut what kept documents hold, as documents come: they cannot wait for a night that is decided in another order. */
const cutting = ['duplicate-lines', 'duplicate-paragraphs', 'repeated-substrings']

/**
 * Where another document than the first of a night survives, the night is decided in an order of its own: there is one, and no stage
 * that needs the plan's. Where the best of several duplicates is kept, some stage must measure what is best.
 */
export function checkSurvivorMeasure(stages: readonly Configured[], wrong: (index: number, message: string, remedy: string) => void): void {
  const measures = stages.flatMap(({ component }) => (component.phase === 'prepare' ? Object.keys(component.measures) : []))
  // Options that have mistakes of their own are not there.
  const keeps = ({ config }: Configured): unknown => (config as { readonly keep?: unknown } | undefined)?.keep ?? 'first'
  const ordering = stages.filter((stage) => stage.component.phase === 'sequence' && keeps(stage) !== 'first')
  for (const [index, stage] of stages.entries()) {
    const { component, config } = stage
    const keep = keeps(stage)
    const { 'best-by': measure } = (config ?? {}) as { readonly 'best-by'?: string }
    if (ordering.includes(stage)) {
      const cutter = stages.find(({ component: { name } }) => cutting.includes(name))
      if (cutter !== undefined)
        wrong(
          index,
          `${component.name} with "keep: ${String(keep)}" decides when the whole night is there, and ${cutter.component.name} as documents come`,
          `Use "keep: first", or leave ${cutter.component.name} out.`,
        )
      const other = ordering[0]
      if (other !== undefined && other !== stage)
        wrong(
          index,
          `${component.name} with "keep: ${String(keep)}" and ${other.component.name} with "keep: ${String(keeps(other))}" want a night decided in two orders`,
          'Use "keep: first" in one of them.',
        )
    }
    if (component.phase !== 'sequence' || keep !== 'best' || measure === undefined || measures.includes(measure)) continue
    const meant = closest(measure, measures)
    wrong(
      index,
      `${component.name} keeps the document that is best by "${measure}", which no stage measures`,
      meant === undefined ? 'Add the stage that measures it, or set "best-by" to a measure of the pipeline.' : `Did you mean "${meant}"?`,
    )
  }
}
