import type { PipelineStage } from '../core/pipeline.ts'
import { closest } from '../core/closest.ts'

type Configured = Pick<PipelineStage, 'component' | 'config'>

/** Stages that compare keys as documents come: they cannot wait for a night that is decided in another order. */
const keyed = ['url-duplicates', 'duplicate-lines', 'duplicate-paragraphs', 'repeated-substrings']

/** Where the best of several duplicates is kept, some stage must measure what is best, and no other may decide before. */
export function checkSurvivorMeasure(stages: readonly Configured[], wrong: (index: number, message: string, remedy: string) => void): void {
  const measures = stages.flatMap(({ component }) => (component.phase === 'prepare' ? Object.keys(component.measures) : []))
  for (const [index, { component, config }] of stages.entries()) {
    // Options that have mistakes of their own are not there.
    if (config === undefined) continue
    const { keep, 'best-by': measure } = config as { readonly keep?: unknown; readonly 'best-by'?: string }
    if (component.name === 'near-duplicates' && keep !== 'first') {
      const other = stages.find(({ component: { name }, config: own }) => keyed.includes(name) || (name === 'exact-duplicates' && isKeyed(own)))
      if (other !== undefined)
        wrong(
          index,
          `near-duplicates with "keep: ${String(keep)}" decides when the whole night is there, and ${other.component.name} as documents come`,
          `Use "keep: first", or leave ${other.component.name} out.`,
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

/** Compares another key than the bytes of the text. */
function isKeyed(config: unknown): boolean {
  if (config === undefined) return false
  const { key, normalise } = config as { readonly key?: string; readonly normalise?: string }
  return key !== 'text' || normalise !== 'none'
}
