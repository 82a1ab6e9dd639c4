import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { textColumn } from '../../src/core/batch.ts'
import type { QuernError } from '../../src/core/errors.ts'
import { bandKind, bandsPerRow, fiveWords, sign, sketchBytes, type OwnBands } from '../../src/native/minhash.ts'
import { defaultMemoryBytes, type IndexRun, outcomes, SequenceIndex, type SequenceOptions } from '../../src/native/sequence-index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quern-index-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const options = (): SequenceOptions => ({
  similarity: 0.8,
  exact: true,
  bucketMembers: 32,
  memoryBytes: defaultMemoryBytes,
  scratch: join(folder, 'scratch'),
  keepAll: false,
})

const page = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) =>
    `word${'abcdefghij'[(from + i) % 10]}x${from + i}a`.replaceAll(/\d/g, (d) => 'klmnopqrst'[Number(d)] ?? ''),
  ).join(' ')
const texts = [
  page(0, 300), // 0: kept
  page(1000, 1300), // 1: kept
  page(0, 300), // 2: copy of 0
  `${page(1000, 1295)} and quite another end`, // 3: like 1
  'too short', // 4: kept
  'too short', // 5: copy of 4
  'too  short!', // 6: kept: no shingles, other bytes
  `${page(1000, 1298)} another end`, // 7: like 1 and like 3, which was dropped
]
const ids = Uint8Array.from({ length: texts.length * 16 }, (_, i) => (i % 16 === 15 ? (i >> 4) + 1 : 9))
const signatures = sign(textColumn(texts))

function rows(from: number, to: number, alive = () => 1) {
  return {
    ids: ids.subarray(from * 16, to * 16),
    candidates: Uint8Array.from({ length: to - from }, alive),
    signatures: {
      bands: signatures.bands.subarray(from * bandsPerRow, to * bandsPerRow),
      sketch: signatures.sketch.subarray(from * sketchBytes, to * sketchBytes),
      shingles: signatures.shingles.subarray(from, to),
      digest: signatures.digest.subarray(from * 16, to * 16),
    },
  }
}

/** Outcome and number of the survivor's row, over nights that end at `cuts`. */
function nights(cuts: readonly number[], settings: Partial<SequenceOptions> = {}): { decided: [number, number | undefined][]; runs: IndexRun[] } {
  const decided: [number, number | undefined][] = []
  const runs: IndexRun[] = []
  cuts.slice(1).forEach((cut, night) => {
    const index = new SequenceIndex({ ...options(), ...settings, scratch: join(folder, String(night)) })
    for (const run of runs) index.addRun(run.path)
    const { outcome, survivor } = index.decide(rows(cuts[night] ?? 0, cut))
    outcome.forEach((value, i) => decided.push([value, value === outcomes.kept ? undefined : (survivor[i * 16 + 15] ?? 0) - 1]))
    runs.push(...index.finish().runs)
    index.close()
  })
  return { decided, runs }
}

const expected = [
  [0, undefined],
  [0, undefined],
  [1, 0],
  [2, 1],
  [0, undefined],
  [1, 4],
  [0, undefined],
  [2, 1],
]

