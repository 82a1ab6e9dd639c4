import { QuernError } from '../core/errors.ts'
import type { Audited } from './audited.ts'
import { firstBroken } from './fates.ts'

/** One language's values of a measure, in the bins of the whole. */
export interface LanguageHistogram {
  readonly language: string
  readonly documents: number
  /** NaN where the rule does not hold for the language; null in JSON. */
  readonly limit: number
  /** Documents that no other rule drops, by bin: only these can enter or leave by this limit. */
  readonly free: readonly number[]
  /** Documents that another rule drops too, by bin. */
  readonly bound: readonly number[]
}

export interface RuleView {
  readonly rule: string
  readonly says: string
  readonly measure: string
  readonly meaning: string
  readonly side: 'below' | 'above'
  readonly limitName: string
  /** Stage before it that writes the text which it measured. */
  readonly textFrom: string | null
  /** Stages that decide by more than the ledger knows, and might drop what enters. */
  readonly needsText: readonly string[]
  /** Edges of the bins, one more than there are bins; the first and the last bin hold what lies beyond. */
  readonly edges: readonly number[]
  readonly languages: readonly LanguageHistogram[]
}

const bins = 60

/** The distribution of a rule's measure by language, most documents first. Bins span all but the outermost half percent on either side. */
export async function ruleView(audited: Audited, name: string): Promise<RuleView> {
  const { rules } = audited
  const limited = rules.limited.find((rule) => rule.name === name)
  if (limited === undefined)
    throw new QuernError('not-found', `the snapshot has no rule "${name}" with a limit`, {
      remedy: `It has ${rules.limited.map((rule) => rule.name).join(', ')}.`,
    })
  const stage = rules.stages.find(({ component }) => component.name === limited.stage)!
  const [fates, values] = await Promise.all([audited.fates(), audited.measure(limited.measure)])
  const number = fates.rules.findIndex((rule) => rule.name === name)
  const limits = limitsByLanguage(fates.languages, (batch) => stage.limitsOf(batch)[limited.limit]!)
  const edges = edgesOf(values, limits)
  const [low, high] = [edges[0]!, edges.at(-1)!]
  const scale = bins / (high - low)
  const languages = fates.languages.map((language, i) => ({
    language,
    documents: 0,
    limit: limits[i]!,
    free: Array.from({ length: bins }, () => 0),
    bound: Array.from({ length: bins }, () => 0),
  }))
  for (let row = 0; row < fates.rows; row++) {
    const value = values[row]!
    if (Number.isNaN(value)) continue
    const of = languages[fates.language[row]!]!
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((value - low) * scale)))
    of.documents++
    const other = fates.elsewhere[row] === 1 || firstBroken(fates.broken, row, fates.width, number) !== -1
    ;(other ? of.bound : of.free)[bin]!++
  }
  return {
    rule: name,
    says: limited.says,
    measure: limited.measure,
    meaning: stage.component.measures[limited.measure] ?? '',
    side: limited.side,
    limitName: limited.limit,
    textFrom: limited.textFrom,
    needsText: rules.unreplayable.filter((use) => order(audited, use) > order(audited, limited.stage)),
    edges,
    languages: languages.filter(({ documents }) => documents > 0).toSorted((a, b) => b.documents - a.documents || (a.language < b.language ? -1 : 1)),
  }
}

function order({ rules }: Audited, stage: string): number {
  return rules.json.stages.findIndex(({ use }) => use === stage)
}

/** One value a language; NaN where there is no limit. */
export function limitsByLanguage(
  languages: readonly string[],
  of: (batch: Parameters<Audited['rules']['stages'][number]['limitsOf']>[0]) => number | Float64Array,
): readonly number[] {
  const labels = languages.map((name) => name)
  const limit = of({
    rows: languages.length,
    columns: {
      language: { type: 'label', indices: Int32Array.from(languages, (name, i) => (name === '' ? -1 : i)), labels },
      script: { type: 'label', indices: new Int32Array(languages.length).fill(-1), labels: [] },
    },
  })
  return typeof limit === 'number' ? languages.map(() => limit) : [...limit]
}

function edgesOf(values: Float64Array, limits: readonly number[]): readonly number[] {
  // Every so many rows is enough for quantiles, and the limits themselves must be in sight.
  const step = Math.max(1, Math.floor(values.length / 50_000))
  const sample: number[] = []
  for (let i = 0; i < values.length; i += step) if (!Number.isNaN(values[i]!)) sample.push(values[i]!)
  const sorted = Float64Array.from(sample).sort()
  const shown = limits.filter((limit) => !Number.isNaN(limit))
  const low = Math.min(sorted[Math.floor(sorted.length * 0.005)] ?? 0, ...shown)
  const high = Math.max(sorted[Math.floor(sorted.length * 0.995)] ?? 1, ...shown)
  const span = high > low ? high - low : 1
  return Array.from({ length: bins + 1 }, (_, i) => low + (span * i) / bins)
}
