import { expect, test } from 'vitest'
import * as z from 'zod'
import { emptyVerdict, rowText, textColumn, textOf } from '../../src/core/batch.ts'
import { definePrepareStage, type SourceBatch } from '../../src/core/component.ts'
import { examiner } from '../../src/mill/examine.ts'
import type { OpenStage } from '../../src/mill/judge.ts'
import { fiveWords } from '../../src/native/minhash.ts'

const component = definePrepareStage({
  name: 'fragile',
  summary: 'Fails on a word.',
  version: 1,
  group: 'filters',
  config: z.strictObject({}),
  reads: ['text'],
  writes: [],
  measures: { letters: 'Bytes of the text.' },
  rules: {},
  examples: [],
  open: () => Promise.reject(new Error('not used')),
})

function fragile(word: string): OpenStage {
  return {
    component,
    run(batch) {
      const text = textOf(batch, 'text')
      const letters = new Float64Array(batch.rows)
      for (let row = 0; row < batch.rows; row += 1) {
        if (rowText(text, row).includes(word)) throw new Error(`the kernel met "${word}"`)
        letters[row] = rowText(text, row).length
      }
      return { measures: { letters } }
    },
  }
}

function batchOf(texts: readonly string[]): SourceBatch {
  return {
    rows: texts.length,
    columns: {
      text: textColumn(texts),
      url: textColumn(texts.map((_, i) => `u${i}`)),
      offset: { type: 'number', values: Float64Array.from(texts, (_, i) => i) },
    },
    verdict: emptyVerdict(texts.length),
  }
}

test('a document that a stage fails on is dropped alone, and the others are judged as ever', () => {
  const texts = ['one', 'two', 'boom', 'four', 'five', 'boom too', 'seven']
  const rows = [
    ...examiner([fragile('boom')], { signed: true, bands: fiveWords, columns: [], units: undefined, repeats: undefined }, 9)(batchOf(texts)),
  ].flatMap(({ batch, judged, signatures }) =>
    Array.from({ length: batch.rows }, (_, row) => ({
      url: rowText(textOf(batch, 'url'), row),
      rule: batch.verdict.rule[row],
      letters: judged.measures.get('letters')?.[row],
      signed: signatures !== undefined,
    })),
  )
  expect(rows.map(({ url }) => url)).toEqual(['u0', 'u1', 'u2', 'u3', 'u4', 'u5', 'u6'])
  expect(rows.map(({ rule }) => rule)).toEqual([-1, -1, 9, -1, -1, 9, -1])
  expect(rows.map(({ letters }) => letters)).toEqual([3, 3, 0, 4, 4, 0, 5])
  expect(rows.every(({ signed }) => signed)).toBe(true)
})

test('a stage that fails on everything is a bug, and loud', () => {
  const texts = Array.from({ length: 50 }, () => 'boom')
  expect(() => [
    ...examiner([fragile('boom')], { signed: false, bands: fiveWords, columns: [], units: undefined, repeats: undefined }, 9)(batchOf(texts)),
  ]).toThrow(/made a stage fail/)
})
