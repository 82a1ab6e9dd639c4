import { randomBinomial, randomLcg } from 'd3-random'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { krippendorffAlpha, type Rating } from '../../src/audit/agreement.ts'
import { estimateRules, type Stratum } from '../../src/audit/estimates.ts'
import { runPython } from '../python.ts'

/** Strata of a language as ledgers have them: most documents are kept, rules drop few and are right more or less often. */
const truths = [
  { fate: 'kept', documents: 60_000, share: 0.06, drawn: 120 },
  { fate: 'gopher-quality/too-few-words', documents: 9000, share: 0.9, drawn: 50 },
  { fate: 'gopher-repetition/top-2-gram', documents: 2500, share: 0.7, drawn: 40 },
  { fate: 'language/low-score', documents: 400, share: 0.35, drawn: 30 },
]

test('95 % intervals hold the truth in 93 to 97 % of 1,000 draws', { timeout: 120_000 }, () => {
  const source = randomLcg(0.7)
  const held = { precision: 0, recall: 0 }
  let asked = 0
  for (let draw = 0; draw < 1000; draw++) {
    // The truth of a simulated ledger: so many documents of each stratum are bad.
    const ledger = truths.map((truth) => ({ ...truth, bad: randomBinomial.source(source)(truth.documents, truth.share)() }))
    const strata: Stratum[] = ledger.map(({ fate, documents, drawn, bad }) => ({
      fate,
      documents,
      labelled: drawn,
      bad: withoutReplacement(bad, documents, drawn, source),
    }))
    const all = ledger.reduce((sum, { bad }) => sum + bad, 0)
    for (const { fate, precision, recall } of estimateRules(strata)) {
      const { bad, documents } = ledger.find((of) => of.fate === fate)!
      asked++
      if (precision !== null && precision.low <= bad / documents && bad / documents <= precision.high) held.precision++
      if (recall !== null && recall.low <= bad / all && bad / all <= recall.high) held.recall++
    }
  }
  for (const [name, count] of Object.entries(held)) {
    expect(count / asked, name).toBeGreaterThan(0.93)
    expect(count / asked, name).toBeLessThan(0.97)
  }
})

function withoutReplacement(bad: number, documents: number, drawn: number, source: () => number): number {
  let found = 0
  for (let i = 0; i < drawn; i++) if (source() * (documents - i) < bad - found) found++
  return found
}

test('a stratum that was labelled whole is known, one without a label is not', () => {
  const [whole] = estimateRules([
    { fate: 'kept', documents: 0, labelled: 0, bad: 0 },
    { fate: 'c4/bad-words', documents: 8, labelled: 8, bad: 6 },
  ])
  expect(whole?.precision).toEqual({ estimate: 0.75, low: 0.75, high: 0.75 })
  const [unknown] = estimateRules([
    { fate: 'c4/bad-words', documents: 8, labelled: 0, bad: 0 },
    { fate: 'kept', documents: 9, labelled: 3, bad: 1 },
  ])
  expect(unknown).toEqual({ fate: 'c4/bad-words', precision: null, recall: null })
})

describe("Krippendorff's alpha", () => {
  test('agrees with the package krippendorff', () => {
    const cases = fc.sample(
      fc.array(fc.array(fc.option(fc.constantFrom('a', 'b', 'c'), { nil: null }), { minLength: 3, maxLength: 3 }), { minLength: 4, maxLength: 30 }),
      {
        numRuns: 60,
        seed: 7,
      },
    )
    const ours = cases.map((documents) =>
      krippendorffAlpha(
        documents.flatMap((labels, d) =>
          labels.flatMap((label, a): Rating[] => (label === null ? [] : [{ document: `${d}`, annotator: `${a}`, label }])),
        ),
      ),
    )
    const theirs = JSON.parse(
      runPython(
        `
import json, sys, numpy as np, krippendorff
out = []
for case in json.loads(sys.argv[1]):
    values = [[np.nan if l is None else "abc".index(l) for l in row] for row in case]
    try: out.append(krippendorff.alpha(reliability_data=np.array(values, dtype=float).T, value_domain=[0, 1, 2], level_of_measurement="nominal"))
    except (ValueError, ZeroDivisionError): out.append(None)
print(json.dumps([None if o is None or np.isnan(o) else o for o in out]))`,
        [JSON.stringify(cases)],
      ),
    ) as (number | null)[]
    let compared = 0
    for (const [i, alpha] of theirs.entries()) {
      if (alpha === null) continue
      compared++
      expect(ours[i]).toBeCloseTo(alpha, 10)
    }
    expect(compared).toBeGreaterThan(40)
  })

  test('a later label of the same person counts, and one person alone says nothing', () => {
    const of = (label: string, annotator: string): Rating => ({ document: 'd', annotator, label })
    expect(krippendorffAlpha([of('good', 'a'), of('bad', 'a')])).toBeNaN()
    expect(
      krippendorffAlpha([
        of('bad', 'a'),
        of('good', 'a'),
        of('good', 'b'),
        { document: 'e', annotator: 'a', label: 'bad' },
        { document: 'e', annotator: 'b', label: 'bad' },
      ]),
    ).toBe(1)
  })
})
