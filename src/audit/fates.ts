import { setImmediate } from 'node:timers/promises'
import type { Batch, LabelColumn } from '../core/batch.ts'
import { readLedger } from '../dataset/ledger-reader.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import type { Store } from '../storage/store.ts'
import { labelNumbers } from './label-numbers.ts'
import { boundsOf, type Kinds, kindsOf, labelsBatch, spread } from './kinds.ts'
import type { RulesInForce } from './rules-in-force.ts'

/** A rule that a ledger's rows can be judged by again: one that compares, or one of a stage that decides from labels. */
export interface ReplayableRule {
  readonly name: string
  /** Index into `RulesInForce.limited`; null for a rule without a limit, such as a language that nobody asked for. */
  readonly limited: number | null
}

/**
 * All that is needed to say at once what another limit would do to any row of a snapshot: which rules each row breaks
 * under the rules in force, one bit a rule, and what counts are broken down by. About 4 bytes for each 32 rules and 16
 * more a row: 120 MB for 5 million documents under 40 rules.
 */
export interface Fates {
  readonly rows: number
  readonly rules: readonly ReplayableRule[]
  /** Words of 32 rules a row. */
  readonly width: number
  /** Bit `rule % 32` of word `row * width + floor(rule / 32)`: the row breaks the rule. */
  readonly broken: Uint32Array
  /** Dropped for what no measure says (unreadable, no text, rights …): such a row enters by no limit. */
  readonly elsewhere: Uint8Array
  readonly languages: readonly string[]
  /** Index into `languages`. */
  readonly language: Uint16Array
  readonly scripts: readonly string[]
  readonly script: Uint16Array
  /** UTF-8 bytes of the text at the end of its way; 0 where there is none. */
  readonly bytes: Float32Array
  /** 1 kept, 2 dropped as a duplicate, 0 dropped before. */
  readonly outcome: Uint8Array
  /** Rows whose own verdict differs from what the rules in force say of them: judged by earlier rules. */
  readonly earlier: number
  /** Tokens and bytes of kept documents, and how they scatter, by language. */
  readonly density: readonly TokenDensity[]
}

/** Sums over the kept documents of a language, for estimating tokens from bytes. */
export interface TokenDensity {
  documents: number
  bytes: number
  tokens: number
  bytes2: number
  tokens2: number
  product: number
}

/** Reads the whole ledger once, a row group in memory at a time. `onRows` is told how many rows are behind. */
export async function readFates(
  store: Store,
  snapshot: Snapshot,
  rules: RulesInForce,
  onRows: (rows: number) => void = () => undefined,
): Promise<Fates> {
  const rows = snapshot.totals.read
  const listed = replayableRules(rules)
  const numbers = new Map(listed.map(({ name }, i) => [name, i]))
  const width = Math.max(1, Math.ceil(listed.length / 32))
  const fates = {
    rows,
    rules: listed,
    width,
    broken: new Uint32Array(rows * width),
    elsewhere: new Uint8Array(rows),
    language: new Uint16Array(rows),
    script: new Uint16Array(rows),
    bytes: new Float32Array(rows),
    outcome: new Uint8Array(rows),
  }
  const languages = labelNumbers()
  const scripts = labelNumbers()
  const density: TokenDensity[] = []
  const measures = judgedMeasures(rules)
  const columns = ['language', 'script', 'outcome', 'stage', 'rule', 'n_bytes', 'n_tokens', ...measures]
  const sequenceStages = new Set(rules.json.stages.filter(({ phase }) => phase === 'sequence').map(({ use }) => use))
  let start = 0
  let earlier = 0
  for await (const group of readLedger(store, snapshot, columns)) {
    const label = (name: string) => group.columns[name] as LabelColumn
    const values = (name: string) => (group.columns[name] as { readonly values: Float64Array }).values
    const language = fates.language.subarray(start, start + group.rows)
    const script = fates.script.subarray(start, start + group.rows)
    languages.put(label('language'), language)
    scripts.put(label('script'), script)
    const kinds = kindsOf(language, languages.names, script, scripts.names)
    const labels = labelsBatch(language, languages.names, script, scripts.names)
    const broken = fates.broken.subarray(start * width, (start + group.rows) * width)
    breakRules(rules, kinds, labels, Object.fromEntries(measures.map((name) => [name, values(name)])), numbers, width, broken)

    const outcome = label('outcome')
    const stage = label('stage')
    const rule = label('rule')
    const bytes = values('n_bytes')
    const tokens = values('n_tokens')
    for (let row = 0; row < group.rows; row++) {
      const at = start + row
      const drops = stage.labels[stage.indices[row]!]
      const kept = outcome.labels[outcome.indices[row]!] === 'kept'
      const duplicate = drops !== undefined && sequenceStages.has(drops)
      fates.outcome[at] = kept ? 1 : duplicate ? 2 : 0
      fates.bytes[at] = bytes[row]! > 0 ? bytes[row]! : 0
      const number = kept || duplicate ? undefined : numbers.get(`${drops}/${rule.labels[rule.indices[row]!]}`)
      if (!kept && !duplicate && number === undefined) fates.elsewhere[at] = 1
      else if (firstBroken(broken, row, width) !== (number ?? -1)) earlier++
      if (kept) addTo(density, fates.language[at]!, bytes[row]!, tokens[row]!)
    }
    start += group.rows
    onRows(start)
    // Columns that were read are given back when the event loop turns: without it the whole ledger would stay in memory.
    await setImmediate()
  }
  return { ...fates, languages: languages.names, scripts: scripts.names, earlier, density }
}

