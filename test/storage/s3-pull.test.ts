import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type PullOptions, pullShards } from '../../src/dataset/pull.ts'
import { pullPieceBytes } from '../../src/dataset/pull-objects.ts'
import { readEntries, type ShardEntry } from '../../src/dataset/pages.ts'
import { type FoundSnapshot, readSnapshot } from '../../src/dataset/snapshot.ts'
import { openS3Store } from '../../src/storage/s3-store.ts'
import { idOf, publishNight } from '../dataset/small-dataset.ts'
import { quernJson, root, scratch } from '../quern.ts'
import { startFaultProxy, type Asked, type Fault, type FaultProxy } from './fault-proxy.ts'
import { bucket, startServer, testSettings, type S3Server } from './s3-servers.ts'

const all: PullOptions = { languages: [], rank: 0, worldSize: 1, concurrency: 4, withText: false }
const isPiece = ({ method, path }: Asked): boolean => method === 'GET' && path.includes('/data/')

describe('pulling shards of several ranges from object storage', () => {
  const url = `s3://${bucket}/large`
  let server: S3Server
  let proxy: FaultProxy
  let found: FoundSnapshot
  let shards: ShardEntry[]
  beforeAll(async () => {
    server = await startServer('versitygw')
    proxy = await startFaultProxy(server.endpoint)
    const store = openS3Store(url, testSettings())
    const text = 'Teikums, kas atkārtojas. '.repeat(100_000)
    const docs = Array.from({ length: 14 }, (_, i) => ({ id: idOf(`${i}`), url: '', language: i < 8 ? 'lv' : 'mt', text, outcome: 'kept' as const }))
    await publishNight(store, 1, docs)
    found = await readSnapshot(store)
    shards = []
    for (const pages of Object.values(found.snapshot.shards)) for await (const shard of readEntries(store, 'shards', pages)) shards.push(shard)
  }, 120_000)
  afterAll(async () => {
    await proxy.stop()
    await server.stop()
  })
  beforeEach(() => {
    proxy.faults = () => undefined
  })

  function expectWhole(folder: string): void {
    for (const { path } of shards) expect(Buffer.compare(readFileSync(join(folder, path)), readFileSync(join(server.objects, 'large', path)))).toBe(0)
    expect(readdirSync(join(folder, '.half'))).toEqual([])
    expect(quernJson<object>(['verify', folder])).toMatchObject({ ok: true, absent: 0 })
  }

  const faults: Fault[] = ['cut-body', 'stall-body', 'drop-reply', 'stall', 'flip-reply', { status: 503, code: 'SlowDown', done: false }]
  test.each(faults)('every hash is right behind a store that answers with %j', { timeout: 60_000 }, async (fault) => {
    const folder = join(scratch(), 'pulled')
    const store = openS3Store(url, testSettings({ endpoint: proxy.endpoint, stallMs: 1000 }))
    let pieces = 0
    // One altered byte costs the whole shard again, so there is one.
    proxy.faults = (asked) => (isPiece(asked) && pieces++ % 3 === 1 && (fault !== 'flip-reply' || pieces === 2) ? fault : undefined)
    const before = proxy.happened.get('flip-reply') ?? 0
    expect(await pullShards(store, found, folder, all)).toMatchObject({ copied: 4, replaced: 0 })
    if (fault === 'flip-reply') expect(proxy.happened.get('flip-reply')).toBe(before + 1)
    expectWhole(folder)
  })

  test('a byte altered at every reading is refused, and no file has its name', { timeout: 60_000 }, async () => {
    const folder = join(scratch(), 'pulled')
    proxy.faults = (asked) => (isPiece(asked) ? 'flip-reply' : undefined)
    const store = openS3Store(url, testSettings({ endpoint: proxy.endpoint }))
    await expect(pullShards(store, found, folder, all)).rejects.toMatchObject({ code: 'damaged-dataset' })
    for (const { path } of shards) expect(existsSync(join(folder, path))).toBe(false)
    expect(existsSync(join(folder, 'manifest.json'))).toBe(false)
  })

  test('killed again and again, it goes on at its byte', { timeout: 120_000 }, async () => {
    const folder = join(scratch(), 'pulled')
    for (const { bytes } of shards) expect(bytes).toBeGreaterThan(3 * pullPieceBytes)
    let child: ChildProcess | undefined
    const first = proxy.asked.length
    for (const [round, after] of [3, 2, 2, 0].entries()) {
      let pieces = 0
      const from = proxy.asked.length
      proxy.faults = (asked) => {
        if (after === 0 || !isPiece(asked) || ++pieces <= after) return undefined
        child?.kill('SIGKILL')
        return 'drop-request'
      }
      child = spawn(process.execPath, [join(root, 'bin', 'quern.mjs'), 'pull', url, folder, '--concurrency', '1', '--json'], {
        env: { ...process.env, ...server.env, AWS_ENDPOINT_URL_S3: proxy.endpoint },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let out = ''
      child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()))
      const [status] = (await once(child, 'close')) as [number | null]
      const ranges = proxy.asked.slice(from).filter(isPiece)
      if (after > 0) expect(status).toBe(null)
      else {
        expect(status).toBe(0)
        expect(JSON.parse(out)).toMatchObject({ shards: 2, replaced: 0 })
      }
      // Two or more ranges of its five were on disk when it was killed, whatever was written of the third.
      if (round === 1) expect(ranges[0]?.headers['range']).not.toMatch(/^bytes=0-/)
    }
    // Each kill costs at most the range that was under way and the one that was being written.
    const ranges = shards.reduce((sum, { bytes }) => sum + Math.ceil(bytes / pullPieceBytes), 0)
    expect(proxy.asked.slice(first).filter(isPiece).length).toBeLessThanOrEqual(ranges + 3 * 2)
    expectWhole(folder)
  })
})
