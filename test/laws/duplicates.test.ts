import { expect, test } from 'vitest'
import { judged, share } from '../../bench/duplicates/judged.ts'
import { suites } from '../../bench/duplicates/suites.ts'
import { latinWords } from '../../bench/duplicates/truth.ts'
import { benchTexts } from '../../bench/input/texts.ts'
import { fiveWords, type OwnBands } from '../../src/native/minhash.ts'

const { texts } = await benchTexts(undefined, 1 << 20, { repeat: false })
const bases = texts
  .map(latinWords)
  .filter((words) => words.length > 100)
  .slice(0, 60)
const all = suites(1600, bases)
const settings = { limit: 0.8, bucketMembers: 32, bands: fiveWords }
const shingles: readonly OwnBands[] = [fiveWords, { ...fiveWords, unit: 'characters', size: 24 }]

/** The bar of a removal, of which every suite must stay clear by exact similarity. */
function clean(removed: readonly number[]): boolean {
  return share(removed, 0.75) >= 0.99 && removed.every((similarity) => similarity >= 0.7)
}

test.for(shingles)('removals are right in every suite, and nearly all that is alike is found, by $unit', { timeout: 240_000 }, (bands) => {
  let [alike, found] = [0, 0]
  for (const suite of all) {
    const result = judged(suite, { ...settings, bands }, 60)
    expect(clean(result.removed), `${suite.name}: removed at ${Math.min(...result.removed)}`).toBe(true)
    expect(result.estimates.every((estimate) => estimate >= settings.limit)).toBe(true)
    alike += result.alike
    found += result.found
  }
  expect(alike).toBeGreaterThan(40)
  expect(found / alike).toBeGreaterThanOrEqual(0.95)
})

test('the same bar is missed where a limit is set too low', () => {
  const template = all.find(({ name }) => name === 'template, 8 facts')
  expect(template).toBeDefined()
  if (template !== undefined) expect(clean(judged(template, { ...settings, limit: 0.7 }, 1).removed)).toBe(false)
})
