import { canonicalJson } from '../core/canonical-json.ts'
import { type Fates, firstBroken } from './fates.ts'
import type { JudgingStage, RulesInForce } from './rules-in-force.ts'

/** Documents of a language that two sets of rules judge differently, before deduplication. */
export interface VerdictMove {
  /** `passes`, or the `stage/rule` that drops. */
  readonly from: string
  readonly to: string
  readonly language: string
  readonly documents: number
  /** UTF-8 bytes of their text, as it is known: of a document that was never kept, as it came to its end. */
  readonly bytes: number
}

/** `passes`, or the first rule that the row breaks. */
export function verdictOf(fates: Fates, row: number): string {
  const rule = firstBroken(fates.broken, row, fates.width)
  return rule === -1 ? 'passes' : fates.rules[rule]!.name
}

/** Compares what two sets of rules say of the same ledger; both are read from it, row for row. Most documents first. */
export function compareVerdicts(before: Fates, after: Fates): readonly VerdictMove[] {
  // A row is no place for a string: verdicts are counted by number, and named afterwards.
  const moves = new Map<number, { from: string; to: string; language: string; documents: number; bytes: number }>()
  const [width, languages] = [after.rules.length + 1, before.languages.length]
  for (let row = 0; row < before.rows; row++) {
    if (before.elsewhere[row] === 1) continue
    const [was, is] = [firstBroken(before.broken, row, before.width), firstBroken(after.broken, row, after.width)]
    const [from, to] = [before.rules[was]?.name, after.rules[is]?.name]
    if (from === to) continue
    const key = ((was + 1) * width + is + 1) * languages + before.language[row]!
    let sum = moves.get(key)
    if (sum === undefined) {
      sum = { from: from ?? 'passes', to: to ?? 'passes', language: before.languages[before.language[row]!]!, documents: 0, bytes: 0 }
      moves.set(key, sum)
    }
    sum.documents++
    sum.bytes += before.bytes[row]!
  }
  return [...moves.values()].toSorted((a, b) => b.documents - a.documents || (canonicalJson(a) < canonicalJson(b) ? -1 : 1))
}

/**
 * Where a ledger made by `before` cannot say what `after` would do, because measures would be others: stages that are new,
 * options that are no limits, word lists of languages, another version of a stage; and all stages behind one that would
 * leave another text. Sentences, empty when every verdict is exact.
 */
export function needsText(before: RulesInForce, after: RulesInForce): readonly string[] {
  const said: string[] = []
  const prepare = (rules: RulesInForce) => rules.json.stages.filter(({ phase }) => phase === 'prepare')
  for (const stage of prepare(after)) {
    const was = prepare(before).find(({ use }) => use === stage.use)
    if (was === undefined) {
      said.push(`${stage.use}: the ledger was made without it`)
      continue
    }
    if (was.version !== stage.version) said.push(`${stage.use}: version ${stage.version} measures otherwise than version ${was.version}`)
    if (canonicalJson(was.assets) !== canonicalJson(stage.assets)) said.push(`${stage.use}: it reads other files`)
    const opened = after.stages.find(({ component }) => component.name === stage.use)
    const limits = limitOptions(after, opened)
    for (const option of differing(was.config, stage.config)) if (!limits.has(option)) said.push(`${stage.use}: ${option} is no limit`)
  }
  const gone = prepare(before).filter(({ use }) => !prepare(after).some((stage) => stage.use === use))
  for (const { use } of gone) if (before.writers.includes(use)) said.push(`${use}: without it the stages behind it see another text`)
  const order = (rules: RulesInForce, other: RulesInForce) =>
    prepare(rules)
      .map(({ use }) => use)
      .filter((use) => prepare(other).some((stage) => stage.use === use))
  const moved = order(before, after).findIndex((use, i) => use !== order(after, before)[i])
  if (moved !== -1 && before.writers.length > 0) said.push('the order of the stages differs')
  for (const code of differing(before.json.languages, after.json.languages))
    for (const sentence of languageDifferences(after, code, before.json.languages[code], after.json.languages[code])) said.push(sentence)
  return said
}

/** Options by which a stage's verdict changes and none of its measures. */
function limitOptions(rules: RulesInForce, stage: JudgingStage | undefined): ReadonlySet<string> {
  if (stage === undefined) return new Set()
  const own = rules.limited.filter((rule) => rule.stage === stage.component.name)
  return new Set([...own.flatMap((rule) => rule.place('').option?.[0] ?? []), ...(stage.component.limits?.decidesBy ?? [])])
}

function languageDifferences(rules: RulesInForce, code: string, before: unknown, after: unknown): string[] {
  const limits = new Set(rules.limited.flatMap((rule) => rule.place(code).languageFile?.slice(1).join('.') ?? []))
  const filters = (file: unknown) => (file as { readonly filters?: Readonly<Record<string, unknown>> } | undefined)?.filters ?? {}
  return differing(filters(before), filters(after)).flatMap((stage) =>
    differing(filters(before)[stage], filters(after)[stage])
      .filter((key) => !limits.has(`${stage}.${key}`))
      .map((key) => `${stage}: ${key} of language ${code} is no limit`),
  )
}

/** Keys at which two objects differ. */
function differing(before: unknown, after: unknown): string[] {
  const [a, b] = [before ?? {}, after ?? {}] as [Record<string, unknown>, Record<string, unknown>]
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .toSorted()
    .filter((key) => canonicalJson(a[key] ?? null) !== canonicalJson(b[key] ?? null))
}
