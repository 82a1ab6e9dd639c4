import type { AlarmSettings, Registry } from '../core/pipeline.ts'
import type { Fates, Losses } from '../dataset/losses.ts'

/** A source that lost more than it should: what stops a publication. */
export interface Alarm {
  readonly source: string
  readonly says: 'share' | 'factor'
  /** Documents that could have been kept: those read without the unwanted and without copies of kept texts. */
  readonly wanted: number
  readonly lost: number
  /** Share of the wanted that was lost, tonight and in the nights before; null without such. */
  readonly rate: number
  readonly usual: number | null
  readonly rules: readonly Shift[]
}

/** The rate of one rule in one group of documents, tonight beside the nights before. */
export interface Shift {
  readonly group: string
  readonly rule: string
  readonly dropped: number
  readonly rate: number
  readonly usual: number | null
}

interface Lost {
  readonly wanted: number
  readonly lost: number
  readonly rules: ReadonlyMap<string, number>
}

/** Fewer lost documents than this say nothing about a rate that is five times the usual one. */
const fewest = 20

/** A small rate may be five times a tiny one; under this difference nobody is woken. */
const leastRise = 0.05

/**
 * Sources that lost more of their documents tonight than `share`, or than `factor` times their rate of the nights before.
 * A source that always loses much is no news: where the usual rate is over `share` itself, only the factor counts.
 */
export function alarmsOf(tonight: Losses, before: readonly Losses[], settings: AlarmSettings, registry: Registry): readonly Alarm[] {
  return Object.entries(tonight.bySource).flatMap(([source, fates]): Alarm[] => {
    if (settings.except.includes(source)) return []
    const now = lost(fates, registry)
    if (now.wanted < settings.least) return []
    const past = together(before.map(({ bySource }) => bySource[source]).map((old) => old && lost(old, registry)))
    const rate = now.lost / now.wanted
    const usual = past === undefined ? null : past.lost / past.wanted
    const says =
      rate > settings.share && (usual === null || usual <= settings.share)
        ? 'share'
        : usual !== null && now.lost >= fewest && rate - usual >= leastRise && rate > settings.factor * usual
          ? 'factor'
          : undefined
    if (says === undefined) return []
    const rules = [...now.rules].sort((a, b) => b[1] - a[1]).map(([rule, dropped]) => shift(source, rule, dropped, now, past))
    return [{ source, says, wanted: now.wanted, lost: now.lost, rate, usual, rules }]
  })
}

/** The rules whose rate in a language differs most from that of the nights before, the largest difference first. */
export function languageShifts(tonight: Losses, before: readonly Losses[], settings: AlarmSettings, registry: Registry): readonly Shift[] {
  const shifts = Object.entries(tonight.byLanguage).flatMap(([language, fates]) => {
    const now = lost(fates, registry)
    if (now.wanted < settings.least) return []
    const past = together(before.map(({ byLanguage }) => byLanguage[language]).map((old) => old && lost(old, registry)))
    return [...now.rules].map(([rule, dropped]) => shift(language, rule, dropped, now, past))
  })
  const size = ({ rate, usual }: Shift): number => Math.abs(rate - (usual ?? 0))
  return shifts.filter((one) => size(one) >= leastRise).sort((a, b) => size(b) - size(a) || (a.group + a.rule < b.group + b.rule ? -1 : 1))
}

/** Drops of what the dataset has already, the same text or another version of the page, and of what it must not have. */
const same: ReadonlySet<string> = new Set(['exact-duplicates', 'url-duplicates', 'suppressed'])

function shift(group: string, rule: string, dropped: number, now: Lost, past: Lost | undefined): Shift {
  return { group, rule, dropped, rate: dropped / now.wanted, usual: past === undefined ? null : (past.rules.get(rule) ?? 0) / past.wanted }
}

function together(nights: readonly (Lost | undefined)[]): Lost | undefined {
  const rules = new Map<string, number>()
  let [wanted, all] = [0, 0]
  for (const night of nights) {
    if (night === undefined) continue
    wanted += night.wanted
    all += night.lost
    for (const [rule, n] of night.rules) rules.set(rule, (rules.get(rule) ?? 0) + n)
  }
  return wanted === 0 ? undefined : { wanted, lost: all, rules }
}

/**
 * Not every drop is a loss. Documents of another language, without the rights, or of another kind than the source gives were
 * never wanted; a copy of a kept text is in the dataset. What filters, near-duplicates and unreadable bytes take, is lost.
 */
function lost({ read, copies, dropped }: Fates, registry: Registry): Lost {
  const rules = new Map<string, number>()
  let [unwanted, all] = [copies, 0]
  for (const [rule, n] of Object.entries(dropped)) {
    const stage = rule.slice(0, rule.indexOf('/'))
    const group = registry.stages[stage]?.group
    if (group === 'language' || group === 'rights' || registry.sources[stage] !== undefined || same.has(stage)) {
      unwanted += n
      continue
    }
    const left = stage === 'near-duplicates' ? n - copies : n
    if (left === 0) continue
    rules.set(rule, left)
    all += left
  }
  return { wanted: read - unwanted, lost: all, rules }
}
