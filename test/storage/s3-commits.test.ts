import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appendEntries, readEntries } from '../../src/dataset/pages.ts'
import { ancestors, commitSnapshot, latestSnapshot, type FoundSnapshot, type Snapshot } from '../../src/dataset/snapshot.ts'
import { openS3Store } from '../../src/storage/s3-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { nightDocs, publishNight } from '../dataset/small-dataset.ts'
import { random } from '../laws/pages.ts'
import { startFaultProxy, type Fault, type FaultProxy } from './fault-proxy.ts'
import { bucket, servers, startServer, testSettings, type S3Server } from './s3-servers.ts'

/** A thousand before a release; fewer in every test run. */
const runs = Number(process.env['QUERN_FAULTED_RUNS'] ?? 20)
/** One in so many requests goes wrong. */
const oneIn = 12

const kinds: readonly Fault[] = [
  'drop-request',
  'drop-reply',
  'drop-reply',
  'stall',
  'stall-body',
  'cut-body',
  'flip-request',
  'flip-reply',
  { status: 500, code: 'InternalError', done: false },
  { status: 500, code: 'InternalError', done: true },
  { status: 503, code: 'SlowDown', done: false },
  { status: 503, code: 'ServiceUnavailable', done: true },
  { status: 409, code: 'ConditionalRequestConflict', done: false },
  { status: 409, code: 'ConditionalRequestConflict', done: true },
]

describe.each(servers)('commits to %s', (kind) => {
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

  /** A run as a person drives it: what fails is run again, and what is in the dataset already is not done twice. */
  async function persistently(store: Store, night: number): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        if (await publishFile(store, night)) return
      } catch (error) {
        if (tries === 100) throw error
      }
    }
  }

  async function nightsOf(store: Store): Promise<{ versions: number[]; nights: string[] }> {
    const latest = (await latestSnapshot(store))?.snapshot as Snapshot
    const versions = [latest.version]
    const commits = [latest.commitId]
    for await (const older of ancestors(store, latest)) {
      versions.push(older.version)
      commits.push(older.commitId)
    }
    return { versions: versions.toReversed(), nights: commits }
  }

  // moto is one thread of Python.
  const racers = kind === 'moto' ? 16 : 64
  test(`of ${racers} racing committers all end as versions, none lost`, { timeout: 600_000 }, async () => {
    const url = `s3://${bucket}/${randomUUID()}`
    const store = openS3Store(url, testSettings({ endpoint: server.endpoint, concurrency: 64 }))
    await store.probe()
    const first = await publishNight(store, 0, nightDocs(0, 3))
    // Each follows whatever is newest until its commit is won: only the race is looked at here.
    const race = async (number: number): Promise<void> => {
      for (;;) {
        const { snapshot, sha256 } = (await latestSnapshot(store)) as FoundSnapshot
        const next = { ...first, version: snapshot.version + 1, parent: { version: snapshot.version, sha256 }, commitId: `commit-of-racer-${number}` }
        if ((await commitSnapshot(store, next)) === 'committed') return
      }
    }
    await Promise.all(Array.from({ length: racers }, (_, i) => race(i)))
    const { versions, nights } = await nightsOf(store)
    expect(versions).toEqual(Array.from({ length: racers + 1 }, (_, i) => i + 1))
    expect(new Set(nights).size).toBe(racers + 1)
  })

  test(`${runs} faulted runs: none lost, none twice, and no reader ever sees a mix`, { timeout: 3_600_000 }, async () => {
    const next = random(runs)
    proxy.faults = () => (next() * oneIn < 1 ? kinds[Math.floor(next() * kinds.length)] : undefined)
    const perDataset = 40
    for (let first = 0; first < runs; first += perDataset) {
      const url = `s3://${bucket}/${randomUUID()}`
      const plain = openS3Store(url, testSettings({ endpoint: server.endpoint }))
      await plain.probe()
      await publishNight(plain, -1, nightDocs(0, 3))
      const count = Math.min(perDataset, runs - first)
      let done = false
      const reader = (async () => {
        for (; !done; await sleep(200)) await readAll(plain)
      })()
      // Three at a time, each through a connection of its own.
      const waiting = Array.from({ length: count }, (_, i) => first + i)
      await Promise.all(
        [0, 1, 2].map(async () => {
          const store = openS3Store(url, testSettings({ endpoint: proxy.endpoint, stallMs: 250 }))
          for (let night = waiting.shift(); night !== undefined; night = waiting.shift()) await persistently(store, night)
        }),
      )
      done = true
      await reader
      const { versions, nights } = await nightsOf(plain)
      expect(versions).toEqual(Array.from({ length: count + 1 }, (_, i) => i + 1))
      expect(new Set(nights).size).toBe(count + 1)
      expect(await readAll(plain)).toEqual(Array.from({ length: count }, (_, i) => `run-${first + i}`).sort())
    }
    for (const fault of ['drop-reply', 'stall', 'flip-request', 'cut-body', '503 SlowDown']) expect(proxy.happened.get(fault)).toBeGreaterThan(0)
  })
})

/** One file into the newest snapshot and the commit of the next. False when another run was first; it is done again on top of that one. */
async function publishFile(store: Store, night: number): Promise<boolean> {
  const { snapshot, sha256 } = (await latestSnapshot(store)) as FoundSnapshot
  const path = `run-${night}`
  for await (const input of readEntries(store, 'inputs', snapshot.inputs)) if (input.path === path) return true
  const writer = await store.create()
  await writer.write(Buffer.from(`the ledger of run ${night}\n`.repeat(2000)))
  const facts = await writer.close((hash) => `ledger/${hash.slice(0, 2)}/${hash.slice(0, 16)}.parquet`)
  const next: Snapshot = {
    ...snapshot,
    version: snapshot.version + 1,
    parent: { version: snapshot.version, sha256 },
    commitId: `commit-of-run-${night}-${randomUUID()}`,
    inputs: await appendEntries(store, 'inputs', snapshot.inputs, [{ source: 'web', path, bytes: facts.bytes, sha256: facts.sha256, licence: '' }]),
    ledger: await appendEntries(store, 'ledger', snapshot.ledger, [{ ...facts, rows: 2000 }]),
  }
  return (await commitSnapshot(store, next)) === 'committed'
}

/** Everything that the newest snapshot names is there, with the bytes it names, and of each run either all or nothing. Returns its runs. */
async function readAll(store: Store): Promise<string[]> {
  const { snapshot } = (await latestSnapshot(store)) as FoundSnapshot
  const hashes: string[] = []
  for await (const { path, sha256 } of readEntries(store, 'ledger', snapshot.ledger)) {
    expect(
      createHash('sha256')
        .update(await store.get(path))
        .digest('hex'),
    ).toBe(sha256)
    hashes.push(sha256)
  }
  const runsSeen: string[] = []
  for await (const { path, sha256 } of readEntries(store, 'inputs', snapshot.inputs)) {
    if (!path.startsWith('run-')) continue
    runsSeen.push(path)
    expect(hashes).toContain(sha256)
  }
  expect(new Set(runsSeen).size).toBe(runsSeen.length)
  expect(runsSeen).toHaveLength(snapshot.version - 1)
  return runsSeen.sort()
}
