/** Texts that break rules, made from texts that break few: repeated, cut, bulleted, and what else pages are made of. */

/** A reproducible stream of numbers below `limit` (mulberry32). */
function numbers(seed: number): (limit: number) => number {
  let state = seed >>> 0
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

type Change = (text: string, random: (limit: number) => number) => string

const lines = (text: string) => text.split('\n')
const eachLine = (text: string, change: (line: string, i: number) => string) => lines(text).map(change).join('\n')
const sometimes = (random: (limit: number) => number, one: number, then: string, otherwise = '') => (random(one) === 0 ? then : otherwise)

const changes: readonly Change[] = [
  (text, random) => eachLine(text, (line) => (random(3) === 0 ? `${line}\n${line}` : line)),
  (text, random) => eachLine(text, (line) => (random(12) === 0 ? `${line}\n${line}` : line)),
  (text, random) =>
    lines(text)
      .map((line) => (random(3) === 0 ? `${line}\n\n${line}` : line))
      .join('\n\n'),
  (text, random) => text.slice(0, 40 + random(500)),
  (text) => eachLine(text, (line) => line.replace(/[.!?。]+\s*$/u, '')),
  (text, random) => eachLine(text, (line) => `${sometimes(random, 40, '', random(2) === 0 ? '- ' : '• ')}${line}`),
  (text, random) => eachLine(text, (line) => line + sometimes(random, 3, random(2) === 0 ? '...' : ' …')),
  (text, random) => text.replaceAll(' ', () => sometimes(random, 8, random(2) === 0 ? ' # ' : ' ... ', ' ')),
  (text, random) => text.replaceAll(' ', () => sometimes(random, 4, ` ${random(100_000)} `, ' ')),
  (text, random) => text.replaceAll(' ', () => sometimes(random, 3 + random(2), '\n', ' ')),
  (text, random) => {
    const words = text.split(/\s+/)
    const from = random(Math.max(1, words.length - 12))
    const phrase = words.slice(from, from + 2 + random(10)).join(' ')
    return eachLine(text, (line) => line + sometimes(random, 2, ` ${phrase}`))
  },
  (text, random) => text.replaceAll(' ', () => sometimes(random, 3, '', ' ')),
  (text, random) => text.replaceAll(/(\S\S)/gu, (pair) => sometimes(random, 3, `${pair} `, pair)),
  (text, random) =>
    eachLine(text, (line) => `${line}${['', '', '', ' JavaScript', ' lorem ipsum', ' {', '[1]', ' [edit].', ' use cookies.', '"'][random(10)]}`),
  (text, random) => eachLine(text, (line) => line.slice(0, 10 + random(25))),
  (text, random) => `${text.slice(0, 600)}\n`.repeat(2 + random(3)),
  (text, random) => eachLine(text, (line) => line.replaceAll('. ', sometimes(random, 2, '.  ', '.\u00A0'))),
]

/** `count` texts of one language: the given ones unchanged first, then changed ones, one after the other. */
export function mutated(texts: readonly string[], count: number, seed: number): readonly string[] {
  const random = numbers(seed)
  const made = texts.slice(0, count)
  for (let i = 0; made.length < count; i++) made.push(changes[i % changes.length]!(texts[random(texts.length)]!, random).slice(0, 3000))
  return made
}
