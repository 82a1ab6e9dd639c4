import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Source } from '../../src/core/component.ts'
import { openInput } from '../../src/mill/inputs.ts'
import { registry } from '../../src/mill/registry.ts'
import { connect } from '../../src/storage/s3-client.ts'
import { s3Settings } from '../../src/storage/s3-place.ts'
import { runPython } from '../python.ts'
import { quernJson, root } from '../quern.ts'
import { fates } from '../laws/ledger.ts'
import { bzip2 } from '../sources/bzip2.ts'
import { readAll, readWindow, type Row } from '../sources/memory.ts'
import { startFaultProxy, type Asked, type FaultProxy } from './fault-proxy.ts'
import { bucket, startServer, type S3Server } from './s3-servers.ts'

let server: S3Server
let proxy: FaultProxy
let folder: string
let cut = 0

/** Of the bodies with more than a few bytes every second one breaks off in its middle. */
const cutting = ({ method, headers }: Asked): 'cut-body' | undefined =>
  method === 'GET' && headers.range !== undefined && rangeBytes(headers.range) > 64 && cut++ % 2 === 0 ? 'cut-body' : undefined

beforeAll(async () => {
  server = await startServer('versitygw')
  proxy = await startFaultProxy(server.endpoint)
  folder = mkdtempSync(join(tmpdir(), 'quern-s3-sources-'))
  makeFiles()
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (statSync(join(folder, name)).isFile()) await put(name, readFileSync(join(folder, name)))
  // Inputs read where the environment says.
  process.env['AWS_ENDPOINT_URL_S3'] = proxy.endpoint
})
afterAll(async () => {
  await proxy.stop()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  proxy.faults = () => undefined
  proxy.forget()
})

function rangeBytes(range: string): number {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? []
  return Number(to) - Number(from) + 1
}

/** Incompressible text, so that three row groups are longer than the pieces that they come in. */
const parquet = String.raw`
import random, sys
import pyarrow as pa, pyarrow.parquet as pq
random.seed(3)
table = pa.table({
    'text': ['%d %s' % (i, random.randbytes(1500).hex()) for i in range(9000)],
    'url': ['http://e.example/%d' % i for i in range(9000)],
    'n': list(range(9000)),
})
pq.write_table(table, sys.argv[1] + '/parquet/rows.parquet', row_group_size=3000, compression='none', use_dictionary=False)
pq.write_table(table.slice(0, 40), sys.argv[1] + '/parquet/small.parquet', row_group_size=15)
`

/** Files of every kind in a folder. */
function makeFiles(): void {
  const sample = (name: string): Buffer => readFileSync(join(root, 'data-samples', name))
  const lines = sample('documents.jsonl')
  const wiki = sample('records/wiki.xml')
  const archive = sample('debian-docs.warc.gz')
  const files: Record<string, Uint8Array> = {
    'jsonl/a.jsonl': lines,
    'jsonl/a.jsonl.gz': gzipSync(lines),
    'jsonl/a.jsonl.zst': zstdCompressSync(lines),
    'jsonl/a.jsonl.bz2': bzip2([lines]),
    'warc/a.warc.gz': archive,
    'crawl/warc/00000.warc.gz': archive,
    'mediawiki/wiki.xml': wiki,
    'mediawiki/wiki.xml.bz2': bzip2([wiki]),
    'tmx/memory.tmx': sample('records/memory.tmx'),
    'oai-pmh/repository.xml.gz': gzipSync(sample('records/repository.xml')),
    'tei/session.xml': sample('records/session.xml'),
    'sitemap/sitemap.xml': sample('records/sitemap.xml'),
  }
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), bytes)
  }
  mkdirSync(join(folder, 'parquet'))
  runPython(parquet, [folder])
  writeFileSync(join(folder, 'parquet/torn.parquet'), readFileSync(join(folder, 'parquet/small.parquet')).subarray(0, -20))
}

const put = async (name: string, Body: Uint8Array): Promise<unknown> =>
  connect({ ...s3Settings(), endpoint: server.endpoint }).client.send(new PutObjectCommand({ Bucket: bucket, Key: `in/${name}`, Body }))

async function rowsOf(kind: string, location: string, path: string): Promise<Row[]> {
  const source = registry.sources[kind] as Source
  const file = { path, location, bytes: statSync(join(folder, path)).size, sha256: '' }
  const input = await openInput(file)
  try {
    return await readAll(source, source.config.parse({}), input, file)
  } finally {
    await input.close()
  }
}

const spooled = (): string[] => (existsSync(join(server.cache, 'spool')) ? readdirSync(join(server.cache, 'spool')) : [])

