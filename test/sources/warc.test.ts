import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { QuernError } from '../../src/core/errors.ts'
import warc from '../../src/sources/warc.ts'
import { runPython } from '../python.ts'
import { inputFile, memoryInput, readAll, told, type Row } from './memory.ts'

const defaults = warc.config.parse({})

/** Archives as another implementation writes them, and its own reading of each: url, record type, decoded payload. */
const makeArchives = String.raw`
import gzip, io, json, sys, zlib
from warcio.warcwriter import WARCWriter
from warcio.statusandheaders import StatusAndHeaders
from warcio.archiveiterator import ArchiveIterator

def page(i):
    return ('<html><body><h1>Seite %d</h1><p>%s</p></body></html>' % (i, 'Wörter und Sätze. ' * (i * 7 % 50))).encode()

def chunked(data):
    out = b''
    for at in range(0, len(data), 100):
        piece = data[at:at + 100]
        out += b'%x\r\n%s\r\n' % (len(piece), piece)
    return out + b'0\r\n\r\n'

def write(path, zipped):
    with open(path, 'wb') as out:
        writer = WARCWriter(out, gzip=zipped)
        writer.write_record(writer.create_warcinfo_record('test.warc', {'software': 'warcio'}))
        for i in range(60):
            url = 'http://e.example/%d' % i
            data, headers = page(i), [('Content-Type', 'text/html; charset=utf-8')]
            if i % 5 == 1:
                data = gzip.compress(data); headers.append(('Content-Encoding', 'gzip'))
            if i % 5 == 2:
                data = zlib.compress(data); headers.append(('Content-Encoding', 'deflate'))
            if i % 5 == 3:
                z = zlib.compressobj(wbits=-15); data = z.compress(data) + z.flush(); headers.append(('Content-Encoding', 'deflate'))
            if i % 4 == 1:
                data = chunked(data); headers.append(('Transfer-Encoding', 'chunked'))
            status = '404 Not Found' if i % 20 == 19 else '200 OK'
            record = writer.create_warc_record(url, 'response', payload=io.BytesIO(data),
                http_headers=StatusAndHeaders(status, headers, protocol='HTTP/1.1'))
            request = writer.create_warc_record(url, 'request', http_headers=StatusAndHeaders('GET / HTTP/1.1', [('Host', 'e.example')], is_http_request=True))
            if i % 9 == 8:
                writer.write_record(writer.create_revisit_record(url, digest='sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ', refers_to_uri=url, refers_to_date='2020-01-01T00:00:00Z'))
            else:
                writer.write_request_response_pair(request, record)
        writer.write_record(writer.create_warc_record('http://e.example/wet', 'conversion', payload=io.BytesIO('nur Text – ok'.encode()), warc_content_type='text/plain'))

folder = sys.argv[1]
write(folder + '/plain.warc', False)
write(folder + '/members.warc.gz', True)
plain = open(folder + '/plain.warc', 'rb').read()
open(folder + '/stream.warc.gz', 'wb').write(gzip.compress(plain))
with open(folder + '/blocks.warc.gz', 'wb') as out:
    for at in range(0, len(plain), 4096):
        out.write(gzip.compress(plain[at:at + 4096]))
rows = []
with open(folder + '/members.warc.gz', 'rb') as stream:
    archive = ArchiveIterator(stream)
    for record in archive:
        kind = record.rec_type
        if kind not in ('response', 'revisit', 'conversion'): continue
        content = record.content_stream().read().decode()
        status = record.http_headers.get_statuscode() if kind == 'response' else ''
        rows.append([record.rec_headers.get_header('WARC-Target-URI'), kind, status, content, archive.get_record_offset(), archive.get_record_length()])
print(json.dumps(rows))
`

let folder: string
let expected: { url: string; rule: string | undefined; content: string }[]
let places: { offset: number; length: number }[]

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quern-warc-'))
  const rows = JSON.parse(runPython(makeArchives, [folder])) as [string, string, string, string, number, number][]
  expected = rows.map(([url, kind, status, content]) => {
    const rule = kind === 'revisit' ? 'warc/revisit' : status === '404' ? 'warc/http-status' : undefined
    return { url, rule, content: rule === undefined ? content : '' }
  })
  places = rows.map(([, , , , offset, length]) => ({ offset, length }))
})

const content = (row: Row) => ({ url: row['url'], rule: row.rule, content: `${row['payload']}${row['text']}` })

describe('archives of warcio', () => {
  test.each(['plain.warc', 'members.warc.gz', 'stream.warc.gz', 'blocks.warc.gz'])('%s reads as warcio reads it', async (name) => {
    const rows = await readAll(warc, defaults, memoryInput(readFileSync(join(folder, name))))
    expect(rows.map(content)).toEqual(expected)
  })

  test('offset and length are those of the member', async () => {
    const rows = await readAll(warc, defaults, memoryInput(readFileSync(join(folder, 'members.warc.gz'))))
    expect(rows.map((row) => ({ offset: row['offset'], length: row['length'] }))).toEqual(places)
  })

  test('windows of any size give the same rows', async () => {
    for (const name of ['plain.warc', 'members.warc.gz']) {
      const data = readFileSync(join(folder, name))
      const whole = await readAll(warc, defaults, memoryInput(data))
      for (const part of [1000, 4096, 7777, 50_000])
        expect(await readAll(warc, warc.config.parse({ 'part-bytes': part }), memoryInput(data))).toEqual(whole)
    }
  })

  test('what cannot be entered is one window', async () => {
    for (const name of ['stream.warc.gz', 'blocks.warc.gz']) {
      const input = memoryInput(readFileSync(join(folder, name)))
      expect(await warc.windows(inputFile(), input, warc.config.parse({ 'part-bytes': 1000 }))).toEqual([{ start: 0, end: input.bytes }])
    }
  })
})

