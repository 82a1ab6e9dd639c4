import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { textColumn, type LabelColumn } from '../../src/core/batch.ts'
import { bandKind, bandsPerRow, fiveWords, sign, signatureVersions, similarity, sketchBytes, type OwnBands } from '../../src/native/minhash.ts'
import { runPython } from '../python.ts'

const texts = [
  '',
  'only four words here',
  'The quick brown fox jumps over the lazy dog. THE QUICK brown fox, again and again!',
  'Übergrößenträger à la carte: 1.234,50 € am 12.03.2024 – „naïve“ façade, İstanbul ve ışık; ŁÓDŹ jest 3. największym',
  'Ὀδυσσεὺς ΠΟΛΎΤΡΟΠΟΣ ἄνδρα μοι ἔννεπε, Ёлки-палки зелёный Йод 12,5 и ещё a1b22c٣٤٫٥ conti\u00ADnuous zero\u200Dwidth',
  '水は方円の器に随う and カタカナ mixed 文章',
  'e\u0301te\u0301 mode\u0300le nai\u0308ve garc\u0327on fac\u0327ade no\u0308el cre\u0300me bru\u0302le\u0301e',
  ['one two three four five six seven', ...Array.from({ length: 1500 }, (_, i) => `w${(i * i) % 911}x${'abcdefghij'[i % 10]}`)].join(' '),
]

/** The definition in native/src/kernels/minhash*, written again with Python's Unicode tables, xxhash and big integers. */
const oracle = String.raw`
import json, sys, unicodedata, xxhash
M64, M32 = 2**64 - 1, 2**32 - 1
def mix(x):
    x = ((x ^ x >> 30) * 0xBF58476D1CE4E5B9) & M64
    x = ((x ^ x >> 27) * 0x94D049BB133111EB) & M64
    return x ^ x >> 31
def bare(s): return ''.join(c for c in unicodedata.normalize('NFD', s) if unicodedata.category(c) != 'Mn')
def fold(c):
    for s in (c.upper().lower(), c.lower(), c):
        if len(bare(s)) == 1: return bare(s)
    return c
def alone(c): return any(a <= ord(c) <= b for a, b in ((0x3041, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)))
def words(text):
    word, number, out = '', '', []
    for c in text:
        kind = unicodedata.category(c)
        if kind in ('Mn', 'Me') or kind == 'Cf' and c != '\u200b': continue
        if kind == 'Nd':
            if number == '': word += '0'
            number = 'digits'
        elif kind[0] in 'PSZC':
            if number == 'digits' and c in '.,\u060c\u066b\u066c\u2396\u2397\u2398': number = 'pending'; continue
            out.append(word); word, number = '', ''
        else:
            if number == 'pending' or alone(c): out.append(word); word = ''
            number = ''
            word += fold(c)
            if alone(c): out.append(word); word = ''
    return [w for w in out + [word] if w]
def characters(text):
    out = ''
    for w in words(text): out += (' ' if out and not alone(out[-1]) and not alone(w[0]) else '') + w
    return out
def word_hash(word):
    h = 0x51AFD7ED558CCD25
    for c in word: h = ((h ^ ord(c)) * 0xD6E8FEB86659FD93) & M64
    return mix(h)
def multipliers(seed, first, n):
    return [((mix((seed + (i + 1) * 0x9E3779B97F4A7C15) & M64) << 9) & M32) | (first + i) & 511 for i in range(n)]
def minima(shingles, ms): return [min(((s & M32) * m + (s >> 32)) & M32 for s in shingles) for m in ms]
result = []
unit, size = sys.argv[1], int(sys.argv[2])
for text in json.load(sys.stdin):
    read, base, modulus = [word_hash(w) for w in words(text)], 0x9FB21C651E98DF25, 2**64
    if unit == 'characters': read, base, modulus = [ord(c) for c in characters(text)], 0x1B873593A5C17D4F, 2**61 - 1
    shingles = []
    for i in range(len(read) - size + 1):
        p = 0
        for h in read[i:i + size]: p = (p * base + h) % modulus
        shingles.append(mix(p))
    bands, sketch = [0] * 14, []
    if shingles:
        m = minima(shingles, multipliers(0x717565726E5F6231, 256, 112))
        bands = [xxhash.xxh3_64_intdigest(b''.join(v.to_bytes(4, 'little') for v in m[8 * b:8 * b + 8]), seed=b) for b in range(14)]
        hashes, bins = {mix(s ^ 0x2545F4914F6CDD1D) for s in shingles}, {}
        for r in range(8):
            fallen = {}
            for h in hashes:
                x = h if r == 0 else mix((h + r * 0x9E3779B97F4A7C15) & M64)
                fallen.setdefault(x >> 53, []).append(x & M32)
            for b, values in fallen.items(): bins.setdefault(b, min(values))
        for b in range(2048):
            if b not in bins:
                m = (mix(b ^ 0x9E3779B97F4A7C15) << 11 | b) & M32
                bins[b] = min(((h & M32) * m + (h >> 32)) & M32 for h in hashes)
        sketch = [((bins[b] ^ b) * 0x9E3779B1 & M32) >> 30 for b in range(2048)]
    planes = [sum((sketch[i + j] >> p & 1) << j for j in range(8)) for p in range(2) for i in range(0, len(sketch), 8)] or [0] * 512
    result.append({'bands': [str(b) for b in bands], 'sketch': planes, 'shingles': len(shingles), 'digest': xxhash.xxh3_128_hexdigest(text.encode())})
print(json.dumps(result))
`

