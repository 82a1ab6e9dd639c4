import { randomBinomial, randomLcg } from 'd3-random'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { krippendorffAlpha, type Rating } from '../../src/audit/agreement.ts'
import { estimateRules, type Interval } from '../../src/audit/estimates.ts'
import { allot, shareOut } from '../../src/audit/draw-batch.ts'
import type { LabelBatch } from '../../src/audit/label-batch.ts'
import { reportLabels } from '../../src/audit/label-report.ts'
import type { Label } from '../../src/audit/labels.ts'
import { runPython } from '../python.ts'

/**
 * Strata as ledgers have them: most documents are kept, rules drop few; some are nearly always right, some nearly never,
 * some are rare. Each simulated ledger has its own share of bad documents in each, somewhere in the range.
 */
const kinds = [
  { fate: 'kept', documents: 60_000, from: 0.02, to: 0.15 },
  { fate: 'gopher-quality/too-few-words', documents: 9000, from: 0.85, to: 1 },
  { fate: 'gopher-repetition/top-2-gram', documents: 2500, from: 0, to: 0.15 },
  { fate: 'language/low-score', documents: 4000, from: 0.3, to: 0.7 },
  { fate: 'c4/lorem-ipsum', documents: 40, from: 0, to: 1 },
] as const

test('95 % intervals of the report hold the truth in 93 to 97 % of 1,000 draws, for every rule', { timeout: 300_000 }, () => {
  const source = randomLcg(0.7)
  const held = new Map<string, { holds: number; asked: number }>()
  const ask = (what: string, interval: Interval | null, truth: number) => {
    const of = held.get(what) ?? { holds: 0, asked: 0 }
    held.set(what, of)
    of.asked++
    if (interval !== null && interval.low <= truth && truth <= interval.high) of.holds++
  }
  for (let draw = 0; draw < 1000; draw++) {
    const ledger = kinds.map((kind) => {
      const share = kind.from + source() * (kind.to - kind.from)
      return { ...kind, language: 'lv', withText: kind.documents, bad: randomBinomial.source(source)(kind.documents, share)() }
    })
    const strata = allot(200, ledger)
    const drawn = strata.flatMap(({ fate, documents, drawn: count }) => {
      const bad = withoutReplacement(ledger.find((of) => of.fate === fate)!.bad, documents, count, source)
      return Array.from({ length: count }, (_, i) => ({ document: `${fate} ${i}`, language: 'lv', fate, second: false, bad: i < bad }))
    })
    expect(drawn).toHaveLength(200)
    const report = reportLabels(
      [
        {
          ...simulated,
          strata: strata.map(({ language, fate, documents, withText, drawn: count }) => ({ language, fate, documents, withText, drawn: count })),
          documents: drawn,
        },
      ],
      drawn.map(({ document, fate, bad }) => ({ ...label, document, fate, verdict: bad ? 'drop' : 'keep' })),
    ).languages[0]!
    const all = ledger.reduce((sum, { bad }) => sum + bad, 0)
    for (const { fate, precision, recall } of report.rules) {
      const { bad, documents } = ledger.find((of) => of.fate === fate)!
      ask(`precision of ${fate}`, precision, bad / documents)
      ask(`recall of ${fate}`, recall, bad / all)
    }
    ask('bad ones among the kept', report.kept?.bad ?? null, ledger[0]!.bad / ledger[0]!.documents)
  }
  expect(held.size).toBe(9)
  for (const [what, { holds, asked }] of held) {
    expect(asked).toBe(1000)
    expect(holds / asked, what).toBeGreaterThan(0.93)
    expect(holds / asked, what).toBeLessThan(0.97)
  }
})

const label: Label = {
  document: '',
  verdict: 'keep',
  problems: [],
  comment: '',
  annotator: 'Eva',
  batch: '1-0',
  snapshot: 1,
  language: 'lv',
  fate: 'kept',
  blind: true,
  at: '2026-01-01T00:00:00.000Z',
}

const simulated: LabelBatch = {
  format: 'quern-label-batch/1',
  name: '1-0',
  snapshot: 1,
  request: { languages: ['lv'], seed: 1, size: 200, second: 0, annotator: 'Eva', blind: true },
  at: '2026-01-01T00:00:00.000Z',
  strata: [],
  documents: [],
}

describe('the report', () => {
  const of = (document: string, fate: string): LabelBatch['documents'][number] => ({ document, language: 'lv', fate, second: true })
  const batch: LabelBatch = {
    ...simulated,
    strata: [
      { language: 'lv', fate: 'kept', documents: 1000, withText: 1000, drawn: 2 },
      { language: 'lv', fate: 'c4/javascript', documents: 10, withText: 10, drawn: 2 },
      { language: 'lv', fate: 'unreadable/no-text', documents: 50, withText: 0, drawn: 0 },
    ],
    documents: [of('a', 'kept'), of('b', 'kept'), of('c', 'c4/javascript'), of('d', 'c4/javascript')],
  }
  const says = (document: string, annotator: string, verdict: Label['verdict'], more: Partial<Label> = {}): Label => ({
    ...label,
    document,
    annotator,
    verdict,
    ...more,
  })

  test('weighs strata, halves what two people disagree about, and takes the last word of each', () => {
    const { languages, agreement } = reportLabels(
      [batch],
      [
        says('a', 'Eva', 'drop'),
        says('a', 'Eva', 'keep'),
        says('b', 'Eva', 'drop', { problems: ['porn'] }),
        says('c', 'Eva', 'drop'),
        says('c', 'Ivo', 'keep'),
        says('d', 'Eva', 'drop'),
        says('d', 'Ivo', 'unsure'),
      ],
    )
    const [rule] = languages[0]!.rules
    expect(languages[0]!.rules.map(({ fate }) => fate)).toEqual(['c4/javascript'])
    expect(rule?.precision?.estimate).toBe(0.75)
    expect(rule?.recall?.estimate).toBeCloseTo(7.5 / 507.5, 12)
    expect(languages[0]!.kept?.porn.estimate).toBe(0.5)
    expect(agreement.find(({ question, language }) => question === 'verdict' && language === null)).toMatchObject({ documents: 1, alike: 0 })
    expect(agreement.find(({ question, language }) => question === 'porn' && language === 'lv')).toMatchObject({ documents: 2, alike: 1, alpha: NaN })
  })

  test('leaves out labels of documents that people chose themselves, and of other snapshots', () => {
    const none = reportLabels([batch], [says('a', 'Eva', 'drop', { batch: '' }), says('b', 'Eva', 'drop', { batch: '2-1' })])
    expect(none).toMatchObject({ labels: 2, counted: 0, languages: [] })
  })
})

test('parts are as equal as there is room for', () => {
  expect(shareOut(10, [100, 1, 100])).toEqual([4, 1, 5])
  expect(shareOut(10, [1, 2])).toEqual([1, 2])
  fc.assert(
    fc.property(fc.nat(300), fc.array(fc.nat(100), { maxLength: 12 }), (whole, sizes) => {
      const parts = shareOut(whole, sizes)
      expect(parts.reduce((a, b) => a + b, 0)).toBe(
        Math.min(
          whole,
          sizes.reduce((a, b) => a + b, 0),
        ),
      )
      expect(parts.every((part, i) => part >= 0 && part <= sizes[i]!)).toBe(true)
    }),
  )
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
  expect(unknown).toMatchObject({ fate: 'c4/bad-words', precision: null, recall: null })
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
