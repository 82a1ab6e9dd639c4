import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ListMultipartUploadsCommand, ListPartsCommand } from '@aws-sdk/client-s3'
import { QuernError } from '../../src/core/errors.ts'
import { connect } from '../../src/storage/s3-client.ts'
import type { S3Settings } from '../../src/storage/s3-place.ts'
import { openS3Store } from '../../src/storage/s3-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { startFaultProxy, type Asked, type Fault, type FaultProxy } from './fault-proxy.ts'
import { bucket, secret, servers, startServer, testSettings, type S3Server } from './s3-servers.ts'

const text = new TextDecoder()
const isPut = ({ method, path }: Asked): boolean => method === 'PUT' && !path.includes('uploadId=') && !path.includes('_store')

describe.each(servers)('a store that misbehaves, with %s behind it', (kind) => {
  let server: S3Server
  let proxy: FaultProxy
  beforeAll(async () => {
    server = await startServer(kind)
    proxy = await startFaultProxy(server.endpoint)
  })
  afterAll(async () => {
    await proxy.stop()
    await server.stop()
  })
  beforeEach(() => {
    proxy.faults = () => undefined
  })

  function fresh(changes: Partial<S3Settings> = {}): { store: Store; plain: Store } {
    const url = `s3://${bucket}/${randomUUID()}`
    return {
      store: openS3Store(url, testSettings({ endpoint: proxy.endpoint, stallMs: 400, ...changes })),
      plain: openS3Store(url, testSettings({ endpoint: server.endpoint })),
    }
  }

  /** The first so many requests that match go wrong. */
  function failing(times: number, which: (asked: Asked) => boolean, fault: Fault): void {
    let left = times
    proxy.faults = (asked) => (which(asked) && left-- > 0 ? fault : undefined)
  }

  const unclear: Fault[] = [
    'drop-request',
    'drop-reply',
    'stall',
    'flip-request',
    { status: 500, code: 'InternalError', done: false },
    { status: 500, code: 'InternalError', done: true },
    { status: 503, code: 'SlowDown', done: false },
    { status: 503, code: 'ServiceUnavailable', done: true },
    { status: 429, code: 'TooManyRequests', done: false },
    { status: 409, code: 'ConditionalRequestConflict', done: false },
    { status: 409, code: 'ConditionalRequestConflict', done: true },
  ]

  test.each(unclear)('a conditional put that meets %j is told the truth', async (fault) => {
    const { store, plain } = fresh()
    failing(2, isPut, fault)
    expect(await store.putIfAbsent('mine', 'mine')).toBe(true)
    failing(2, isPut, fault)
    expect(await store.putIfAbsent('mine', 'another')).toBe(false)
    expect(text.decode(await plain.get('mine'))).toBe('mine')
    // The race is lost while our answer is: another's object lies there when we look.
    await plain.put('theirs', 'theirs')
    failing(1, isPut, fault)
    expect(await store.putIfAbsent('theirs', 'theirs')).toBe(false)
  })

  const brokenReplies: Fault[] = ['cut-body', 'stall-body', 'drop-reply', 'stall', { status: 503, code: 'SlowDown', done: false }]
  test.each(brokenReplies)('a read that meets %j goes on where it was', async (fault) => {
    const { store, plain } = fresh()
    const bytes = Buffer.alloc(3_000_000, 'Ein Satz, der sich wiederholt. ')
    await plain.put('long', bytes)
    const before = proxy.asked.length
    failing(2, ({ method }) => method === 'GET', fault)
    expect(Buffer.compare(await store.get('long'), bytes)).toBe(0)
    const ranges = proxy.asked.slice(before).map(({ headers }) => headers['range'])
    // Half of it came, then half of what was left.
    if (fault === 'cut-body') expect(ranges).toEqual([undefined, 'bytes=1500000-2999999', 'bytes=2250000-2999999'])
    failing(2, ({ method }) => method === 'GET', fault)
    expect(Buffer.compare(await store.get('long', { offset: 1000, length: 2_000_000 }), bytes.subarray(1000, 2_001_000))).toBe(0)
  })

  test('a byte altered on its way from the store is noticed, and the object read again', async () => {
    const { store, plain } = fresh()
    await plain.put('a', 'The bytes that were written.')
    failing(3, ({ method }) => method === 'GET', 'flip-reply')
    expect(text.decode(await store.get('a'))).toBe('The bytes that were written.')
    failing(Infinity, ({ method }) => method === 'GET', 'flip-reply')
    await expect(store.get('a')).rejects.toMatchObject({ code: 'damaged-dataset' })
  })

  test('an object replaced while it is read is never a mix of both', async () => {
    const { store, plain } = fresh()
    await plain.replace('hint', Buffer.alloc(100_000, 'a'))
    let first = true
    proxy.faults = ({ method }) => {
      if (method !== 'GET' || !first) return undefined
      first = false
      return 'cut-body'
    }
    const reading = store.get('hint')
    while (first) await new Promise(setImmediate)
    await plain.replace('hint', Buffer.alloc(100_000, 'b'))
    expect(new Set(await reading).size).toBe(1)
  })

  test('a large object arrives through failing parts, or leaves none', async () => {
    const { store, plain } = fresh({ stallMs: 5000 })
    const bytes = new Uint8Array(40 << 20).fill(7)
    const write = async (): Promise<unknown> => {
      const writer = await store.create()
      await writer.write(bytes)
      return writer.close('data/large')
    }
    let count = 0
    const kinds: Fault[] = [
      'drop-reply',
      { status: 503, code: 'SlowDown', done: false },
      'drop-request',
      { status: 500, code: 'InternalError', done: true },
    ]
    proxy.faults = ({ path }) => (path.includes('uploadId=') && !path.includes('max-parts') && count++ < 8 ? kinds[count % 4] : undefined)
    await write()
    expect(Buffer.compare(await plain.get('data/large'), bytes)).toBe(0)
    await plain.delete('data/large')
    // Now a part that never gets through.
    proxy.faults = ({ path, method }) =>
      method === 'PUT' && path.includes('partNumber=2') ? { status: 503, code: 'SlowDown', done: false } : undefined
    await expect(write()).rejects.toThrow(/writing bytes 16777216-33554431 of s3:\/\/.*data\/large: SlowDown.*HTTP 503.*attempt 10/)
    expect(await plain.find('data/large')).toBeUndefined()
    const { client } = connect(testSettings({ endpoint: server.endpoint }))
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
    for (const { Key, UploadId } of Uploads)
      await expect(client.send(new ListPartsCommand({ Bucket: bucket, Key, UploadId }))).resolves.toMatchObject({ Parts: undefined })
  })

  test('every wait is bounded, and the error names place, range, attempts and time', async () => {
    const { store } = fresh({ attempts: 3, stallMs: 500 })
    await store.put('first', 'a writer asks once what the store was found to keep')
    proxy.faults = () => 'stall'
    const error = await store.get('data/x', { offset: 10, length: 20 }).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(QuernError)
    expect(String(error)).toMatch(/reading bytes 10-29 of s3:\/\/quern-test\/.*\/data\/x: no byte moved for 0\.5 s \(attempt 3, \d+\.\d s\)/)
    proxy.faults = () => ({ status: 503, code: 'SlowDown', done: false })
    await expect(store.put('k', 'x')).rejects.toThrow(/writing s3:\/\/.*\/k: SlowDown: .*HTTP 503/)
    await expect(store.list('').next()).rejects.toThrow(/listing s3:\/\//)
    await expect(store.delete('k')).rejects.toThrow(/deleting s3:\/\/.*\/k: SlowDown/)
    proxy.faults = () => ({ status: 403, code: 'AccessDenied', done: false })
    const denied = await store.put('k', 'x').catch((caught: unknown) => caught)
    expect(denied).toMatchObject({ code: 'output-not-writable', remedy: expect.stringContaining('s3:PutObject') })
    expect(JSON.stringify([denied, error, String(denied), (denied as Error).cause])).not.toContain(secret)
  })

  test('whoever is refused for a while recovers', async () => {
    const { store, plain } = fresh()
    let refused = 0
    proxy.faults = () => (refused++ < 60 && refused % 3 !== 0 ? { status: 503, code: 'SlowDown', done: false } : undefined)
    await Promise.all(Array.from({ length: 40 }, (_, i) => store.put(`k/${i}`, String(i))))
    for (let i = 0; i < 40; i++) expect(text.decode(await plain.get(`k/${i}`))).toBe(String(i))
  })
})

describe('a store that ignores conditions', () => {
  let server: S3Server
  let proxy: FaultProxy
  // Conditions are signed headers, and moto looks at no signature.
  beforeAll(async () => {
    server = await startServer('moto')
    proxy = await startFaultProxy(server.endpoint)
    proxy.faults = ({ headers }) => (headers['if-none-match'] === undefined ? undefined : 'ignore-conditions')
  })
  afterAll(async () => {
    await proxy.stop()
    await server.stop()
  })

  test('is refused with the way out, and serves a single writer', async () => {
    const url = `s3://${bucket}/${randomUUID()}`
    const settings = testSettings({ endpoint: proxy.endpoint })
    const store = openS3Store(url, settings)
    await expect(store.probe()).rejects.toMatchObject({ code: 'output-not-writable', remedy: expect.stringContaining('--single-writer') })
    await store.probe({ singleWriter: true })
    // A worker of that run finds out from the store.
    const worker = openS3Store(url, settings)
    expect(await worker.putIfAbsent('a', 'one')).toBe(true)
    expect(await worker.putIfAbsent('a', 'two')).toBe(false)
    expect(text.decode(await worker.get('a'))).toBe('one')
    await expect(worker.put('a', 'two')).rejects.toMatchObject({ code: 'store-failed' })
    await expect(openS3Store(url, settings).probe()).rejects.toMatchObject({ remedy: expect.stringContaining('single-writer') })
  })

  test.each([
    [{ status: 501, code: 'NotImplemented', done: false }, 'it does not know If-None-Match'],
    ['ignore-conditions', /were told that they were first/],
  ] as const)('by %j, that is said', async (fault, reason) => {
    proxy.faults = ({ headers }) => (headers['if-none-match'] === undefined ? undefined : fault)
    await expect(openS3Store(`s3://${bucket}/${randomUUID()}`, testSettings({ endpoint: proxy.endpoint })).probe()).rejects.toThrow(reason)
  })
})
