import { expect, test } from 'vitest'
import { decide, type LimitRules } from '../../src/core/decide.ts'

const rules: LimitRules = {
  short: { measure: 'words', below: 'min', says: 'Too few.' },
  long: { measure: 'words', above: 'max', says: 'Too many.' },
  dense: { measure: 'density', above: 'most', says: 'Too dense.' },
}

test('the first rule that a row breaks drops it, with value and limit', () => {
  const measures = { words: Float64Array.of(1, 9, 5, NaN, 3), density: Float64Array.of(1, 1, 1, 1, 0) }
  const verdict = decide(5, rules, measures, { min: 3, max: Float64Array.of(8, 8, 8, 8, 8), most: 0.5 })
  expect([...verdict.rule]).toEqual([0, 1, 2, 2, -1])
  expect([...verdict.measured]).toEqual([1, 9, 1, 1, NaN])
  expect([...verdict.limit]).toEqual([3, 8, 0.5, 0.5, NaN])
})

test('a limit that is no number breaks nothing, and a value at its limit neither', () => {
  const measures = { words: Float64Array.of(3, 8, 100), density: Float64Array.of(0.5, 0.6, 1) }
  const verdict = decide(3, rules, measures, { min: 3, max: Float64Array.of(8, 8, NaN), most: NaN })
  expect([...verdict.rule]).toEqual([-1, -1, -1])
})

test('a rule about a measure or limit that does not exist is a bug', () => {
  expect(() => decide(1, rules, { words: new Float64Array(1) }, { min: 1, max: 1, most: 1 })).toThrow('density')
})