test.each([
  ['jsonl', 'jsonl/a.jsonl'],
  ['jsonl', 'jsonl/a.jsonl.gz'],
  ['jsonl', 'jsonl/a.jsonl.zst'],
  ['jsonl', 'jsonl/a.jsonl.bz2'],
  ['warc', 'warc/a.warc.gz'],
  ['crawl', 'crawl/warc/00000.warc.gz'],
  ['mediawiki', 'mediawiki/wiki.xml'],
  ['mediawiki', 'mediawiki/wiki.xml.bz2'],
  ['tmx', 'tmx/memory.tmx'],
  ['oai-pmh', 'oai-pmh/repository.xml.gz'],
  ['tei', 'tei/session.xml'],
  ['sitemap', 'sitemap/sitemap.xml'],
  ['parquet', 'parquet/rows.parquet'],
  ['parquet', 'parquet/small.parquet'],
  ['parquet', 'parquet/torn.parquet'],
])('%s: %s has the same rows from a bucket, over bodies that break off', async (kind, path) => {
  const expected = await rowsOf(kind, join(folder, path), path)
  expect(expected.length).toBeGreaterThan(0)
  cut = 0
  proxy.faults = cutting
  expect(await rowsOf(kind, `s3://${bucket}/in/${path}`, path)).toEqual(expected)
  if (path !== 'parquet/torn.parquet') expect(cut).toBeGreaterThan(0)
  expect(spooled()).toEqual([])
})

test('of a Parquet file only the footer and the row group that is read come', async () => {
  const path = 'parquet/rows.parquet'
  const location = `s3://${bucket}/in/${path}`
  const bytes = statSync(join(folder, path)).size
  const source = registry.sources['parquet'] as Source
  const file = { path, location, bytes, sha256: '' }
  const input = await openInput(file)
  const came = (): number => {
    const total = proxy.asked.reduce((sum, { headers }) => sum + (headers.range === undefined ? 0 : rangeBytes(headers.range)), 0)
    proxy.forget()
    return total
  }
  came()
  expect(await source.windows(file, input, source.config.parse({}))).toHaveLength(3)
  expect(came()).toBeLessThan(20_000)
  const { rows } = await readWindow(source, source.config.parse({}), input, file, { start: 3000, end: 6000 })
  expect(rows.map(({ offset }) => offset)).toEqual(Array.from({ length: 3000 }, (_, i) => 3000 + i))
  const group = came()
  expect(group).toBeGreaterThan(8 << 20)
  expect(group).toBeLessThan(bytes / 2.9)
  // Whoever stops early leaves nothing behind.
  for await (const batch of source.read(input, file, { start: 0, end: 3000 }, undefined, source.config.parse({}))) {
    expect(batch.rows).toBeGreaterThan(0)
    expect(spooled()).toHaveLength(1)
    break
  }
  expect(spooled()).toEqual([])
})

test('a Parquet file that is replaced while it is read is no mix of both', async () => {
  const path = 'changing.parquet'
  const bytes = readFileSync(join(folder, 'parquet/rows.parquet'))
  await put(path, bytes)
  const source = registry.sources['parquet'] as Source
  const file = { path, location: `s3://${bucket}/in/${path}`, bytes: bytes.length, sha256: '' }
  const input = await openInput(file)
  expect(await source.windows(file, input, source.config.parse({}))).toHaveLength(3)
  await put(path, bytes.fill('x'))
  await expect(readWindow(source, source.config.parse({}), input, file, { start: 0, end: 3000 })).rejects.toMatchObject({ code: 'input-changed' })
  expect(spooled()).toEqual([])
})

test('a run over inputs of every kind in a bucket ends like the same run over folders', () => {
  const pipeline = (name: string, at: string): string => {
    const file = join(folder, `${name}.json.yaml`)
    const kinds = {
      jsonl: 'jsonl/*',
      parquet: 'parquet/*',
      mediawiki: 'mediawiki/*',
      tmx: 'tmx/*',
      'oai-pmh': 'oai-pmh/*',
      tei: 'tei/*',
      sitemap: 'sitemap/*',
    }
    const sources = Object.entries({ ...kinds, warc: 'warc/*', crawl: 'crawl' }).map(([use, path]) => ({
      use,
      name: use,
      licence: 'none',
      paths: [`${at}/${path}`],
    }))
    const stages = [{ use: 'extract-html' }, { use: 'exact-duplicates' }, { use: 'tokenize', tokenizer: join(root, 'data-samples/tokenizer.json') }]
    writeFileSync(file, JSON.stringify({ name: 'every-kind', sources, stages, output: { dataset: join(folder, name) } }))
    return file
  }
  process.env['AWS_ENDPOINT_URL_S3'] = server.endpoint // quernJson waits, and the proxy with it
  const inFolder = quernJson<{ read: number }>(['run', pipeline('from-folder', folder)])
  expect(inFolder.read).toBeGreaterThan(9000)
  expect(quernJson(['run', pipeline('from-bucket', `s3://${bucket}/in`)])).toMatchObject({ read: inFolder.read })
  expect(fates(join(folder, 'from-bucket'))).toEqual(fates(join(folder, 'from-folder')))
  expect(spooled()).toEqual([])
}, 300_000)
