import type { Batch } from '../core/batch.ts'
import { canonicalJson } from '../core/canonical-json.ts'
import type { Limits } from '../core/decide.ts'
import { type Fates, replayableRules } from './fates.ts'
import { boundsOf, kindsOf, labelsBatch } from './kinds.ts'
import type { JudgingStage, RulesInForce } from './rules-in-force.ts'

/** Rows whose labels and measures are handed to a stage at once. */
const batchRows = 65_536

/**
 * The same rows under other rules. What both sets of rules say in the same words is taken over; only the measures of rules
 * whose limits differ are read. Costs as much memory again as the rules of `fates`: 4 bytes for each 32 rules and a row.
 */
export async function judgeAgain(
  fates: Fates,
  made: RulesInForce,
  other: RulesInForce,
  measure: (name: string) => Promise<Float64Array>,
): Promise<Fates> {
  const { rows } = fates
  const rules = replayableRules(other)
  const numbers = new Map(fates.rules.map(({ name }, i) => [name, i]))
  const width = Math.max(1, Math.ceil(rules.length / 32))
  const sameList = rules.length === fates.rules.length && rules.every(({ name }, i) => name === fates.rules[i]!.name)
  const broken = sameList ? fates.broken.slice() : new Uint32Array(rows * width)
  const kinds = kindsOf(fates.language, fates.languages, fates.script, fates.scripts)
  const take = (to: number, from: number) => {
    if (sameList) return
    for (let row = 0; row < rows; row++)
      if ((fates.broken[row * fates.width + (from >> 5)]! >>> (from & 31)) & 1) broken[row * width + (to >> 5)]! |= 1 << (to & 31)
  }
  const put = (rule: number, row: number, breaks: boolean) => {
    if (breaks) broken[row * width + (rule >> 5)]! |= 1 << (rule & 31)
    else broken[row * width + (rule >> 5)]! &= ~(1 << (rule & 31))
  }
  for (const stage of other.stages) {
    const { name, limits } = stage.component
    const was = made.stages.find(({ component }) => component.name === name)
    const numberOf = (rule: string) => rules.findIndex((known) => known.name === `${name}/${rule}`)
    const [now, then] = [stage.limitsOf(kinds.batch), was?.limitsOf(kinds.batch)]
    for (const [rule, compare] of Object.entries(limits?.rules ?? {})) {
      const number = numberOf(rule)
      const known = numbers.get(`${name}/${rule}`)
      const limit = 'below' in compare ? compare.below : compare.above
      if (known !== undefined && sameLimit(kinds.batch, now, then, limit)) {
        take(number, known)
        continue
      }
      const values = await measure(compare.measure)
      const bounds = boundsOf(kinds.batch, now, limit)
      const below = 'below' in compare
      for (let row = 0; row < rows; row++) {
        const bound = bounds[kinds.ofRow[row]!]!
        put(number, row, below ? values[row]! < bound : values[row]! > bound)
      }
    }
    if (limits?.decide === undefined) continue
    const deciding = Object.keys(stage.component.rules)
    if (was !== undefined && sameWords(made, other, was, stage)) {
      for (const rule of deciding) take(numberOf(rule), numbers.get(`${name}/${rule}`)!)
      continue
    }
    for (const rule of deciding.filter((one) => !Object.hasOwn(limits.rules, one)))
      for (let row = 0; row < rows; row++) put(numberOf(rule), row, false)
    await decideAll(fates, stage, measure, (rule, row) => put(numberOf(deciding[rule]!), row, true))
  }
  return { ...fates, rules, width, broken, earlier: 0 }
}

async function decideAll(
  fates: Fates,
  { component, config, limitsOf }: JudgingStage,
  measure: (name: string) => Promise<Float64Array>,
  drops: (rule: number, row: number) => void,
): Promise<void> {
  const values = new Map<string, Float64Array>()
  for (const name of Object.keys(component.measures)) values.set(name, await measure(name))
  for (let start = 0; start < fates.rows; start += batchRows) {
    const end = Math.min(fates.rows, start + batchRows)
    const batch = labelsBatch(fates.language.subarray(start, end), fates.languages, fates.script.subarray(start, end), fates.scripts)
    const measures = Object.fromEntries([...values].map(([name, all]) => [name, all.subarray(start, end)]))
    component.limits?.decide?.(config, batch, measures, limitsOf(batch)).rule.forEach((rule, row) => {
      if (rule !== -1) drops(rule, start + row)
    })
  }
}

function sameLimit(batch: Batch, now: Limits, then: Limits | undefined, name: string): boolean {
  if (then?.[name] === undefined) return false
  const [a, b] = [boundsOf(batch, now, name), boundsOf(batch, then, name)]
  return a.every((value, row) => Object.is(value, b[row]) || value === b[row])
}

/** Whether a stage that decides by more than limits has the same options and the same words in every language's file. */
function sameWords(made: RulesInForce, other: RulesInForce, was: JudgingStage, is: JudgingStage): boolean {
  const name = is.component.name
  const filters = (rules: RulesInForce) =>
    Object.entries(rules.json.languages).map(([code, file]) => [
      code,
      (file as { readonly filters?: Readonly<Record<string, unknown>> }).filters?.[name] ?? null,
    ])
  return canonicalJson([was.config, filters(made)]) === canonicalJson([is.config, filters(other)])
}
