import { randomBeta, randomBinomial, randomLcg, randomNormal } from 'd3-random'

/** Documents of one language that met one fate, and what people said of those drawn from them. */
export interface Stratum {
  /** `kept`, or the `stage/rule` that dropped them. */
  readonly fate: string
  /** Documents in it. */
  readonly documents: number
  /** Labelled ones, without those that nobody was sure of. */
  readonly labelled: number
  /** Of these, how many are bad: no corpus should have them. Half a document is one that two people disagree about. */
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
  readonly documents: number
  readonly labelled: number
  /** Share of bad documents among those that the rule drops; null without a label. */
  readonly precision: Interval | null
  /** Share that the rule drops of all bad documents; null unless every stratum has labels. */
  readonly recall: Interval | null
}

const draws = 2000

/**
 * Precision and recall of the rules of one language from labels of a stratified sample. Strata are drawn from with very
 * different shares, so each counts by its size. Intervals are those of the posterior under Jeffreys' prior for each
 * stratum (Brown, Cai & DasGupta 2001 for one; sums and ratios of several by drawing): the documents that were looked at
 * are taken as known, those that were not are drawn by the share of bad ones that the posterior gives. So a stratum that
 * was labelled whole has no error. The same labels give the same figures.
 */
export function estimateRules(strata: readonly Stratum[]): readonly RuleEstimate[] {
  const source = randomLcg(0.42)
  const bad = strata.map((stratum) => drawBad(stratum, source))
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
            documents,
            labelled,
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

/** The share of bad documents in one stratum with at least one label. */
export function estimateShare(stratum: Stratum): Interval {
  const { documents, labelled, bad } = stratum
  return interval(
    bad / labelled,
    drawBad(stratum, randomLcg(0.42)).map((count) => count / documents),
  )
}

/** What the number of bad documents in a stratum may be: two thousand draws of it. */
function drawBad({ documents, labelled, bad }: Stratum, source: () => number): Float64Array {
  const share = randomBeta.source(source)(bad + 0.5, labelled - bad + 0.5)
  const binomial = randomBinomial.source(source)
  const normal = randomNormal.source(source)()
  const rest = documents - labelled
  if (rest === 0) return new Float64Array(draws).fill(bad)
  return Float64Array.from({ length: draws }, () => {
    const p = share()
    const variance = rest * p * (1 - p)
    // Of many documents the binomial is the normal distribution, four times as fast. Of few, whole counts at both ends would
    // hold more than 95 of 100 truths: a count stands for the unit around it.
    const found = variance > 50 ? rest * p + Math.sqrt(variance) * normal() : binomial(rest, p)() + source() - 0.5
    return bad + Math.min(rest, Math.max(0, found))
  })
}

function interval(estimate: number, draws: Float64Array): Interval {
  const sorted = draws.toSorted()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))]!
  return { estimate, low: at(0.025), high: at(0.975) }
}
