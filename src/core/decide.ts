import { emptyVerdict, type Verdict } from './batch.ts'

/** A rule as data: the measure it looks at, and the name of the limit that its value must not go below or above. */
export type LimitRule = { readonly measure: string; readonly says: string } & ({ readonly below: string } | { readonly above: string })

export type LimitRules = Readonly<Record<string, LimitRule>>

/** A limit for all rows, or one for each; NaN is no limit. */
export type Limits = Readonly<Record<string, number | Float64Array>>

/** The sentences of rules, as a component declares them. */
export function saysOf(rules: LimitRules): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(rules).map(([rule, { says }]) => [rule, says]))
}

/** Drops each row by the first rule it breaks; the comparison is strict, and a NaN on either side breaks no rule. */
export function decide(rows: number, rules: LimitRules, measures: Readonly<Record<string, Float64Array>>, limits: Limits): Verdict {
  const verdict = emptyVerdict(rows)
  for (const [index, rule] of Object.values(rules).entries()) {
    const below = 'below' in rule
    const limitName = below ? rule.below : rule.above
    const measured = measures[rule.measure]
    const limit = limits[limitName]
    if (measured === undefined || limit === undefined)
      throw new TypeError(`a rule compares "${rule.measure}" with "${limitName}", of which one does not exist`)
    for (let row = 0; row < rows; row++) {
      const value = measured[row]!
      const bound = typeof limit === 'number' ? limit : limit[row]!
      if (verdict.rule[row] !== -1 || !(below ? value < bound : value > bound)) continue
      verdict.rule[row] = index
      verdict.measured[row] = value
      verdict.limit[row] = bound
    }
  }
  return verdict
}