describe('SequenceIndex', () => {
  test('names the kept document that a row repeats', () => {
    expect(nights([0, texts.length]).decided).toEqual(expected)
  })

  test.each([[[0, 3, 5, 8]], [[0, 0, 1, 8]], [[0, 1, 2, 3, 4, 5, 6, 7, 8]]])('nights that end at %j add up', (cuts) => {
    expect(nights(cuts).decided).toEqual(expected)
    expect(nights(cuts, { memoryBytes: 1 }).decided).toEqual(expected)
  })

  test('runs are what they say', () => {
    const { runs } = nights([0, texts.length], { memoryBytes: 1 })
    expect(runs.map((run) => run.documents)).toEqual([1, 1, 1, 1])
    for (const run of runs) expect(statSync(run.path).size).toBe(run.bytes)
  })

  test('similarity is measured for kept rows too, and one stage alone decides by its rule only', () => {
    const index = new SequenceIndex({ ...options(), similarity: 1, exact: false })
    const { outcome, similarity } = index.decide(rows(0, texts.length))
    expect([...outcome]).toEqual([0, 0, 2, 0, 0, 0, 0, 0])
    expect(similarity[0]).toBeNaN()
    expect(similarity[2]).toBe(1)
    expect(similarity[3]).toBeGreaterThan(0.8)
    expect(similarity[3]).toBeLessThan(1)
    index.close()
    const exact = new SequenceIndex({ ...options(), similarity: null })
    expect([...exact.decide(rows(0, texts.length)).outcome]).toEqual([0, 0, 1, 0, 0, 1, 0, 0])
    exact.close()
  })

  test.for<OwnBands>([fiveWords, { ...fiveWords, unit: 'characters', size: 24 }])(
    'the same text in two languages goes across, and stays within them: $unit',
    (kind) => {
      // Two languages, near-duplicates and copies in both of them, tonight and in the night before.
      const numbers = [0, 1, 0, 3, 7, 1]
      const column = textColumn(numbers.map((number) => texts[number] ?? ''))
      const languages = { type: 'label', labels: ['de', 'fr'], indices: Int32Array.of(0, 0, 1, 1, 0, 1) } as const
      const decided = (within: OwnBands['within'], cut: number): [number, number][] => {
        const signed = sign(column, { ...kind, within }, languages)
        const result: [number, number][] = []
        const runs: IndexRun[] = []
        for (const [night, from, to] of [
          [0, 0, cut],
          [1, cut, numbers.length],
        ] as const) {
          const of = { ...options(), exact: false, bandKind: bandKind({ ...kind, within }), scratch: join(folder, `${within}-${cut}-${night}`) }
          const index = new SequenceIndex(of)
          for (const run of runs) index.addRun(run.path)
          const some = {
            bands: signed.bands.subarray(from * bandsPerRow, to * bandsPerRow),
            sketch: signed.sketch.subarray(from * sketchBytes, to * sketchBytes),
            shingles: signed.shingles.subarray(from, to),
            digest: signed.digest.subarray(from * 16, to * 16),
          }
          const own = ids.subarray(from * 16, to * 16)
          const { outcome, survivor } = index.decide({ ids: own, candidates: new Uint8Array(to - from).fill(1), signatures: some })
          outcome.forEach((what, row) => result.push([what, survivor[row * 16 + 15] ?? 0]))
          runs.push(...index.finish().runs)
          index.close()
        }
        return result
      }
      for (const cut of [0, 2, 4]) {
        // Rows, then the survivor's number counted from 1.
        expect(decided('dataset', cut)).toEqual([
          [0, 0],
          [0, 0],
          [2, 1],
          [2, 2],
          [2, 2],
          [2, 2],
        ])
        expect(decided('language', cut)).toEqual([
          [0, 0],
          [0, 0],
          [0, 0],
          [0, 0],
          [2, 2],
          [2, 4],
        ])
      }
    },
  )

  test('a run of other shingles, or of languages apart, is refused', () => {
    const kinds: OwnBands[] = [
      fiveWords,
      { ...fiveWords, size: 6 },
      { ...fiveWords, within: 'language' },
      { ...fiveWords, unit: 'characters', size: 24 },
    ]
    for (const made of kinds) {
      const of = { ...options(), bandKind: bandKind(made), scratch: join(folder, String(kinds.indexOf(made))) }
      const index = new SequenceIndex(of)
      index.decide({ ...rows(0, 2), signatures: sign(textColumn(texts.slice(0, 2)), made) })
      const path = index.finish().runs[0]?.path ?? ''
      for (const asked of kinds) {
        const next = new SequenceIndex({ ...options(), bandKind: bandKind(asked) })
        if (asked === made) next.addRun(path)
        else expect(() => next.addRun(path)).toThrow(/its bands are defined in another way/)
        next.close()
      }
    }
  })

  test('a row that was dropped before is not indexed', () => {
    const index = new SequenceIndex(options())
    expect([...index.decide(rows(0, 2, () => 0)).outcome]).toEqual([0, 0])
    expect([...index.decide(rows(2, 4)).outcome]).toEqual([0, 0])
    expect(index.decide(rows(0, 0)).outcome).toHaveLength(0)
    index.close()
  })

  test('damage, other rules and misuse have codes and remedies', () => {
    const code = (act: () => unknown) => {
      try {
        act()
      } catch (error) {
        return (error as QuernError).code
      }
      return undefined
    }
    const [run] = nights([0, texts.length], { similarity: null }).runs
    const path = run?.path ?? ''
    expect(code(() => new SequenceIndex(options()).addRun(path))).toBe('pipeline-changed')
    truncateSync(path, 200)
    expect(code(() => new SequenceIndex({ ...options(), similarity: null }).addRun(path))).toBe('damaged-dataset')
    expect(code(() => new SequenceIndex(options()).addRun(join(folder, 'nothing')))).toBe('store-failed')
    expect(code(() => new SequenceIndex({ ...options(), similarity: 2 }))).toBe('native-failed')
    const failed = new SequenceIndex(options())
    expect(code(() => failed.decide({ ...rows(0, 2), ids: ids.subarray(0, 16) }))).toBe('native-failed')
    expect(code(() => failed.finish())).toBe('native-failed')
    const index = new SequenceIndex(options())
    index.finish()
    expect(code(() => index.decide(rows(0, 2)))).toBe('native-failed')
    index.close()
    index.close()
    expect(code(() => index.finish())).toBe('native-failed')
  })
})
