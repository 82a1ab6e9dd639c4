import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { curvePlot, type Curve } from './duplicates/curve-plot.ts'
import { judged, share } from './duplicates/judged.ts'
import { byClass, editedPairs, errors } from './duplicates/pairs.ts'
import { random } from './duplicates/random.ts'
import { suites } from './duplicates/suites.ts'
import { latinWords } from './duplicates/truth.ts'
import { fiveWords, type OwnBands } from '../src/native/minhash.ts'
import { benchTexts } from './input/texts.ts'
import type { Bench } from './run.ts'

const pages = 20_000
const characters: OwnBands = { ...fiveWords, unit: 'characters', size: 24 }
const limit = 0.8
const limits = [0.7, 0.8, 0.9]
const bandSettings = [
  [14, 8],
  [20, 6],
  [28, 8],
  [10, 10],
] as const

const bench: Bench = {
  name: 'duplicates',
  summary:
    'What near-duplicates removes and finds, held against exact similarity: shapes of text on which others lost whole sources, and edited pairs.',
  async measure({ input, say }) {
    const { texts } = await benchTexts(input, 4 << 20, { repeat: false })
    const bases = texts.map(latinWords).filter((words) => words.length > 100)
    const ours: Record<string, unknown> = {}
    for (const suite of suites(pages, bases))
      for (const bands of [fiveWords, characters]) {
        const name = `${suite.name}, by ${bands.unit}`
        say(name)
        const { removed, alike, found, documents, kept } = judged(suite, { limit, bucketMembers: 32, bands }, 100)
        ours[name] = {
          documents,
          kept,
          removed: removed.length,
          'at 0.75 or more': share(removed, 0.75),
          least: removed.length === 0 ? null : Math.min(...removed),
          'pairs at 0.85 looked at': alike,
          found,
        }
      }
    say('edited pairs')
    const pairs = editedPairs(random(5), bases, 6000, 0.1)
    const byCharacters = editedPairs(random(5), bases, 2000, 0.1, characters)
    for (const [from, to] of [
      [0.65, 0.75],
      [0.75, 0.85],
      [0.85, 0.95],
    ] as const) {
      ours[`error at ${from} to ${to}, by words`] = errors(pairs, from, to)
      ours[`error at ${from} to ${to}, by characters`] = errors(byCharacters, from, to)
    }
    const removedAt = (least: number) => (pair: (typeof pairs)[number]) => pair.met && pair.estimate >= least
    const curves = (value: (pair: (typeof pairs)[number]) => number, width: number): Curve[] =>
      limits.map((least, i) => ({ name: `limit ${least}`, kind: 'dots', colour: i, points: byClass(pairs, value, width, removedAt(least)) }))
    const range = Array.from({ length: 101 }, (_, i) => i / 100)
    const plot = curvePlot([
      {
        title: 'Removed, by exact similarity',
        x: 'Jaccard similarity of word 5-grams',
        y: 'share removed',
        from: 0.5,
        to: 1,
        curves: curves((pair) => pair.truth, 0.01),
      },
      { title: 'Removed, by edits', x: 'share of words changed', y: 'share removed', from: 0, to: 0.1, curves: curves((pair) => pair.rate, 0.0025) },
      {
        title: 'Compared at all, by bands',
        x: 'Jaccard similarity of word 5-grams',
        y: 'share with a common key',
        from: 0.4,
        to: 1,
        curves: [
          ...bandSettings.map(([bands, minima], i): Curve => ({
            name: `${bands} x ${minima}, theory`,
            kind: 'line',
            colour: i,
            points: range.map((s) => [s, 1 - (1 - s ** minima) ** bands] as const),
          })),
          {
            name: '14 x 8, measured',
            kind: 'dots',
            colour: 0,
            points: byClass(
              pairs,
              (pair) => pair.truth,
              0.01,
              (pair) => pair.met,
            ),
          },
        ],
      },
    ])
    writeFileSync(fileURLToPath(new URL('../docs/duplicates.svg', import.meta.url)), plot)
    return { input: { texts: bases.length, pages }, ours, peers: {}, ratio: {} }
  },
}

export default bench
