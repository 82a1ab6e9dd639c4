import { randomBeta, randomLcg } from 'd3-random'

/** Documents of one language that met one fate, and what people said of those drawn from them. */
export interface Stratum {
  /** `kept`, or the `stage/rule` that dropped them. */
  readonly fate: string
  /** Documents in it. */
  readonly documents: number
  /** Labelled ones, without those that nobody was sure of. */
  readonly labelled: number
  /** Of these, how many are bad: no corpus should have them. */
  readonly bad: number
}

export interface Interval {
  readonly estimate: number
  /** 95 of 100 such intervals hold the truth. */
  readonly low: number
  readonly high: number
}

export interface RuleEstimate {
  readonly fate: string
  /** Share of bad documents among those that the rule drops; null without a label. */
  readonly precision: Interval | null
  /** Share that the rule drops of all bad documents; null unless every stratum has labels. */
  readonly recall: Interval | null
}

const draws = 2000

/**
 * Precision and recall of the rules of one language from labels of a stratified sample. Strata are drawn from with very
 * different shares, so each counts by its size. Intervals are those of the posterior under Jeffreys' prior for each
 * stratum (Brown, Cai & DasGupta 2001 for one; sums and ratios of several by drawing), with the documents that were
 * looked at taken as known: a stratum that was labelled whole has no error. The same labels give the same figures.
 */
export function estimateRules(strata: readonly Stratum[]): readonly RuleEstimate[] {
  const source = randomLcg(0.42)
  const beta = randomBeta.source(source)
  const bad = strata.map(({ documents, labelled, bad: found }) => {
    const draw = beta(found + 0.5, labelled - found + 0.5)
    return Float64Array.from({ length: draws }, () => found + (documents - labelled) * draw())
  })
  const all = Float64Array.from({ length: draws }, (_, i) => bad.reduce((sum, of) => sum + of[i]!, 0))
  const point = strata.map(({ documents, labelled, bad: found }) => (labelled === 0 ? NaN : (documents * found) / labelled))
  const sum = point.reduce((a, b) => a + b, 0)
  const known = strata.every(({ documents, labelled }) => documents === 0 || labelled > 0)
  return strata.flatMap(({ fate, documents, labelled }, i) =>
    fate === 'kept'
      ? []
      : [
          {
            fate,
            precision:
              labelled === 0
                ? null
                : interval(
                    point[i]! / documents,
                    bad[i]!.map((count) => count / documents),
                  ),
            recall:
              !known || !(sum > 0)
                ? null
                : interval(
                    point[i]! / sum,
                    bad[i]!.map((count, draw) => count / all[draw]!),
                  ),
          },
        ],
  )
}

function interval(estimate: number, draws: Float64Array): Interval {
  const sorted = draws.toSorted()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))]!
  return { estimate, low: at(0.025), high: at(0.975) }
}
