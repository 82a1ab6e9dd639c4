import { expect, test } from 'vitest'
import { rowText, textColumn } from '../../src/core/batch.ts'
import { cutTexts } from '../../src/mill/select-texts.ts'

test('byte ranges are cut from the texts that have some, and from nothing else', () => {
  const texts = { url: textColumn(['a', 'b', 'c']), text: textColumn(['eins\nzwölf\ndrei', 'ganz', 'alles']) }
  const cuts: Readonly<Record<number, Uint32Array>> = { 0: Uint32Array.of(0, 5, 11, 16), 2: Uint32Array.of(0, 5) }
  const cut = cutTexts({ ids: new Uint8Array(48), texts }, (row) => cuts[row])
  expect([0, 1, 2].map((row) => rowText(cut.texts['text']!, row))).toEqual(['zwölf', 'ganz', ''])
  expect(cut.texts['url']).toBe(texts.url)
})

test('nothing to cut costs nothing', () => {
  const texts = { text: textColumn(['eins', 'zwei']) }
  expect(cutTexts({ ids: new Uint8Array(32), texts }, () => undefined).texts).toBe(texts)
})