describe('other packings', () => {
  test('brotli bodies and zstd archives', async () => {
    const script = String.raw`
import io, sys, brotli, pyarrow
from warcio.warcwriter import WARCWriter
from warcio.statusandheaders import StatusAndHeaders
out = io.BytesIO()
writer = WARCWriter(out, gzip=False)
for i in range(3):
    data = brotli.compress(b'<html><p>page %d</p></html>' % i)
    headers = [('Content-Type', 'text/html'), ('Content-Encoding', 'br')]
    writer.write_record(writer.create_warc_record('u%d' % i, 'response', payload=io.BytesIO(data), http_headers=StatusAndHeaders('200 OK', headers, protocol='HTTP/1.1')))
open(sys.argv[1], 'wb').write(pyarrow.compress(out.getvalue(), codec='zstd', asbytes=True))`
    runPython(script, [join(folder, 'brotli.warc.zst')])
    const rows = await readAll(warc, defaults, memoryInput(readFileSync(join(folder, 'brotli.warc.zst'))))
    expect(rows.map(content)).toEqual([0, 1, 2].map((i) => ({ url: `u${i}`, rule: undefined, content: `<html><p>page ${i}</p></html>` })))
  })

  test('ARC is refused by name', async () => {
    const arc = memoryInput(Buffer.from('filedesc://x.arc 0.0.0.0 20240101000000 text/plain 77\n1 0 Archive\n'))
    await expect(warc.windows(inputFile(), arc, defaults)).rejects.toThrow(QuernError)
    await expect(readAll(warc, defaults, arc)).rejects.toMatchObject({ code: 'unsupported-input' })
  })

  test('an empty file is one empty window', async () => {
    expect(await readAll(warc, defaults, memoryInput(new Uint8Array()))).toEqual([])
  })
})

describe('damage', () => {
  test('changed bytes never lose an untouched record, and every way of cutting reads the same', async () => {
    const files = ['plain.warc', 'members.warc.gz', 'stream.warc.gz'].map((name) => readFileSync(join(folder, name)))
    const clean = await Promise.all(files.map((data) => readAll(warc, defaults, memoryInput(data))))
    await fc.assert(
      fc.asyncProperty(
        fc.nat(2),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.integer({ min: 1, max: 255 })), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.integer({ min: 2000, max: 60_000 }),
        async (which, flips, part) => {
          const data = Buffer.from(files[which] ?? [])
          const touched = flips.map(([at, by]) => {
            const position = Math.floor(at * data.length)
            data[position] = (data[position] ?? 0) ^ by
            return position
          })
          const input = memoryInput(data)
          const rows = await readAll(warc, defaults, input)
          expect(input.read_bytes()).toBeLessThan(data.length * 4 + (16 << 20))
          expect(await readAll(warc, warc.config.parse({ 'part-bytes': part }), memoryInput(data))).toEqual(rows)
          if (which === 2) return
          const untouched = (clean[which] ?? []).filter((row) => {
            const start = row['offset'] as number
            const end = start + (row['length'] as number)
            return touched.every((position) => position < start || position >= end + 2)
          })
          const kept = new Set(rows.map((row) => JSON.stringify(content(row))))
          for (const row of untouched) expect(kept).toContain(JSON.stringify(content(row)))
          expect(rows.length).toBeLessThanOrEqual((clean[which] ?? []).length + 2 * flips.length)
        },
      ),
      { numRuns: 150, seed: 7 },
    )
  })

  test('each rule names its place', async () => {
    const data = readFileSync(join(folder, 'members.warc.gz'))
    const third = places[2]
    if (third === undefined) throw new Error('the archive has records')
    const broken = Buffer.from(data)
    const checksum = third.offset + third.length - 6
    broken[checksum] = (broken[checksum] ?? 0) ^ 0xff
    const rows = await readAll(warc, defaults, memoryInput(broken))
    expect(rows).toHaveLength(places.length)
    expect(rows[2]).toMatchObject({ rule: 'unreadable/bad-gzip', offset: third.offset })
    const cut = await readAll(warc, defaults, memoryInput(data.subarray(0, (places[5]?.offset ?? 0) + 40)))
    expect(told(cut).slice(5)).toEqual([expect.stringContaining('unreadable/truncated')])
  })
})

test('memory does not grow with what was read', async () => {
  const body = 'x'.repeat(200_000)
  const block = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n${body}`
  const record = `WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\nContent-Length: ${block.length}\r\n\r\n${block}\r\n\r\n`
  const input = memoryInput(gzipSync(record.repeat(500)))
  const pass = async () => {
    let rows = 0
    for (const window of await warc.windows(inputFile(), input, defaults))
      for await (const batch of warc.read(input, inputFile(), window, undefined, defaults)) rows += batch.rows
    return rows
  }
  expect(await pass()).toBe(500)
  const before = process.memoryUsage().rss
  for (let i = 0; i < 8; i++) await pass() // oxlint-disable-line no-await-in-loop -- one after the other is the point
  expect(process.memoryUsage().rss - before).toBeLessThan(300 << 20) // 800 MB were read
})
