import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textColumn } from '../../src/core/batch.ts'
import { QuernError } from '../../src/core/errors.ts'
import { Tokenizer } from '../../src/native/tokenizer.ts'

const file = fileURLToPath(new URL('../../data-samples/tokenizer.json', import.meta.url))
const json = readFileSync(file)
const tokenizer = new Tokenizer(json, file)
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The parts of the sample's file that are changed here. */
interface SampleFile {
  pre_tokenizer: { pretokenizers: unknown[] }
  model: { type: string; vocab: Record<string, number>; merges: unknown[] }
  surprise?: number
}

function refused(bytes: Uint8Array): QuernError {
  try {
    new Tokenizer(bytes, 'some.json')
  } catch (error) {
    if (error instanceof QuernError) return error
    throw error
  }
  throw new Error('the file was taken')
}

/** The sample's file with one change. */
function changed(change: (file: SampleFile) => void): Uint8Array {
  const copy = JSON.parse(json.toString('utf8')) as SampleFile
  change(copy)
  return Buffer.from(JSON.stringify(copy))
}

describe('Tokenizer', () => {
  it('says what the file holds', () => {
    expect(tokenizer.vocabularySize).toBe(16_384)
    expect(tokenizer.narrow).toBe(true)
    expect(tokenizer.special.get('<|endoftext|>')).toBe(0)
    expect(tokenizer.sha256).toMatch(/^[0-9a-f]{64}$/)
  })

  it('gives the text back, for any text', () => {
    const rows = fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { maxLength: 5 })
    fc.assert(
      fc.property(rows, (texts) => {
        const { ids, offsets } = tokenizer.encode(textColumn(texts))
        texts.forEach((text, i) => expect(decoder.decode(tokenizer.decode(ids.subarray(offsets[i], offsets[i + 1])))).toBe(text))
      }),
    )
  })

  it('gives each row the same ids in any batch', () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(texts, (rows) => {
        const together = tokenizer.encode(textColumn(rows), 0)
        const alone = rows.flatMap((row) => [...new Tokenizer(json, file).encode(textColumn([row]), 0).ids])
        expect([...together.ids]).toEqual(alone)
      }),
      { numRuns: 20 },
    )
  })

  it('puts the end of document behind every row, empty ones too', () => {
    const { ids, offsets } = tokenizer.encode(textColumn(['', 'Mehl', '']), 0)
    expect(offsets[0]).toBe(0)
    expect(ids[0]).toBe(0)
    expect(offsets[1]).toBe(1)
    expect(ids.at(-1)).toBe(0)
    expect(ids.at(-2)).toBe(0)
    expect(ids).toHaveLength(offsets[3] ?? -1)
  })

  it('encodes the text of a special token as ordinary text', () => {
    const { ids } = tokenizer.encode(textColumn(['a <|endoftext|> b']))
    expect(ids).not.toContain(0)
    expect(decoder.decode(tokenizer.decode(ids))).toBe('a <|endoftext|> b')
  })

  it('keeps its cache within bounds', () => {
    for (let batch = 0; batch < 20; batch += 1) {
      const words = Array.from({ length: 30_000 }, (_, i) => ` ${(i * 7919 + batch).toString(36)}qx${'ü'.repeat(i % 9)}`)
      tokenizer.encode(textColumn([words.join('')]))
    }
    expect(tokenizer.cacheBytes).toBeLessThan(64 * 2 ** 20)
  })

  it('does not decode an id that no token has', () => {
    expect(() => tokenizer.decode(Uint16Array.of(16_384))).toThrow('no token has the id 16384')
  })

  it('notices a column whose buffer went away', () => {
    const column = textColumn(['gone'])
    structuredClone(column.values.buffer, { transfer: [column.values.buffer as ArrayBuffer] })
    expect(() => tokenizer.encode(column)).toThrow('may have been transferred')
  })

  it.each([
    [
      'a foreign pre-tokenizer',
      (f: SampleFile) => (f.pre_tokenizer.pretokenizers[1] = { type: 'Whitespace' }),
      'pre_tokenizer.pretokenizers[1].type = "Whitespace"',
    ],
    ['a foreign model', (f: SampleFile) => (f.model.type = 'WordLevel'), 'model.type = "WordLevel"'],
    ['an unknown member', (f: SampleFile) => (f.surprise = 1), 'surprise = 1'],
    ['a byte without token', (f: SampleFile) => delete f.model.vocab['Ġ'], 'model.vocab["Ġ"]: is missing: the token of byte 0x20'],
    [
      'a merge of an unknown token',
      (f: SampleFile) => (f.model.merges[7] = ['q', 'zzzz']),
      'model.merges[7]: its result "qzzzz" is not in model.vocab',
    ],
  ])('refuses %s by name and place', (_, change, says) => {
    const error = refused(changed(change))
    expect(error.code).toBe('unsupported-tokenizer')
    expect(error.message).toContain(`reading the tokenizer some.json: ${says}`)
  })

  it('refuses what is no tokenizer file', () => {
    for (const bytes of [
      new Uint8Array(),
      Buffer.from('null'),
      Buffer.from('<html>'),
      json.subarray(0, json.length / 2),
      new Uint8Array([0xff, 0xfe]),
    ])
      expect(refused(bytes).code).toBe('unsupported-tokenizer')
  })
})

it('placeholders decode to their text', () => {
  const own = new Tokenizer(json, file, {}, ['email'])
  const text = 'a <|pii:email|><|pii:email|> b'
  const { ids } = own.encode(textColumn([text]))
  expect(ids.filter((id) => id >= tokenizer.vocabularySize)).toHaveLength(2)
  expect(new TextDecoder().decode(own.decode(ids))).toBe(text)
})
