import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mixBlock, mixQuotas, type MixSegment, mixture, mixtureGiven, permutation, sampleIndex, sampleOrder } from '../../src/dataset/sample-order.ts'

interface Vectors {
  readonly permutations: readonly { n: number; name: string; positions: number[]; values: number[] }[]
  readonly orders: readonly {
    samples: number
    seed: number
    name: string
    block: number
    window: number
    epoch: number
    indices: number[]
    values: number[]
  }[]
  readonly mixtures: readonly {
    seed: number
    names: string[]
    weights: MixSegment[]
    quotas: number[][]
    indices: number[]
    streams: number[]
    counts: number[]
  }[]
}

const vectors = JSON.parse(readFileSync(new URL('sample-order.json', import.meta.url), 'utf8')) as Vectors

test('permutations are those of the vectors, and go back', () => {
  for (const { n, name, positions, values } of vectors.permutations) {
    const made = permutation(n, name)
    expect(positions.map((position) => made.at(position))).toEqual(values)
    expect(values.map((value) => made.positionOf(value))).toEqual(positions)
  }
})

test('orders are those of the vectors', () => {
  for (const { epoch, indices, values, ...settings } of vectors.orders) {
    const order = sampleOrder(settings)
    expect(indices.map((index) => order(epoch, index))).toEqual(values)
  }
})

test('mixtures are those of the vectors', () => {
  for (const { seed, names, weights, quotas, indices, streams, counts } of vectors.mixtures) {
    expect(weights.map((segment) => mixQuotas(names, segment.weights))).toEqual(quotas)
    const mix = mixture(seed, names, weights)
    expect(indices.map((index) => mix(index).stream)).toEqual(streams)
    expect(indices.map((index) => mix(index).count)).toEqual(counts)
  }
})

test('every sample stands at one index of an epoch', () => {
  const settings = fc.record({
    samples: fc.integer({ min: 1, max: 700 }),
    seed: fc.nat(),
    name: fc.string(),
    block: fc.integer({ min: 1, max: 90 }),
    window: fc.integer({ min: 0, max: 9 }),
  })
  fc.assert(
    fc.property(settings, fc.nat(3), (given, epoch) => {
      const order = sampleOrder(given)
      const seen = new Set(Array.from({ length: given.samples }, (_, index) => order(epoch, index)))
      expect(seen.size).toBe(given.samples)
      expect(Math.max(...seen)).toBe(given.samples - 1)
    }),
  )
})

test('the index of a sample is the way back', () => {
  for (const [samples, block, window] of [
    [1, 1, 0],
    [1000, 7, 3],
    [997, 64, 0],
    [64, 100, 2],
  ] as const) {
    const settings = { samples, seed: 3, name: 'de', block, window }
    const [at, indexOf] = [sampleOrder(settings), sampleIndex(settings)]
    for (const epoch of [0, 5]) for (let i = 0; i < samples; i += 1) expect(indexOf(epoch, at(epoch, i))).toBe(i)
  }
})

test('what streams have given before a block is what the mixture gave in it', () => {
  const names = ['a', 'b', 'c']
  const segments = [
    { from: 0, weights: { a: 1, b: 2 } },
    { from: mixBlock + 5, weights: { b: 1, c: 1 } },
    { from: 4 * mixBlock, weights: { c: 1 } },
  ]
  const [at, given] = [mixture(9, names, segments), mixtureGiven(names, segments)]
  const counted = [0, 0, 0]
  for (let block = 0; block < 6; block += 1) {
    expect(given(block * mixBlock + 17)).toEqual(counted)
    for (let i = 0; i < mixBlock; i += 1) counted[at(block * mixBlock + i).stream]! += 1
  }
})
