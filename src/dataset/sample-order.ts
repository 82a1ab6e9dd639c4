import { createHash } from 'node:crypto'

/**
 * The order in which a trainer meets samples, computed and not stored: `python/src/quern_loader/` has the same arithmetic,
 * and `test/dataset/sample-order.json` holds both to it. Numbers stay below 2^53.
 */

/** Names the arithmetic: another one would be another name, and states of the old one would be refused. */
const algorithm = 'quern-order/1'

/** Weights are exact to one sample in so many; a schedule may change them at multiples of it. */
export const mixBlock = 4096

const rounds = 8

export interface Permutation {
  /** What stands at a position of [0, n). */
  at(position: number): number
  /** The position of a value. */
  positionOf(value: number): number
}

/**
 * A permutation of [0, n), 1 <= n <= 2^53, named by a string. A Feistel network of eight rounds over the bits of n - 1,
 * walked until the value falls below n (Black and Rogaway 2002); round keys are the SHA-256 of the name.
 */
export function permutation(n: number, name: string): Permutation {
  if (!(Number.isInteger(n) && n > 0 && n <= 2 ** 53)) throw new RangeError(`a permutation of ${n} things: 1 to 2^53 can be permuted`)
  const digest = createHash('sha256').update(name).digest()
  const keys = Array.from({ length: rounds }, (_, i) => digest.readUInt32LE(4 * i))
  const bits = Math.max(2, bitLength(n - 1))
  const rightBits = Math.floor(bits / 2)
  const right = 2 ** rightBits
  // 2^32 - 1 as a mask is -1: the left half of 2^53 things has 27 bits, so this never happens.
  const [leftMask, rightMask] = [2 ** (bits - rightBits) - 1, right - 1]

  function walk(value: number, order: readonly number[]): number {
    if (n === 1) return 0
    let result = value
    do {
      let high = Math.floor(result / right)
      let low = result % right
      for (const i of order) {
        if (i % 2 === 0) high = (high ^ (mix((low ^ (keys[i] as number)) | 0) & leftMask)) >>> 0
        else low = (low ^ (mix((high ^ (keys[i] as number)) | 0) & rightMask)) >>> 0
      }
      result = high * right + low
    } while (result >= n)
    return result
  }

  const forward = keys.map((_, i) => i)
  const backward = forward.toReversed()
  return { at: (position) => walk(position, forward), positionOf: (value) => walk(value, backward) }
}

