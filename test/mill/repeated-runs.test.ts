import { expect, test } from 'vitest'
import { textColumn } from '../../src/core/batch.ts'
import { decideRepeats } from '../../src/mill/repeated-runs.ts'
import { repeatFinder } from '../../src/native/repeats.ts'
import { random } from '../laws/pages.ts'

interface Told {
  readonly rule?: string | undefined
  readonly source?: number
  readonly left: string
  readonly ranges?: readonly number[]
}

const idOf = (candidate: number): Uint8Array => new Uint8Array(16).fill(candidate + 1)

/** Decides texts in order; `gone` are those that another stage drops. */
async function decided(
  texts: readonly string[],
  gone: readonly number[] = [],
  limits = { minLeft: 1, maxCut: 1 },
  blockBytes = 1 << 20,
): Promise<Told[]> {
  const finder = repeatFinder(5, blockBytes)
  const blocks = [...finder.add(textColumn(texts), Uint32Array.from(texts.keys())), finder.finish()]
  const decider = decideRepeats(limits, async () => blocks.shift())
  const told: Told[] = []
  for (let from = 0; from < texts.length;) {
    await decider.reach(from)
    const to = Math.min(texts.length, decider.stretch(from))
    const alive = Uint8Array.from({ length: to - from }, (_, row) => (gone.includes(from + row) ? 0 : 1))
    const verdict = alive[0] === 1 ? decider.judge(from, idOf(from)) : undefined
    if (verdict?.rule !== undefined) alive[0] = 0
    decider.decided(from, Buffer.concat(Array.from({ length: to - from }, (_, row) => idOf(from + row))), alive)
    for (let row = from; row < to; row += 1) {
      const text = texts[row]!
      const cut = row === from ? verdict?.cut : undefined
      told.push({
        left: without(text, cut?.ranges ?? []),
        ...(cut === undefined ? {} : { source: cut.source[0]! - 1, rule: verdict?.rule, ranges: [...cut.ranges] }),
      })
    }
    from = to
  }
  return told
}

function without(text: string, ranges: Iterable<number>): string {
  const bytes = Buffer.from(text)
  const bounds = [0, ...ranges, bytes.length]
  return Array.from({ length: bounds.length / 2 }, (_, i) => bytes.subarray(bounds[i * 2], bounds[i * 2 + 1]).toString()).join('')
}

const passage = 'the miller grinds the rye of the village '

test('the first that is kept holds a run, later ones lose it', async () => {
  const texts = [`one ${passage}end`, `two ${passage}`, `three ${passage}fin`]
  expect(await decided(texts)).toMatchObject([{ left: texts[0] }, { left: 'two ', source: 0 }, { left: 'three fin', source: 0 }])
  // Where the first is gone, the second holds it: nothing is cut from it, and the third loses it for the second.
  expect(await decided(texts, [0])).toMatchObject([{ left: texts[0] }, { left: texts[1] }, { left: 'three fin', source: 1 }])
  expect(await decided(texts, [0, 1])).toEqual(texts.map((left) => ({ left })))
})

test('a run that no kept document holds whole stays', async () => {
  const long = `${passage}and of the hills behind it `
  const texts = [`one ${long}`, `two ${passage}`, `three ${long}fin`]
  expect((await decided(texts, [0]))[2]).toEqual({ left: texts[2] })
  // The third now holds it all.
  expect((await decided([...texts, `four ${long}`], [0]))[3]).toMatchObject({ left: 'four ', source: 2 })
})

test('what a document repeats of itself is cut, and never drops it', async () => {
  const text = `${passage}${passage}${passage}`
  expect(await decided([text], [], { minLeft: 100, maxCut: 0.1 })).toMatchObject([{ left: passage, source: 0 }])
  // So it does where the first document that held it is gone.
  expect((await decided([passage, text], [0]))[1]).toMatchObject({ left: passage, source: 1 })
})

test('a document goes when too little is left, or too large a share is repeated, and holds nothing then', async () => {
  const own = 'alpha beta gamma delta '
  const texts = [passage, `${passage}${own}`, `x ${own}omega`, `y ${own}omega`]
  expect((await decided(texts, [], { minLeft: 5, maxCut: 1 }))[1]).toMatchObject({ rule: 'too-little-left', source: 0 })
  expect((await decided(texts, [], { minLeft: 1, maxCut: 0.6 }))[1]).toMatchObject({ rule: 'mostly-repeated', source: 0 })
  expect((await decided(texts, [], { minLeft: 5, maxCut: 1 }))[3]).toMatchObject({ source: 2 })
})

test('what is cut stands in a window of words that an earlier kept document holds, or it itself further up', async () => {
  const next = random(3)
  let cut = 0
  for (let round = 0; round < 100; round += 1) {
    // Every word takes two bytes.
    const texts = Array.from({ length: 12 }, () =>
      Array.from({ length: Math.floor(next() * 60) }, () => `${'abc'[Math.floor(next() * 3)]} `).join(''),
    )
    const gone = [...texts.keys()].filter(() => next() < 0.3)
    const told = await decided(texts, gone, { minLeft: 3, maxCut: 0.9 }, next() < 0.5 ? 200 : 1 << 20)
    const kept = told.map(({ rule }, i) => rule === undefined && !gone.includes(i))
    const held = new Set<string>()
    texts.forEach((text, i) => {
      const { rule, source, ranges = [] } = told[i]!
      if (rule !== undefined) expect(source! < i && kept[source!]).toBe(true)
      if (!kept[i]) return
      const allowed = new Set<number>()
      for (let at = 0; at + 10 <= text.length; at += 2) {
        const window = text.slice(at, at + 10)
        if (held.has(window)) for (let byte = at; byte < at + 10; byte += 1) allowed.add(byte)
        held.add(window)
      }
      for (let pair = 0; pair < ranges.length; pair += 2)
        for (let byte = ranges[pair]!; byte < ranges[pair + 1]!; byte += 1) {
          cut += 1
          expect(allowed.has(byte)).toBe(true)
        }
    })
  }
  expect(cut).toBeGreaterThan(1000)
})
