import { setImmediate } from 'node:timers/promises'
import { readLedger } from '../dataset/ledger-reader.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import { QuernError } from '../core/errors.ts'
import type { Store } from '../storage/store.ts'
import { type Fates, firstBroken, type TokenDensity } from './fates.ts'
import type { RulesInForce } from './rules-in-force.ts'

/** Another limit for one rule: in one language, or (null) in all. NaN is none. */
export interface LimitChange {
  readonly rule: string
  readonly language: string | null
  readonly value: number
}

export interface TokenEstimate {
  readonly tokens: number
  /** Standard error of it, from how tokens a byte scatter among the kept documents of each language. */
  readonly error: number
}

export interface Movement {
  readonly enter: number
  readonly leave: number
}

/** What other limits would do to a snapshot's documents before deduplication; the counts are exact. */
export interface Replay {
  readonly enter: number
  readonly leave: number
  readonly entering: TokenEstimate
  readonly leaving: TokenEstimate
  readonly languages: Readonly<Record<string, Movement>>
  /** Documents that the changed rules would let in and another rule still drops, by the first such rule. */
  readonly stillDropped: Readonly<Record<string, number>>
  /** The same of documents dropped for what no number says. */
  readonly stillDroppedElsewhere: number
}

/** The values of one measure for all rows of a snapshot. */
export async function readMeasure(store: Store, snapshot: Snapshot, measure: string): Promise<Float64Array> {
  const values = new Float64Array(snapshot.totals.read)
  let start = 0
  for await (const { rows, columns } of readLedger(store, snapshot, [measure])) {
    values.set((columns[measure] as { readonly values: Float64Array }).values, start)
    start += rows
    // As in readFates: what was read is given back when the event loop turns.
    await setImmediate()
  }
  return values
}

/** A changed rule with what its new limit is compared with. */
export interface ChangedRule {
  /** Index into `Fates.rules`. */
  readonly rule: number
  readonly values: Float64Array
  readonly below: boolean
  /** By language number: the new limit, or undefined where it stays. */
  readonly limits: readonly (number | undefined)[]
}

/** Changes by rule, with the measures that they need. `bad-usage` for a rule that the snapshot does not have, or that has no limit. */
export async function changedRules(
  fates: Fates,
  rules: RulesInForce,
  changes: readonly LimitChange[],
  measure: (name: string) => Promise<Float64Array>,
): Promise<readonly ChangedRule[]> {
  const byRule = Map.groupBy(changes, ({ rule }) => rule)
  return Promise.all(
    [...byRule].map(async ([name, of]) => {
      const rule = fates.rules.findIndex((known) => known.name === name)
      const limited = rules.limited[fates.rules[rule]?.limited ?? -1]
      if (limited === undefined)
        throw new QuernError('bad-usage', `trying another limit: the snapshot has no rule "${name}" with a limit`, {
          remedy: `It has ${rules.limited.map((known) => known.name).join(', ')}.`,
        })
      const limits = fates.languages.map(
        (language) => (of.findLast((change) => change.language === language) ?? of.findLast((change) => change.language === null))?.value,
      )
      return { rule, values: await measure(limited.measure), below: limited.side === 'below', limits }
    }),
  )
}

