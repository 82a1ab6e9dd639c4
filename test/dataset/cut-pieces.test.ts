import fc from 'fast-check'
import { expect, test } from 'vitest'
import { beforeCut, decodePieces, encodePieces } from '../../src/dataset/cut-pieces.ts'
import { cutTexts } from '../../src/mill/select-texts.ts'
import { rowBytes } from '../../src/core/batch.ts'

/** A text and ranges of it that ascend and stand apart, empty ones and whole texts included. */
const textAndRanges = fc.uint8Array({ maxLength: 400 }).chain((text) =>
  fc.record({
    text: fc.constant(text),
    ranges: fc
      .uniqueArray(fc.nat(text.byteLength), { maxLength: 20 })
      .map((bounds) => Uint32Array.from(bounds.sort((a, b) => a - b).slice(0, bounds.length & ~1))),
  }),
)

test('a text that was cut and its pieces give the text before the cut, byte for byte', () => {
  fc.assert(
    fc.property(fc.array(textAndRanges, { minLength: 1, maxLength: 5 }), (rows) => {
      const offsets = new Int32Array(rows.length + 1)
      rows.forEach(({ text }, row) => (offsets[row + 1] = (offsets[row] ?? 0) + text.byteLength))
      const column = { type: 'text', values: Buffer.concat(rows.map(({ text }) => text)), offsets } as const
      const cut = cutTexts({ ids: new Uint8Array(rows.length * 16), texts: { text: column } }, (row) => {
        const ranges = rows[row]?.ranges
        return ranges?.length === 0 ? undefined : ranges
      })
      for (const [row, { text, ranges }] of rows.entries()) {
        const left = rowBytes(cut.texts['text']!, row)
        const pieces = cut.pieces === undefined ? new Uint8Array(0) : rowBytes(cut.pieces, row)
        expect(pieces.byteLength > 0).toBe(ranges.length > 0)
        expect(left.byteLength + lengthOf(ranges)).toBe(text.byteLength)
        expect(Buffer.compare(beforeCut(left, pieces) ?? new Uint8Array(0), text)).toBe(0)
      }
    }),
  )
})

function lengthOf(ranges: Uint32Array): number {
  return ranges.reduce((sum, bound, i) => (i % 2 === 0 ? sum - bound : sum + bound), 0)
}

test('pieces that are damaged, or another text, never give a text of other bytes without telling', () => {
  fc.assert(
    fc.property(textAndRanges, fc.uint8Array({ maxLength: 60 }), fc.nat(500), ({ text, ranges }, noise, keptBytes) => {
      const pieces = encodePieces(text, ranges)
      for (const bytes of [noise, pieces.subarray(0, -1), Buffer.concat([pieces, noise])]) {
        const found = decodePieces(keptBytes, bytes)
        const kept = new Uint8Array(keptBytes)
        const before = beforeCut(kept, bytes)
        expect(before === undefined).toBe(found === undefined)
        if (found === undefined || before === undefined) continue
        const sum = found.reduce((all, piece) => all + piece.bytes.byteLength, 0)
        expect(before.byteLength).toBe(keptBytes + sum)
        for (const piece of found) expect(Buffer.compare(before.subarray(piece.from, piece.from + piece.bytes.byteLength), piece.bytes)).toBe(0)
      }
    }),
  )
})

test('the bytes of the column are as the format says', () => {
  const text = Buffer.from('eins\nzwei\ndrei\n')
  const pieces = encodePieces(text, Uint32Array.of(0, 5, 10, 15))
  expect(Buffer.from(pieces).toString('hex')).toBe(
    `0000000005000000${Buffer.from('eins\n').toString('hex')}0a00000005000000${Buffer.from('drei\n').toString('hex')}`,
  )
  expect(Buffer.from(beforeCut(Buffer.from('zwei\n'), pieces)!).toString('utf8')).toBe('eins\nzwei\ndrei\n')
})