/** The finalizer of MurmurHash3, 32 bits. */
function mix(value: number): number {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

function bitLength(value: number): number {
  let bits = 0
  for (let rest = value; rest > 0; rest = Math.floor(rest / 2)) bits++
  return bits
}

export interface OrderSettings {
  /** Of the stream. */
  readonly samples: number
  readonly seed: number
  /** Of the stream: a language, a source, or `all`. */
  readonly name: string
  /** Samples that stay neighbours until a window is mixed. */
  readonly block: number
  /** Blocks of a window, 0 for one window over everything. */
  readonly window: number
}

/** Which sample stands at an index of an epoch: blocks are permuted, then the samples of each window of blocks. */
export function sampleOrder(settings: OrderSettings): (epoch: number, index: number) => number {
  return orderOf(settings).at
}

/** The other way round: the index of an epoch at which a sample stands. */
export function sampleIndex(settings: OrderSettings): (epoch: number, sample: number) => number {
  return orderOf(settings).indexOf
}

function orderOf({ samples, seed, name, block, window }: OrderSettings) {
  const prefix = `${algorithm}|${seed}|${name}`
  const blocks = Math.ceil(samples / block)
  if (blocks > 2 ** 31) throw new RangeError(`${samples} samples in blocks of ${block}: there can be 2^31 blocks`)
  const missing = blocks * block - samples
  const windows = window === 0 ? 1 : Math.max(1, Math.floor(blocks / window))
  const memo = new Map<string, Permutation>()
  const permuted = (n: number, key: string): Permutation => {
    let known = memo.get(key)
    if (known === undefined) {
      if (memo.size > 64) memo.clear()
      memo.set(key, (known = permutation(n, key)))
    }
    return known
  }
  const epochOf = (epoch: number) => {
    const order = permuted(blocks, `${prefix}|${epoch}|blocks`)
    // The last block is short; where it stands decides where the blocks behind it begin.
    const short = order.positionOf(blocks - 1)
    const startOf = (place: number): number => place * block - (place > short ? missing : 0)
    const placeOf = (at: number): number => Math.floor((at >= short * block + block - missing ? at + missing : at) / block)
    /** The window of the block at a place: its first index, and how its samples are mixed. */
    const windowOf = (place: number): { first: number; mixed: Permutation } => {
      const number = Number(((BigInt(place) + 1n) * BigInt(windows) - 1n) / BigInt(blocks))
      const first = startOf(share(number, blocks, windows))
      const size = startOf(share(number + 1, blocks, windows)) - first
      return { first, mixed: permuted(size, `${prefix}|${epoch}|window ${number}`) }
    }
    return { order, startOf, placeOf, windowOf }
  }
  return {
    at: (epoch: number, index: number): number => {
      const { order, startOf, placeOf, windowOf } = epochOf(epoch)
      const { first, mixed } = windowOf(placeOf(index))
      const at = first + mixed.at(index - first)
      const place = placeOf(at)
      return order.at(place) * block + at - startOf(place)
    },
    indexOf: (epoch: number, sample: number): number => {
      const { order, startOf, windowOf } = epochOf(epoch)
      const place = order.positionOf(Math.floor(sample / block))
      const { first, mixed } = windowOf(place)
      return first + mixed.positionOf(startOf(place) + (sample % block) - first)
    },
  }
}

/** The first block of a window, when `windows` of nearly equal size share them; the product may pass 2^53. */
function share(number: number, blocks: number, windows: number): number {
  return Number((BigInt(number) * BigInt(blocks)) / BigInt(windows))
}

export interface MixSegment {
  /** First sample of the run for which it holds; moved up to a multiple of `mixBlock`. */
  readonly from: number
  /** By stream; the others have none. */
  readonly weights: Readonly<Record<string, number>>
}

/** Samples of each stream in a block, by largest remainder; among equal remainders the earlier stream. */
export function mixQuotas(names: readonly string[], weights: MixSegment['weights']): number[] {
  const shares = names.map((name) => weights[name] ?? 0)
  const total = shares.reduce((sum, share) => sum + share, 0)
  const exact = shares.map((share) => (share / total) * mixBlock)
  const counts = exact.map(Math.floor)
  const left = mixBlock - counts.reduce((sum, count) => sum + count, 0)
  const byRemainder = names.map((_, k) => k).sort((a, b) => remainder(counts, exact, a) - remainder(counts, exact, b) || a - b)
  for (const k of byRemainder.slice(0, left)) counts[k] = (counts[k] as number) + 1
  return counts
}

function remainder(counts: readonly number[], exact: readonly number[], k: number): number {
  return (counts[k] as number) - (exact[k] as number)
}

/** For an index of the run: the number of its stream, and which of this stream's samples it is, counted over the whole run. */
export function mixture(
  seed: number,
  names: readonly string[],
  segments: readonly MixSegment[],
): (index: number) => { stream: number; count: number } {
  const given = names.map(() => 0)
  const parts = segments.map(({ from, weights }, i) => {
    const start = Math.ceil(from / mixBlock)
    const quotas = mixQuotas(names, weights)
    const before = [...given]
    const next = segments[i + 1]
    if (next !== undefined)
      for (const [k, quota] of quotas.entries()) given[k] = (given[k] as number) + (Math.ceil(next.from / mixBlock) - start) * quota
    return { start, quotas, before }
  })
  return (index) => {
    const block = Math.floor(index / mixBlock)
    const part = parts.findLast(({ start }) => start <= block)
    if (part === undefined) throw new RangeError(`the schedule begins behind sample ${index}`)
    let rank = permutation(mixBlock, `${algorithm}|${seed}|mix|${block}`).at(index % mixBlock)
    const stream = part.quotas.findIndex((quota) => {
      if (rank < quota) return true
      rank -= quota
      return false
    })
    return { stream, count: (part.before[stream] as number) + (block - part.start) * (part.quotas[stream] as number) + rank }
  }
}

/** How many of its first samples each stream has given in the blocks that end before or at an index of the run. */
export function mixtureGiven(names: readonly string[], segments: readonly MixSegment[]): (index: number) => number[] {
  return (index) => {
    const given = names.map(() => 0)
    for (const [k, segment] of segments.entries()) {
      const from = Math.ceil(segment.from / mixBlock)
      const to = Math.min(Math.floor(index / mixBlock), Math.ceil((segments[k + 1]?.from ?? Infinity) / mixBlock))
      for (const [stream, quota] of mixQuotas(names, segment.weights).entries())
        given[stream] = (given[stream] as number) + Math.max(0, to - from) * quota
    }
    return given
  }
}
