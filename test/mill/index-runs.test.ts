import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planMerges } from '../../src/mill/index-runs.ts'

/** Documents of the runs once merged. */
function apply(documents: readonly number[], width: number): number[] {
  const merges = planMerges(documents, width)
  const ends = new Map(merges.map(({ start, end }) => [start, end]))
  const runs: number[] = []
  for (let at = 0; at < documents.length;) {
    const end = ends.get(at) ?? at + 1
    runs.push(documents.slice(at, end).reduce((sum, count) => sum + count, 0))
    at = end
  }
  return runs
}

test('runs of one tier are merged when there are enough of them, and the result may complete the next', () => {
  expect(planMerges([], 4)).toEqual([])
  expect(planMerges([5, 5, 5], 4)).toEqual([])
  expect(planMerges([5, 5, 5, 5], 4)).toEqual([{ start: 0, end: 4 }])
  expect(planMerges([100_000, 100_000, 100_000, 60_000, 60_000, 60_000, 60_000], 4)).toEqual([{ start: 0, end: 7 }])
  expect(planMerges([9_000_000, 100_000, 60_000, 100_000, 100_000], 4)).toEqual([{ start: 1, end: 5 }])
})

test('a run grows no further than it may', () => {
  expect(planMerges([200_000_000, 200_000_000, 200_000_000, 200_000_000], 2)).toEqual([])
  expect(apply([200_000_000, 60_000_000, 200_000_000, 60_000_000], 2)).toEqual([260_000_000, 200_000_000, 60_000_000])
})

test('whatever the nights, runs stay few, none is lost, and a merged list needs no merging', () => {
  const nights = fc.array(fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 5_000_000 })), { maxLength: 300 })
  fc.assert(
    fc.property(nights, fc.integer({ min: 2, max: 8 }), (documents, width) => {
      let runs: number[] = []
      for (const night of documents) {
        runs = [...apply(runs, width), night]
      }
      const total = documents.reduce((sum, count) => sum + count, 0)
      const tiers = 2 + Math.max(0, Math.log(Math.min(total, 2 ** 28) / 4096) / Math.log(width))
      expect(runs.reduce((sum, count) => sum + count, 0)).toBe(total)
      expect(planMerges(apply(runs, width), width)).toEqual([])
      expect(runs.length).toBeLessThanOrEqual((width - 1) * (tiers + 1) + 1 + total / 2 ** 27)
    }),
    { numRuns: 200 },
  )
})
