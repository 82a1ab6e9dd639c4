export type Random = (below: number) => number

/** Numbers from 0 to `below` - 1, the same for ever from one seed (mulberry32). */
export function random(seed: number): Random {
  let state = seed | 0
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

/** `count` made-up words; few are common and most rare, as in language. */
export function vocabulary(draw: Random, size: number): (count: number) => string[] {
  const word = (): string => {
    const x = draw(size)
    return spelled(Math.floor((x * x) / size))
  }
  return (count) => Array.from({ length: count }, word)
}

/** A number in letters: digits all read alike to a signature. */
export function spelled(number: number): string {
  return `w${[...String(number)].map((digit) => 'abcdefghij'[Number(digit)]).join('')}`
}
