import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import parquet from '../../src/sources/parquet.ts'
import { runPython } from '../python.ts'
import { inputFile, memoryInput, readAll } from './memory.ts'

const defaults = parquet.config.parse({})
const read = (path: string, config: unknown = defaults) => readAll(parquet, config, memoryInput(readFileSync(path)), inputFile(path))

const script = String.raw`
import datetime, json, sys
import pyarrow as pa, pyarrow.parquet as pq
folder = sys.argv[1]
n = 1000
when = datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.timezone.utc)
table = pa.table({
    'id': pa.array(range(n), pa.int64()),
    'text': ['Text %d – äöü %s' % (i, 'x' * (i % 300)) if i % 10 else None for i in range(n)],
    'url': ['http://e.example/%d' % i for i in range(n)],
    'date': pa.array([when + datetime.timedelta(days=i) for i in range(n)], pa.timestamp('ms', 'UTC')),
    'title': pa.array(['t%d' % (i % 7) for i in range(n)]).dictionary_encode(),
    'tags': [['a', str(i)] if i % 3 else None for i in range(n)],
    'nested': [{'score': i / 2, 'ok': i % 2 == 0} for i in range(n)],
    'raw': pa.array([bytes([0xff, i % 256]) for i in range(n)], pa.binary()),
})
for codec in ['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4']:
    pq.write_table(table, folder + '/' + codec + '.parquet', row_group_size=300, compression=codec, data_page_size=2000)
pq.write_table(table, folder + '/v2.parquet', row_group_size=300, data_page_version='2.0')
bad = pa.array([b'good', b'bad \xff', b'fine'], pa.binary()).view(pa.string())
pq.write_table(pa.table({'text': bad}), folder + '/utf8.parquet')
pq.write_table(pa.table({'body': ['x']}), folder + '/other.parquet')
pq.write_table(table.slice(0, 0), folder + '/empty.parquet')
`

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quern-parquet-'))
  runPython(script, [folder])
})

describe('files of pyarrow', () => {
  test.each(['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4', 'v2'])('%s', async (codec) => {
    const rows = await read(join(folder, `${codec}.parquet`))
    expect(rows).toHaveLength(1000)
    rows.forEach((row, i) => {
      const kept = i % 10 > 0
      expect(row).toMatchObject({ offset: i, length: 1, url: `http://e.example/${i}`, rule: kept ? undefined : 'parquet/no-text' })
      if (kept) expect(row['text']).toBe(`Text ${i} – äöü ${'x'.repeat(i % 300)}`)
    })
    expect(rows[1]?.['date']).toMatch(/^2024-05-02T12:00:00(\.000)?Z$/)
    expect(rows[8]?.['title']).toBe('t1')
    expect(JSON.parse(rows[8]?.['extra'] as string)).toEqual({ id: 8, tags: ['a', '8'], nested: { score: 4, ok: true }, raw: '/wg=' })
  })

  test('a window is a row group', async () => {
    const path = join(folder, 'zstd.parquet')
    expect(await parquet.windows(inputFile(path), memoryInput(readFileSync(path)), defaults)).toEqual([
      { start: 0, end: 300 },
      { start: 300, end: 600 },
      { start: 600, end: 900 },
      { start: 900, end: 1000 },
    ])
    expect(await read(join(folder, 'empty.parquet'))).toEqual([])
  })

  test('a string that is not UTF-8 costs its own row', async () => {
    expect((await read(join(folder, 'utf8.parquet'))).map((row) => row.rule)).toEqual([undefined, 'unreadable/bad-utf8', undefined])
  })

  test('a missing text column is an error with its remedy', async () => {
    await expect(read(join(folder, 'other.parquet'))).rejects.toMatchObject({ code: 'unsupported-input' })
    expect(await read(join(folder, 'other.parquet'), parquet.config.parse({ 'text-field': 'body' }))).toHaveLength(1)
  })

  test('what is no Parquet file is one row', async () => {
    const path = join(folder, 'not.parquet')
    for (const content of ['', 'PAR1', 'no parquet at all, but some bytes', 'PAR1xxxxPAR1']) {
      writeFileSync(path, content)
      expect((await read(path)).map((row) => row.rule)).toEqual(['unreadable/bad-parquet'])
    }
  })

  test('a schema nested to break the stack is one row', async () => {
    // A footer by hand (Thrift compact): version 1, then groups of one child each inside each other.
    const group = Buffer.from([0x35, 2, 0x18, 1, 97, 0x15, 2, 0])
    const elements = 60_000
    const size = Buffer.from([0xfc, (elements & 127) | 128, ((elements >> 7) & 127) | 128, elements >> 14])
    const footer = Buffer.concat([Buffer.from([0x15, 2, 0x19]), size, ...Array.from({ length: elements }, () => group), Buffer.from([0])])
    const length = Buffer.alloc(4)
    length.writeUInt32LE(footer.length)
    const path = join(folder, 'deep.parquet')
    writeFileSync(path, Buffer.concat([Buffer.from('PAR1'), footer, length, Buffer.from('PAR1')]))
    expect((await read(path)).map((row) => row.rule)).toEqual(['unreadable/bad-parquet'])
  })

  test('damage costs the rest of its row group at most', async () => {
    const clean = readFileSync(join(folder, 'zstd.parquet'))
    const path = join(folder, 'damaged.parquet')
    const footerBytes = 8 + clean.readUInt32LE(clean.length - 8)
    let state = 1
    for (let round = 0; round < 200; round++) {
      const data = Buffer.from(clean)
      state = (state * 48271) % 2147483647
      const footer = round % 4 === 0
      const at = footer ? data.length - 1 - (state % footerBytes) : 4 + (state % (data.length - 4 - footerBytes))
      data[at] = (data[at] ?? 0) ^ (1 + (state % 255))
      writeFileSync(path, data)
      // oxlint-disable-next-line no-await-in-loop -- one file after the other
      const rows = await read(path).catch((error: unknown) => expect(error).toMatchObject({ code: 'unsupported-input' }))
      if (rows === undefined || footer) continue
      const bad = rows.filter((row) => row.rule === 'unreadable/bad-parquet')
      expect(bad.length).toBeLessThanOrEqual(1)
      expect(rows.reduce((sum, row) => sum + (row['length'] as number), 0)).toBe(1000)
    }
  })
})
