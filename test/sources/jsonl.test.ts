import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import jsonl from '../../src/sources/jsonl.ts'
import { runPython } from '../python.ts'
import { scratch } from '../quern.ts'
import { bzip2 } from './bzip2.ts'
import { inputFile, memoryInput, readAll } from './memory.ts'

const defaults = jsonl.config.parse({})
const read = (data: Uint8Array | string, config: unknown = defaults) =>
  readAll(jsonl, config, memoryInput(typeof data === 'string' ? Buffer.from(data) : data))

test('fields become columns, the others stay one object', async () => {
  const rows = await read('{"id":"a1","text":"Grüße","url":"http://e.example/","date":"2024-05-01","title":"T","score":0.50}\n{"text":"x"}\n')
  expect(rows).toEqual([
    {
      offset: 0,
      length: 100,
      text: 'Grüße',
      url: 'http://e.example/',
      date: '2024-05-01',
      title: 'T',
      extra: '{"id":"a1","score":0.50}',
      rule: undefined,
    },
    { offset: 100, length: 13, text: 'x', url: '', date: '', title: '', extra: '', rule: undefined },
  ])
})

test('field names are configurable', async () => {
  const rows = await read('{"content":"c","text":"t"}\n', jsonl.config.parse({ 'text-field': 'content' }))
  expect(rows[0]).toMatchObject({ text: 'c', extra: '{"text":"t"}' })
})

test('every string that Python writes is read back', async () => {
  const script = String.raw`
import json, random, sys
random.seed(5)
pool = ['a', 'ä', '\U0001f600', '"', '\\', '/', '\n', '\t', '\x01', '\u2028', '\ud800', '\udc00', '\x7f', '{', '}']
texts = ['x' + ''.join(random.choices(pool, k=random.randint(0, 30))) for _ in range(400)]
open(sys.argv[1], 'w').writelines(json.dumps({'text': t, 'n': {'t': t}}, ensure_ascii=True) + '\n' for t in texts)
print(json.dumps([t.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace') for t in texts]))`
  const path = join(scratch(), 'texts.jsonl')
  const expected = JSON.parse(runPython(script, [path])) as string[]
  const rows = await read(readFileSync(path))
  expect(rows.map((row) => row['text'])).toEqual(expected)
  expect(rows.map((row) => (JSON.parse(row['extra'] as string) as { n: { t: string } }).n.t.toWellFormed())).toEqual(expected)
})

test('gzip, many members, zstd and bzip2 give the rows of the plain file', async () => {
  const lines = Array.from({ length: 500 }, (_, i) => `{"text":"Zeile ${i}"}\n`)
  const plain = Buffer.from(lines.join(''))
  const members = Buffer.concat(Array.from({ length: 50 }, (_, i) => gzipSync(plain.subarray(i * 200, i === 49 ? plain.length : (i + 1) * 200))))
  const expected = await read(plain)
  expect(expected).toHaveLength(500)
  for (const packed of [gzipSync(plain), members, zstdCompressSync(plain), bzip2([plain]), bzip2([plain.subarray(0, 999), plain.subarray(999)])]) {
    expect(await read(packed)).toEqual(expected)
    expect(await jsonl.windows(inputFile(), memoryInput(packed), jsonl.config.parse({ 'part-bytes': 100 }))).toHaveLength(1)
  }
})

test('windows of a plain file give the same rows, whatever is in it', async () => {
  const line = fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => JSON.stringify({ text, id: text.length })) },
    { weight: 1, arbitrary: fc.constantFrom('', ' ', '{', 'null', '{"text":1}', '{"text":"a"} b', '\r') },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 40 }), fc.constantFrom('\n', '\r\n'), fc.integer({ min: 1, max: 300 }), async (lines, end, part) => {
      const data = Buffer.from(lines.join(end))
      const whole = await read(data)
      expect(await read(data, jsonl.config.parse({ 'part-bytes': part }))).toEqual(whole)
      expect(whole).toHaveLength(lines.filter((text) => text.trim() !== '').length)
    }),
    { numRuns: 200, seed: 11 },
  )
})

test('damage is named', async () => {
  const good = '{"text":"good"}\n'
  expect((await read(`${good}{"text":"a"`)).map((row) => row.rule)).toEqual([undefined, 'unreadable/truncated'])
  expect((await read(`${good}{"text":"a"\n${good}`)).map((row) => row.rule)).toEqual([undefined, 'unreadable/bad-json', undefined])
  expect((await read(Buffer.concat([Buffer.from(good), Buffer.from([0x22, 0xff, 0x0a]), Buffer.from(good)]))).map((row) => row.rule)).toEqual([
    undefined,
    'unreadable/bad-utf8',
    undefined,
  ])
  const long = await read(`${good}{"text":"${'y'.repeat(100)}"}\n${good}`, jsonl.config.parse({ 'max-line-bytes': 50 }))
  expect(long.map((row) => row.rule)).toEqual([undefined, 'unreadable/too-large', undefined])
  const packed = gzipSync(good.repeat(100))
  expect((await read(packed.subarray(0, packed.length - 4))).at(-1)?.rule).toBe('unreadable/truncated')
  const streams = bzip2([good, good])
  streams[streams.length - 20]! ^= 0xff
  expect((await read(streams)).map((row) => row.rule)).toEqual([undefined, 'unreadable/bad-bzip2'])
})