const characters: OwnBands = { unit: 'characters', size: 24, within: 'dataset' }
const kinds: readonly OwnBands[] = [fiveWords, { ...fiveWords, size: 2 }, characters, { ...characters, size: 7 }]

function languages(labels: readonly string[], ...indices: number[]): LabelColumn {
  return { type: 'label', labels, indices: Int32Array.from(indices) }
}

describe('sign', () => {
  test.for(kinds)('equals the definition, written again in Python: $size $unit', (kind) => {
    const expected = JSON.parse(runPython(oracle, [kind.unit, String(kind.size)], JSON.stringify(texts))) as {
      bands: string[]
      sketch: number[]
      shingles: number
      digest: string
    }[]
    const { bands, sketch, shingles, digest } = sign(textColumn(texts), kind)
    expected.forEach((row, i) => {
      expect(shingles[i], texts[i]).toBe(row.shingles)
      expect([...bands.subarray(i * bandsPerRow, (i + 1) * bandsPerRow)].map(String), texts[i]).toEqual(row.bands)
      expect([...sketch.subarray(i * sketchBytes, (i + 1) * sketchBytes)], texts[i]).toEqual(row.sketch)
      expect(Buffer.from(digest.subarray(i * 16, (i + 1) * 16)).toString('hex')).toBe(row.digest)
    })
  })

  test('has these values for ever, or another version', () => {
    const { bands, sketch } = sign(textColumn([texts[2] ?? '']))
    expect({ versions: signatureVersions(), band: bands[0], last: bands[13], sketch: [...sketch.subarray(0, 4)] }).toMatchInlineSnapshot(`
      {
        "band": 11642749174997565464n,
        "last": 4393134646002500522n,
        "sketch": [
          15,
          181,
          242,
          206,
        ],
        "versions": {
          "bands": 1,
          "sketch": 2,
        },
      }
    `)
  })

  test('has these values by characters and languages', () => {
    const within: OwnBands = { ...characters, within: 'language' }
    const { bands } = sign(textColumn([texts[2] ?? '', texts[2] ?? '']), within, languages(['de', 'fr'], 0, 1))
    expect({ versions: signatureVersions(within), kind: bandKind(within), de: bands[0], fr: bands[14] }).toMatchInlineSnapshot(`
      {
        "de": 8936097842035945837n,
        "fr": 10247007680274838573n,
        "kind": 257932,
        "versions": {
          "bands": 1,
          "characters": 1,
          "shingles": "characters",
          "size": 24,
          "sketch": 2,
          "within": "language",
        },
      }
    `)
  })

  test.for(kinds)('a batch says nothing about its rows: $size $unit', (kind) => {
    const rows = fc.array(fc.oneof(fc.constantFrom(...texts), fc.string({ unit: 'grapheme', maxLength: 80 })), { maxLength: 8 })
    fc.assert(
      fc.property(rows, rows, (before, after) => {
        const whole = sign(textColumn([...before, texts[4] ?? '', ...after]), kind)
        const alone = sign(textColumn([texts[4] ?? '']), kind)
        const row = before.length
        expect(whole.bands.slice(row * bandsPerRow, (row + 1) * bandsPerRow)).toEqual(alone.bands)
        expect(whole.sketch.slice(row * sketchBytes, (row + 1) * sketchBytes)).toEqual(alone.sketch)
        expect(whole.shingles[row]).toBe(alone.shingles[0])
      }),
      { numRuns: 30 },
    )
    const whole = sign(textColumn(texts), kind)
    texts.forEach((text, i) => {
      const alone = sign(textColumn([text]), kind)
      expect(alone.bands).toEqual(whole.bands.slice(i * bandsPerRow, (i + 1) * bandsPerRow))
      expect(alone.sketch).toEqual(whole.sketch.slice(i * sketchBytes, (i + 1) * sketchBytes))
    })
    expect(sign(textColumn([])).bands).toHaveLength(0)
  })

  test.for(kinds)('the estimate follows the exact similarity: $size $unit', ({ unit, size, within }) => {
    // Plain letters and spaces are their own normal form.
    const shingles = (text: string): Set<string> => {
      const pieces = unit === 'words' ? text.split(' ') : text.split('')
      return new Set(Array.from({ length: pieces.length - size + 1 }, (_, i) => pieces.slice(i, i + size).join(unit === 'words' ? ' ' : '')))
    }
    const base = Array.from(
      { length: 400 },
      (_, i) => `${['mill', 'quern', 'stone', 'grain', 'flour'][(i * i * 7 + i) % 5]}${'abcdefghijklm'[(i * i) % 13]}`,
    )
    for (const step of [2, 5, 11, 23, 60, 150]) {
      const copy = base.map((word, i) => (i % step === 1 ? `other${'abcdefg'[i % 7]}` : word))
      const [left, right] = [base.join(' '), copy.join(' ')]
      const [own, other] = [shingles(left), shingles(right)]
      const both = [...own].filter((shingle) => other.has(shingle)).length
      const { sketch } = sign(textColumn([left, right]), { unit, size, within })
      const estimate = similarity(sketch.subarray(0, sketchBytes), sketch.subarray(sketchBytes))
      // Four standard errors at most: 0.0145 each where half is in common.
      expect(Math.abs(estimate - both / (own.size + other.size - both)), `every ${step}th word`).toBeLessThan(0.058)
    }
  })

  test('texts of two languages have no key in common, those of one all', () => {
    const text = texts[2] ?? ''
    const keys = (bands: BigUint64Array, row: number): bigint[] => [...bands.subarray(row * bandsPerRow, (row + 1) * bandsPerRow)]
    for (const kind of [fiveWords, characters]) {
      const column = textColumn([text, text, text, text, ''])
      const { bands, sketch } = sign(column, { ...kind, within: 'language' }, languages(['de', 'fr', 'und'], 0, 1, -1, 2, 0))
      expect(keys(bands, 0).some((key) => keys(bands, 1).includes(key) || keys(bands, 2).includes(key))).toBe(false)
      expect(keys(bands, 2)).toEqual(keys(bands, 3))
      expect(keys(bands, 4).every((key) => key === 0n)).toBe(true)
      // The code of a language in a batch is nothing to its name.
      expect(sign(textColumn([text]), { ...kind, within: 'language' }, languages(['xx', 'fr'], 1)).bands).toEqual(bands.slice(14, 28))
      expect(sign(textColumn([text]), { ...kind, within: 'language' }).bands).toEqual(bands.slice(28, 42))
      expect(sketch.subarray(0, sketchBytes)).toEqual(sketch.subarray(sketchBytes, 2 * sketchBytes))
      expect(sign(column, kind, languages(['de', 'fr'], 0, 1, -1, 0, 0)).bands.slice(0, 14)).toEqual(sign(column, kind).bands.slice(14, 28))
    }
  })

  test('no two definitions have one number', () => {
    const own = (['words', 'characters'] as const).flatMap((unit) =>
      Array.from({ length: unit === 'words' ? 16 : 64 }, (_, i) => i + 1).flatMap((size) =>
        (['dataset', 'language'] as const).map((within) => ({ unit, size, within })),
      ),
    )
    const datatrove = ['en', 'de', 'fr'].flatMap((language) =>
      (['xxhash-64', 'xxhash-32', 'sha1-64', 'sha1-32'] as const).map((hash) => ({ language, hash })),
    )
    const all = [...own, ...datatrove]
    expect(new Set(all.map(bandKind)).size).toBe(all.length)
    expect(bandKind(fiveWords)).toBe(0)
    expect(new Set(all.map((bands) => JSON.stringify(signatureVersions(bands)))).size).toBe(all.length)
  })

  test('wrong input is an error with a code', () => {
    const column = { type: 'text', values: new Uint8Array(3), offsets: Int32Array.of(0, 4) } as const
    expect(() => sign(column)).toThrow(/the offsets end at 4/)
    expect(() => sign({ ...column, offsets: Int32Array.of(0, 9, 2) })).toThrow(/outside its column/)
    expect(() => sign(textColumn(['a']), { ...fiveWords, size: 0 })).toThrow(/shingles of 0 words/)
    expect(() => sign(textColumn(['a']), { ...characters, size: 65 })).toThrow(/shingles of 65 characters, expected 1 to 64/)
  })
})
