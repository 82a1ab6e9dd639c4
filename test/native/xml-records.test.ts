import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rowText } from '../../src/core/batch.ts'
import { readXmlRecords, splitXml, xmlFaults, type XmlBatch, type XmlSplit, xmlPacking } from '../../src/native/xml-records.ts'
import { bzip2 } from '../sources/bzip2.ts'

const split: XmlSplit = { names: ['url'], nestsFrom: 0, maxRecordBytes: 1 << 20, batchRows: 3, batchBytes: 1 << 20 }

async function told(batches: AsyncIterable<XmlBatch>): Promise<string[]> {
  const rows: string[] = []
  for await (const batch of batches)
    for (let row = 0; row < batch.rows; row += 1) {
      const place = `${batch.offset[row]}+${batch.length[row]}`
      rows.push(`${place} ${xmlFaults[batch.fault[row]!] ?? rowText(batch.record, row)} in ${rowText(batch.contexts, batch.context[row]!)}`)
    }
  return rows
}

async function* pieces(data: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size)
}

const document = Buffer.from(
  `<urlset xmlns="x">${Array.from({ length: 50 }, (_, i) => `<url><loc>http://e.example/${i}</loc></url>`).join('\n')}<url></urlset>`,
)

test('a stream gives the same records in pieces of any size, packed or not', async () => {
  const whole = await told(splitXml(split, 'plain', pieces(document, document.length)))
  expect(whole).toHaveLength(51)
  expect(whole[1]).toBe('59+40 <url><loc>http://e.example/1</loc></url> in <urlset xmlns="x">')
  expect(whole[50]).toMatch(/ malformed in /)
  for (const packed of [document, gzipSync(document), zstdCompressSync(document), bzip2([document])])
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 200 }), async (size) => {
        expect(await told(splitXml(split, xmlPacking(packed), pieces(packed, size)))).toEqual(whole)
      }),
      { numRuns: 10, seed: 7 },
    )
})

test('a window of a file ends where the file does', async () => {
  const window = { packing: 'plain', members: false, fileBytes: document.length, start: 0, end: document.length, search: false } as const
  const records = readXmlRecords(split, window, (offset) => Promise.resolve(document.subarray(offset, offset + 100)))
  let next = await records.next()
  let rows = 0
  for (; next.done !== true; next = await records.next()) rows += next.value.rows
  expect([rows, next.value]).toEqual([51, { first: 0, end: document.length }])
})