/** One pass over the rows, without their text. `moved` is told of every row that enters (1) or leaves (-1). */
export function replay(fates: Fates, changes: readonly ChangedRule[], moved: (row: number, way: 1 | -1) => void = () => undefined): Replay {
  const { rows, width, broken, elsewhere, language } = fates
  const movements = fates.languages.map(() => ({ enter: 0, leave: 0 }))
  const inBytes = new Float64Array(fates.languages.length)
  const outBytes = new Float64Array(fates.languages.length)
  const in2 = new Float64Array(fates.languages.length)
  const out2 = new Float64Array(fates.languages.length)
  const still = new Uint32Array(fates.rules.length)
  let stillElsewhere = 0
  const words = new Uint32Array(width)
  for (let row = 0; row < rows; row++) {
    const of = language[row]!
    let touched = false
    for (const { rule, values, below, limits } of changes) {
      const limit = limits[of]
      if (limit === undefined) continue
      const breaks = below ? values[row]! < limit : values[row]! > limit
      const word = row * width + (rule >> 5)
      if (breaks === (((broken[word]! >>> (rule & 31)) & 1) === 1)) continue
      if (!touched) {
        touched = true
        for (let i = 0; i < width; i++) words[i] = broken[row * width + i]!
      }
      words[rule >> 5]! ^= 1 << (rule & 31)
    }
    if (!touched) continue
    const was = firstBroken(broken, row, width)
    const is = firstBroken(words, 0, width)
    if (elsewhere[row] === 1) {
      if (was !== -1 && is === -1) stillElsewhere++
      continue
    }
    if (was !== -1 && is === -1) {
      movements[of]!.enter++
      inBytes[of]! += fates.bytes[row]!
      in2[of]! += fates.bytes[row]! ** 2
      moved(row, 1)
    } else if (was === -1 && is !== -1) {
      movements[of]!.leave++
      outBytes[of]! += fates.bytes[row]!
      out2[of]! += fates.bytes[row]! ** 2
      moved(row, -1)
    } else if (is !== -1 && changes.some(({ rule }) => ((broken[row * width + (rule >> 5)]! & ~words[rule >> 5]!) >>> (rule & 31)) & 1)) still[is]!++
  }
  const sum = (way: 'enter' | 'leave') => movements.reduce((total, movement) => total + movement[way], 0)
  return {
    enter: sum('enter'),
    leave: sum('leave'),
    entering: estimate(fates.density, inBytes, in2),
    leaving: estimate(fates.density, outBytes, out2),
    languages: Object.fromEntries(
      fates.languages.flatMap((name, i) => {
        const { enter, leave } = movements[i]!
        return enter + leave === 0 ? [] : [[name, { enter, leave }] as const]
      }),
    ),
    stillDropped: Object.fromEntries(fates.rules.flatMap(({ name }, i) => (still[i] === 0 ? [] : [[name, still[i]!] as const]))),
    stillDroppedElsewhere: stillElsewhere,
  }
}

/**
 * Tokens of documents of which only the bytes are known: bytes times the ratio of a language's kept documents. The error
 * has two parts: documents scatter around the ratio, and the ratio is itself an estimate (ratio estimator, Cochran 1977, 6.3).
 * A language without kept documents is estimated by all.
 */
function estimate(density: readonly (TokenDensity | undefined)[], bytes: Float64Array, bytes2: Float64Array): TokenEstimate {
  const all = density.reduce<TokenDensity>(
    (sum, of) =>
      of === undefined
        ? sum
        : {
            documents: sum.documents + of.documents,
            bytes: sum.bytes + of.bytes,
            tokens: sum.tokens + of.tokens,
            bytes2: sum.bytes2 + of.bytes2,
            tokens2: sum.tokens2 + of.tokens2,
            product: sum.product + of.product,
          },
    { documents: 0, bytes: 0, tokens: 0, bytes2: 0, tokens2: 0, product: 0 },
  )
  let tokens = 0
  let variance = 0
  bytes.forEach((total, language) => {
    if (total === 0) return
    const of = (density[language]?.documents ?? 0) > 1 ? density[language]! : all
    if (of.bytes === 0) return
    const ratio = of.tokens / of.bytes
    tokens += total * ratio
    // Residuals about the ratio grow with a document's size: their variance is taken as a share of bytes squared.
    const residual = Math.max(0, of.tokens2 - 2 * ratio * of.product + ratio * ratio * of.bytes2) / of.bytes2
    variance += residual * bytes2[language]! + (total / of.bytes) ** 2 * residual * of.bytes2
  })
  return { tokens, error: Math.sqrt(variance) }
}
