import * as z from 'zod'
import { QuernError } from '../core/errors.ts'
import type { Audited } from './audited.ts'
import { registry } from '../mill/registry.ts'
import type { RulesInForce } from './rules-in-force.ts'
import { limitsByLanguage } from './rule-view.ts'

/** Which documents are wanted; what is absent does not narrow. */
export const DocumentFilter = z.strictObject({
  language: z.string().optional(),
  source: z.string().optional(),
  /** `kept`, `dropped`, or `stage/rule`. */
  fate: z.string().optional(),
  /** A host with all below it. */
  host: z.string().optional(),
  /** Ranges of measures, `words>=50 words<400 language_score<0.7`: all of them must hold. */
  where: z.string().max(500).optional(),
  /** A measure; rows that have it come, the nearest to `near` first, if that is given. */
  measure: z.string().optional(),
  near: z.number().optional(),
  /** A rule with a limit: rows come nearest to the limit in force for their language first. */
  rule: z.string().optional(),
  /** Which side of `near` or of the limit: below, above or both. */
  side: z.enum(['below', 'above']).optional(),
  /** Words that the text must have: `document-search.ts`. */
  words: z.string().max(200).optional(),
  /** Where an earlier search stopped. */
  from: z.string().max(40).optional(),
  seed: z.int().nonnegative().default(0),
  limit: z.int().min(1).max(500).default(100),
})
export type DocumentFilter = z.infer<typeof DocumentFilter>

/** A filter in SQL over `ledger`. */
export interface FilterSql {
  /** Without WHERE; `true` for a filter that lets all pass. */
  readonly condition: string
  readonly parameters: readonly (string | number)[]
  /** What rows are nearest by, and what nearness is measured to; both `NULL::DOUBLE` without. */
  readonly value: string
  readonly limit: string
  /** How far a row is from that; empty without. */
  readonly distance: string
}

/** Every measure of a snapshot's stages with what it is, those of stages without a limit too. */
export function measuresOf({ json }: RulesInForce): Readonly<Record<string, string>> {
  return Object.fromEntries(json.stages.flatMap(({ use }) => Object.entries(measuresOfStage(use))))
}

function measuresOfStage(use: string): Readonly<Record<string, string>> {
  const component = registry.stages[use]
  return component?.phase === 'prepare' ? component.measures : {}
}

const range = /^([a-z]\w*)(<=|>=|<|>)(-?\d+(?:\.\d+)?(?:e-?\d+)?)$/i

export async function filterSql({ tables, rules }: Audited, filter: DocumentFilter): Promise<FilterSql> {
  const parameters: (string | number)[] = []
  const put = (value: string | number): string => `$${parameters.push(value)}`
  const known = measuresOf(rules)
  const column = (measure: string): string => {
    if (!Object.hasOwn(known, measure))
      throw new QuernError('not-found', `the snapshot has no measure "${measure}"`, { remedy: `It has ${Object.keys(known).join(', ')}.` })
    return `"${measure}"`
  }
  const where: string[] = []
  if (filter.language !== undefined) where.push(`coalesce(language, '') = ${put(filter.language)}`)
  if (filter.source !== undefined) where.push(`source = ${put(filter.source)}`)
  if (filter.host !== undefined) {
    const host = filter.host.toLowerCase()
    const own = `lower(${hostOf('url')})`
    // Most addresses do not hold the name at all, and finding that out costs a tenth of taking them apart.
    where.push(`contains(lower(url), ${put(host)}) AND (${own} = ${put(host)} OR ends_with(${own}, ${put(`.${host}`)}))`)
  }
  if (filter.fate === 'kept' || filter.fate === 'dropped') where.push(`outcome = ${put(filter.fate)}`)
  else if (filter.fate !== undefined) {
    const slash = filter.fate.indexOf('/')
    where.push(`stage = ${put(filter.fate.slice(0, slash))} AND rule = ${put(filter.fate.slice(slash + 1))}`)
  }
  for (const part of filter.where?.split(/\s+/).filter((one) => one !== '') ?? []) {
    const [, measure, sign, number] = range.exec(part) ?? []
    if (measure === undefined || sign === undefined || number === undefined)
      throw new QuernError('bad-usage', `"${part}" is no range of a measure`, {
        remedy: 'Write words>=50 words<400, without spaces around the sign.',
      })
    // NaN, which stands for "does not apply", is more than any number to DuckDB.
    where.push(`NOT isnan(${column(measure)}) AND ${column(measure)} ${sign} ${put(Number(number))}`)
  }
  const nearest = { value: 'NULL::DOUBLE', limit: 'NULL::DOUBLE', distance: '' }
  if (filter.rule !== undefined) {
    const limited = rules.limited.find(({ name }) => name === filter.rule)
    if (limited === undefined)
      throw new QuernError('not-found', `the snapshot has no rule "${filter.rule}" with a limit`, { remedy: 'Choose one from the page of rules.' })
    const codes = (await tables.rows(z.object({ code: z.string() }), `SELECT DISTINCT coalesce(language, '') AS code FROM ledger ORDER BY code`)).map(
      ({ code }) => code,
    )
    const stage = rules.stages.find(({ component }) => component.name === limited.stage)!
    const limits = limitsByLanguage(codes, (batch) => stage.limitsOf(batch)[limited.limit]!)
    const cases = codes.flatMap((code, i) => (Number.isFinite(limits[i]) ? [`WHEN ${put(code)} THEN ${put(limits[i]!)}`] : []))
    nearest.value = column(limited.measure)
    nearest.limit = cases.length === 0 ? 'NULL::DOUBLE' : `CASE coalesce(language, '') ${cases.join(' ')} END`
  } else if (filter.measure !== undefined) {
    nearest.value = column(filter.measure)
    if (filter.near !== undefined) nearest.limit = `${put(filter.near)}::DOUBLE`
  }
  const { value, limit } = nearest
  if (value !== 'NULL::DOUBLE') where.push(`NOT isnan(${value}) AND ${value} IS NOT NULL`)
  if (limit !== 'NULL::DOUBLE') {
    where.push(`${limit} IS NOT NULL`)
    if (filter.side !== undefined) where.push(`${value} ${filter.side === 'below' ? '<' : '>'} ${limit}`)
    // Limits differ by language: what counts is the distance as a share of the limit, where it is not zero.
    nearest.distance = `abs(${value} - ${limit}) / greatest(abs(${limit}), 1e-9)`
  }
  return { condition: where.length === 0 ? 'true' : where.join(' AND '), parameters, ...nearest }
}

/** SQL for what became of a row: `kept`, or the `stage/rule` that dropped it. */
export const fateOf = `CASE WHEN outcome = 'kept' THEN 'kept' ELSE stage || '/' || rule END`

/** SQL for the host of an address, as it is written there, without user and port. */
export function hostOf(column: string): string {
  return `regexp_extract(${column}, '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]*)', 1)`
}
