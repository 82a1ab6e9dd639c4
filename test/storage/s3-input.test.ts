import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { CreateMultipartUploadCommand, ListMultipartUploadsCommand, PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3'
import { findInputs, openInput } from '../../src/mill/inputs.ts'
import { connect, type S3 } from '../../src/storage/s3-client.ts'
import { matchObjects } from '../../src/storage/s3-input.ts'
import { abortOldUploads } from '../../src/storage/s3-list.ts'
import { getObject } from '../../src/storage/s3-read.ts'
import { openS3Store } from '../../src/storage/s3-store.ts'
import { loadPipeline } from '../../src/config/pipeline-file.ts'
import { registry } from '../../src/mill/registry.ts'
import { openFileStore } from '../../src/storage/file-store.ts'
import { writePipeline } from '../laws/pages.ts'
import { scratch } from '../quern.ts'
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts'
import { bucket, startServer, testSettings, type S3Server } from './s3-servers.ts'

let server: S3Server
let proxy: FaultProxy
let s3: S3
beforeAll(async () => {
  server = await startServer('versitygw')
  proxy = await startFaultProxy(server.endpoint)
  s3 = connect(testSettings({ endpoint: server.endpoint }))
  // Inputs read where the environment says.
  process.env['AWS_ENDPOINT_URL_S3'] = proxy.endpoint
})
afterAll(async () => {
  await proxy.stop()
  await server.stop()
})
beforeEach(() => {
  proxy.faults = () => undefined
})

const put = async (Key: string, Body: Uint8Array | string): Promise<unknown> =>
  s3.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Buffer.from(Body) }))

const bytes = new Uint8Array(20 << 20)
new Uint32Array(bytes.buffer).forEach((_, i, words) => (words[i] = Math.imul(i, 2654435761)))
const sha256 = createHash('sha256').update(bytes).digest('hex')

test('an input is read by ranges, over bodies that break off, and hashed once', async () => {
  const folder = scratch()
  await put('crawl/1/a.jsonl', bytes)
  await put('crawl/2/deep/b.jsonl', 'b')
  await put('crawl/c.txt', 'c')
  const pipeline = await loadPipeline(writePipeline(folder, 'inputs', [`s3://${bucket}/crawl/**/*.jsonl`]), registry, { out: join(folder, 'set') })
  let gets = 0
  proxy.faults = ({ method, path }) => (method === 'GET' && path.includes('a.jsonl') && gets++ % 2 === 0 ? 'cut-body' : undefined)
  const store = openFileStore(join(folder, 'set'))
  const inputs = await findInputs(pipeline, store)
  expect(inputs.map(({ path, location, bytes: size }) => [path, location, size])).toEqual([
    ['1/a.jsonl', `s3://${bucket}/crawl/1/a.jsonl`, bytes.length],
    ['2/deep/b.jsonl', `s3://${bucket}/crawl/2/deep/b.jsonl`, 1],
  ])
  expect(inputs[0]?.sha256).toBe(sha256)
  expect(gets).toBeGreaterThan(5)
  const before = gets
  expect(await findInputs(pipeline, store)).toEqual(inputs)
  expect(gets).toBe(before)

  const input = await openInput(inputs[0]!)
  for (const [offset, length] of [
    [0, 100],
    [(8 << 20) - 3, 10],
    [5 << 20, 12 << 20],
    [bytes.length - 5, 100],
    [bytes.length, 1],
    [3, 0],
  ] as const)
    expect(Buffer.compare(await input.read(offset, length), bytes.subarray(offset, offset + length))).toBe(0)
  await input.close()
})

test('ranges that come in chunks are read all the same, a whole object needs a length', async () => {
  await put('chunks/a.bin', bytes)
  proxy.faults = ({ method }) => (method === 'GET' ? 'in-chunks' : undefined)
  const through = connect(testSettings({ endpoint: proxy.endpoint }))
  const object = { bucket, key: 'chunks/a.bin' }
  await expect(getObject(through, object)).rejects.toThrow('does not say how long')
  expect(Buffer.compare((await getObject(through, object, { offset: 5, length: 9 << 20 }))!, bytes.subarray(5, 5 + (9 << 20)))).toBe(0)
  expect(await getObject(through, { bucket, key: 'chunks/none' })).toBeUndefined()
  expect(proxy.happened.get('in-chunks')).toBeGreaterThan(2)
})