/** The first rule, in order, of those that a row breaks; -1 for none. */
export function firstBroken(broken: Uint32Array, row: number, width: number, except = -1): number {
  for (let word = 0; word < width; word++) {
    let bits = broken[row * width + word]!
    if (except >> 5 === word) bits &= ~(1 << (except & 31))
    if (bits !== 0) return word * 32 + 31 - Math.clz32(bits & -bits)
  }
  return -1
}

/** All rules of the stages that a ledger can be judged by again, in the order in which the mill asks them. */
export function replayableRules({ stages, limited }: RulesInForce): readonly ReplayableRule[] {
  return stages.flatMap(({ component: { name, rules } }) =>
    Object.keys(rules).map((rule) => {
      const at = limited.findIndex((known) => known.name === `${name}/${rule}`)
      return { name: `${name}/${rule}`, limited: at === -1 ? null : at }
    }),
  )
}

/** Sets a bit for every rule that a row breaks, those behind the first too. */
function breakRules(
  rules: RulesInForce,
  kinds: Kinds,
  labels: Batch,
  measures: Readonly<Record<string, Float64Array>>,
  numbers: ReadonlyMap<string, number>,
  width: number,
  broken: Uint32Array,
): void {
  const { ofRow } = kinds
  for (const { component, config, limitsOf } of rules.stages) {
    const limits = limitsOf(kinds.batch)
    const names = Object.keys(component.rules)
    for (const [rule, compare] of Object.entries(component.limits?.rules ?? {})) {
      const number = numbers.get(`${component.name}/${rule}`)!
      const [word, bit] = [number >> 5, 1 << (number & 31)]
      const below = 'below' in compare
      const bounds = boundsOf(kinds.batch, limits, below ? compare.below : compare.above)
      const values = measures[compare.measure]!
      for (let row = 0; row < values.length; row++) {
        const bound = bounds[ofRow[row]!]!
        if (below ? values[row]! < bound : values[row]! > bound) broken[row * width + word]! |= bit
      }
    }
    // Rules without a limit are known where they are the stage's first; behind another of the same stage they change no count.
    const decided = component.limits?.decide?.(config, labels, measures, spread(kinds, limits))
    decided?.rule.forEach((rule, row) => {
      if (rule === -1) return
      const number = numbers.get(`${component.name}/${names[rule]}`)!
      broken[row * width + (number >> 5)]! |= 1 << (number & 31)
    })
  }
}

/** Measures that some rule compares, and all of a stage that decides by more than comparing. */
function judgedMeasures(rules: RulesInForce): readonly string[] {
  return [
    ...new Set(
      rules.stages.flatMap(({ component: { limits, measures } }) =>
        limits?.decide === undefined ? Object.values(limits?.rules ?? {}).map(({ measure }) => measure) : Object.keys(measures),
      ),
    ),
  ]
}

function addTo(density: TokenDensity[], language: number, bytes: number, tokens: number): void {
  const sums = (density[language] ??= { documents: 0, bytes: 0, tokens: 0, bytes2: 0, tokens2: 0, product: 0 })
  sums.documents++
  sums.bytes += bytes
  sums.tokens += tokens
  sums.bytes2 += bytes * bytes
  sums.tokens2 += tokens * tokens
  sums.product += bytes * tokens
}
