import type { Batch, Verdict } from '../core/batch.ts'
import type { Context, PrepareStage } from '../core/component.ts'
import { decide } from '../core/decide.ts'

/**
 * The verdict that a stage gives to rows of which only measures and labels are known, as a ledger has them: the one it gave
 * when it saw the text, or would give under other options. Undefined for a stage that needs the text to say.
 * The batch has the columns `language` and `script`; a measure that is not there compares as one that does not apply.
 */
export function rejudging(
  component: PrepareStage,
  config: unknown,
  context: Context,
): ((batch: Batch, measures: Readonly<Record<string, Float64Array>>) => Verdict) | undefined {
  const { limits, rules } = component
  if (limits === undefined) return undefined
  const limitsOf = limits.of(config, context)
  const index = Object.keys(limits.rules).map((rule) => Object.keys(rules).indexOf(rule))
  return (batch, measures) => {
    const known = new Proxy(measures, { get: (values, name: string) => values[name] ?? new Float64Array(batch.rows).fill(NaN) })
    if (limits.decide !== undefined) return limits.decide(config, batch, known, limitsOf(batch))
    const verdict = decide(batch.rows, limits.rules, known, limitsOf(batch))
    return { ...verdict, rule: verdict.rule.map((rule) => (rule === -1 ? -1 : index[rule]!)) }
  }
}