test('an input that changes is no mix of both, and one that is gone is named', async () => {
  const long = new Uint8Array(32 << 20)
  await put('changing/a.jsonl', long)
  const file = { path: 'a.jsonl', location: `s3://${bucket}/changing/a.jsonl`, bytes: long.length, sha256: '' }
  const input = await openInput(file)
  await input.read(0, 10)
  await put('changing/a.jsonl', long.fill(1))
  await expect(
    (async () => {
      for (let offset = 0; offset < long.length; offset += 1 << 20) await input.read(offset, 1 << 20)
    })(),
  ).rejects.toMatchObject({ code: 'input-changed' })
  await expect(openInput({ ...file, bytes: 7 })).rejects.toMatchObject({ code: 'input-changed' })
  await expect(openInput({ ...file, location: `s3://${bucket}/nothing` })).rejects.toMatchObject({ code: 'missing-file' })
})

test('patterns match as they do in folders', async () => {
  for (const key of ['g/a.gz', 'g/b.txt', 'g/x/c.gz', 'g/x/y/d.gz', 'g/[e].gz', 'g/']) await put(key, key.endsWith('/') ? '' : key)
  const matched = async (pattern: string, base = 'g'): Promise<string[]> =>
    (await matchObjects(`s3://${bucket}/${pattern}`, `s3://${bucket}/${base}`, /[*?[{]/.test(pattern))).map(({ key }) => key)
  expect(await matched('g/*.gz')).toEqual(['g/[e].gz', 'g/a.gz'])
  expect(await matched('g/**/*.gz')).toEqual(['g/[e].gz', 'g/a.gz', 'g/x/c.gz', 'g/x/y/d.gz'])
  expect(await matched('g/x/*/*.gz', 'g/x')).toEqual(['g/x/y/d.gz'])
  expect(await matched('g/{a,b}.*')).toEqual(['g/a.gz', 'g/b.txt'])
  expect(await matched('g/a.gz')).toEqual(['g/a.gz'])
  expect(await matched('g/none.gz')).toEqual([])
})

test('a local copy is checked before it is used, and copies are bounded', async () => {
  const folder = scratch()
  const url = `s3://${bucket}/${randomUUID()}`
  const open = () => openS3Store(url, testSettings({ endpoint: server.endpoint, cacheFolder: join(folder, 'cache'), cacheBytes: 2_500_000 }))
  const store = open()
  for (let i = 0; i < 4; i++) await store.put(`o/${i}`, Buffer.alloc(1_000_000, String(i)))
  const copies = (): string[] =>
    readdirSync(join(folder, 'cache', 'objects'), { recursive: true, encoding: 'utf8' }).filter((name) => name.length > 64)
  const [file, again] = await Promise.all([store.localPath('o/0'), store.localPath('o/0')])
  expect(again).toBe(file)
  expect(copies()).toHaveLength(1)
  // A disk that bit it, or a copy that was cut: another process notices.
  for (const damage of [() => writeFileSync(file, Buffer.alloc(1_000_000, 'x')), () => truncateSync(file, 10), () => rmSync(file)]) {
    damage()
    expect(
      createHash('sha256')
        .update(readFileSync(await open().localPath('o/0')))
        .digest('hex'),
    ).toBe(createHash('sha256').update(Buffer.alloc(1_000_000, '0')).digest('hex'))
  }
  // Damage that no time tells of is found a week later at the latest, and the whole index is not read every night until then.
  const { mtimeMs } = statSync(file)
  writeFileSync(file, Buffer.alloc(1_000_000, 'x'))
  utimesSync(file, new Date(), new Date(Math.floor(mtimeMs)))
  expect(readFileSync(await open().localPath('o/0'), 'latin1')[0]).toBe('x')
  const record = join(folder, 'cache', 'checked', basename(file))
  const [stamp] = readFileSync(record, 'utf8').split(' ')
  writeFileSync(record, `${stamp} ${Date.now() - 8 * 24 * 3600_000}`)
  expect(readFileSync(await open().localPath('o/0'), 'latin1')[0]).toBe('0')
  // What was used a while ago goes first.
  for (const i of [1, 2]) await store.localPath(`o/${i}`)
  for (const name of copies()) utimesSync(join(folder, 'cache', 'objects', name), new Date(0), new Date(0))
  await store.localPath('o/2')
  const newest = await store.localPath('o/3')
  expect(copies()).toHaveLength(2)
  expect(statSync(newest).size).toBe(1_000_000)
})

test('uploads that nobody finished go when they are old, those of others stay', async () => {
  for (const Key of ['mine/x', 'mine/y', 'others/z']) {
    const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }))
    await s3.client.send(new UploadPartCommand({ Bucket: bucket, Key, UploadId, PartNumber: 1, Body: Buffer.from('part') }))
  }
  expect(await openS3Store(`s3://${bucket}/mine`, testSettings({ endpoint: server.endpoint })).clean()).toBe(0)
  expect(await abortOldUploads(s3, { bucket, prefix: 'mine/' }, -60_000)).toBe(2)
  const { Uploads } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
  expect(Uploads?.map(({ Key }) => Key)).toEqual(['others/z'])
})
