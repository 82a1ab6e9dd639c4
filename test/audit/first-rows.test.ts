import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placing } from '../../src/audit/document-columns.ts'
import { firstRows } from '../../src/audit/first-rows.ts'

test('the first rows are those of sorting all by rank, place and row', () => {
  const some = fc.array(fc.record({ rank: fc.nat(3), place: fc.nat(50) }), { maxLength: 5000, size: 'max' })
  fc.assert(
    fc.property(some, fc.integer({ min: 1, max: 600 }), (all, most) => {
      const first = firstRows(most)
      all.forEach(({ rank, place }, row) => first.add(row, rank, place))
      const sorted = all.map((of, row) => ({ ...of, row })).toSorted((a, b) => a.rank - b.rank || a.place - b.place || a.row - b.row)
      expect(first.rows()).toEqual(sorted.slice(0, most).map(({ row }) => row))
    }),
    { numRuns: 50 },
  )
})

test('every seed has an order of its own, and no two keys one place', () => {
  const keys = Array.from({ length: 500 }, (_, i) => (i * 214_013) >>> 0)
  const orders = [0, 1, 2 ** 32, 2 ** 40 + 1].map((seed) => keys.map(placing(seed)))
  for (const places of orders) expect(new Set(places).size).toBe(keys.length)
  const firsts = orders.map((places) =>
    keys
      .toSorted((a, b) => places[keys.indexOf(a)]! - places[keys.indexOf(b)]!)
      .slice(0, 3)
      .join(),
  )
  expect(new Set(firsts).size).toBe(orders.length)
})
