import { textColumn } from '../../src/core/batch.ts'
import { bandsPerRow, fiveWords, sign, similarity, sketchBytes, type OwnBands } from '../../src/native/minhash.ts'
import type { Random } from './random.ts'
import { edited } from './suites.ts'
import { jaccard, shingles } from './truth.ts'

export interface Pair {
  readonly rate: number
  readonly truth: number
  readonly estimate: number
  /** Whether one of the 14 band keys is the same. */
  readonly met: boolean
}

/** A text and an edited copy of it, `count` times at rates spread evenly over 0 to `most`, signed and measured exactly. */
export function editedPairs(
  draw: Random,
  bases: readonly (readonly string[])[],
  count: number,
  most: number,
  shingled: OwnBands = fiveWords,
): Pair[] {
  const pairs: Pair[] = []
  for (let i = 0; i < count; i += 1) {
    const base = bases[draw(bases.length)] ?? []
    const rate = (most * (i + 0.5)) / count
    const copy = edited(draw, base, rate)
    const { bands, sketch } = sign(textColumn([base.join(' '), copy.join(' ')]), shingled)
    let met = false
    for (let band = 0; band < bandsPerRow; band += 1) met ||= bands[band] === bands[bandsPerRow + band]
    const estimate = similarity(sketch.subarray(0, sketchBytes), sketch.subarray(sketchBytes))
    pairs.push({ rate, truth: jaccard(shingles(base, shingled), shingles(copy, shingled)), estimate, met })
  }
  return pairs
}

/** In how many of `pairs`, by classes of `value`, `hit` holds: middles of the classes that have at least 10 pairs, and shares. */
export function byClass(
  pairs: readonly Pair[],
  value: (pair: Pair) => number,
  width: number,
  hit: (pair: Pair) => boolean,
): (readonly [number, number])[] {
  const classes = new Map<number, [number, number]>()
  for (const pair of pairs) {
    const found = Math.floor(value(pair) / width)
    const counts = classes.get(found) ?? [0, 0]
    classes.set(found, [counts[0] + 1, counts[1] + (hit(pair) ? 1 : 0)])
  }
  return [...classes].filter(([, [all]]) => all >= 10).map(([found, [all, hits]]) => [(found + 0.5) * width, hits / all] as const)
}

/** Mean and standard deviation of the estimate's error over pairs of a range of similarity. */
export function errors(
  pairs: readonly Pair[],
  from: number,
  to: number,
): { readonly pairs: number; readonly mean: number; readonly deviation: number } {
  const found = pairs.filter((pair) => pair.truth >= from && pair.truth < to).map((pair) => pair.estimate - pair.truth)
  const mean = found.reduce((sum, error) => sum + error, 0) / found.length
  return { pairs: found.length, mean, deviation: Math.sqrt(found.reduce((sum, error) => sum + (error - mean) ** 2, 0) / found.length) }
}
