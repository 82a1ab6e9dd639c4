import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../src/core/canonical-json.ts'
import { createDataset, openDataset, readFormat } from '../../src/dataset/format.ts'
import { appendEntries, type LedgerEntry, readEntries } from '../../src/dataset/pages.ts'
import { resolveShard } from '../../src/dataset/resolve-shard.ts'
import { ancestors, commitSnapshot, latestSnapshot, readSnapshot } from '../../src/dataset/snapshot.ts'
import { addTotals, emptyTotals } from '../../src/dataset/totals.ts'
import { openStore, type Store } from '../../src/storage/store.ts'
import { nightDocs, publishNight, scratch } from './small-dataset.ts'

test('canonical JSON has one spelling', () => {
  expect(canonicalJson({ b: [1, 'ä', null, true], a: { d: 1e21, c: undefined, é: -0 } })).toBe('{"a":{"d":1e+21,"é":0},"b":[1,"ä",null,true]}')
  for (const wrong of [NaN, Infinity, 1n, () => 1, [undefined]]) expect(() => canonicalJson(wrong)).toThrow(TypeError)
})

test('a place becomes a dataset once, and a newer or foreign one is refused', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  await expect(openDataset(folder.path)).rejects.toMatchObject({ code: 'not-a-dataset' })
  const made = await Promise.all([createDataset(store), createDataset(store)])
  expect(made[0]).toEqual(made[1])
  await store.replace('format.json', JSON.stringify({ ...made[0], features: ['time-travel'] }))
  await expect(readFormat(store)).rejects.toThrow('time-travel')
  await store.replace('format.json', JSON.stringify({ ...made[0], major: 2 }))
  await expect(readFormat(store)).rejects.toMatchObject({ code: 'not-a-dataset' })
  await store.replace('format.json', '{}')
  await expect(readFormat(store)).rejects.toMatchObject({ code: 'damaged-dataset' })
})

test('of racing publishers one commits and the others lose; a repeated commit is still committed', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  expect(await latestSnapshot(store)).toBeUndefined()
  await expect(readSnapshot(store)).rejects.toMatchObject({ code: 'not-found' })
  const first = await publishNight(store, 1, nightDocs(1))
  const racers = Array.from({ length: 8 }, (_, i) => ({ ...first, version: 2, commitId: `commit-of-racer-${i}` }))
  const outcomes = await Promise.all(racers.map((racer) => commitSnapshot(store, racer)))
  expect(outcomes.filter((outcome) => outcome === 'committed')).toHaveLength(1)
  const winner = racers[outcomes.indexOf('committed')]
  expect((await readSnapshot(store)).snapshot.commitId).toBe(winner?.commitId)
  expect(await commitSnapshot(store, winner as typeof first)).toBe('committed')
})

test('a commit whose answer was lost is found to be its own', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  const first = await publishNight(store, 1, nightDocs(1))
  const lossy: Store = {
    ...store,
    async putIfAbsent(key, bytes) {
      await store.putIfAbsent(key, bytes)
      throw new Error('connection reset')
    },
  }
  expect(await commitSnapshot(lossy, { ...first, version: 2, commitId: 'commit-that-was-lost' })).toBe('committed')
  const dead: Store = { ...store, putIfAbsent: () => Promise.reject(new Error('connection refused')) }
  await expect(commitSnapshot(dead, { ...first, version: 3 })).rejects.toThrow('connection refused')
})

test('the newest snapshot is found with a right, a stale, a wrong and no hint', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  const first = await publishNight(store, 1, nightDocs(1))
  for (let version = 2; version <= 12; version++) await commitSnapshot(store, { ...first, version, commitId: `commit-with-number-${version}` })
  for (const hint of ['{"version":12}', '{"version":3}', '{"version":99}', 'nonsense']) {
    await store.replace('_latest.json', hint)
    expect((await latestSnapshot(store))?.snapshot.version).toBe(12)
  }
  await store.delete('_latest.json')
  const { snapshot, sha256 } = await readSnapshot(store)
  expect(snapshot.version).toBe(12)
  await store.put('tags/release.json', JSON.stringify({ version: 12, sha256 }))
  expect((await readSnapshot(store, 'release')).snapshot.version).toBe(12)
  await expect(readSnapshot(store, 'other')).rejects.toMatchObject({ code: 'not-found' })
  await expect(readSnapshot(store, '../x')).rejects.toMatchObject({ code: 'not-found' })
  await expect(readSnapshot(store, 13)).rejects.toMatchObject({ code: 'not-found' })
})

test('a ledger row of the first night finds its shard in the third', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  const paths: string[] = []
  let snapshot = await publishNight(store, 1, nightDocs(1))
  for (const night of [2, 3]) {
    for await (const shard of readEntries(store, 'shards', snapshot.shards['lv'] ?? [])) paths.push(shard.path)
    snapshot = await publishNight(store, night, nightDocs(night))
  }
  for (const path of paths) {
    const shard = await resolveShard(store, snapshot, path)
    expect(shard?.path).not.toBe(path)
    expect(shard?.absorbed.map((old) => old.path)).toEqual(paths)
  }
  expect(await resolveShard(store, snapshot, 'data/00/lv-0000000000000000.arrow')).toBeUndefined()
  expect(await resolveShard(store, snapshot, 'nonsense')).toBeUndefined()
  const versions: number[] = []
  for await (const older of ancestors(store, snapshot)) versions.push(older.version)
  expect(versions).toEqual([2, 1])
})

const entry = (n: number): LedgerEntry => ({
  path: `ledger/${n}.parquet`,
  bytes: n,
  sha256: createHash('sha256').update(String(n)).digest('hex'),
  rows: n,
})

test('appending to a list writes the last page only, in year three as on the first day', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  let pages = await appendEntries(store, 'ledger', [], [])
  expect(pages).toEqual([])
  let count = 0
  for (const more of [1, 4094, 1, 1, 9000, 3]) {
    const before = pages
    pages = await appendEntries(
      store,
      'ledger',
      pages,
      Array.from({ length: more }, () => entry(count++)),
    )
    const full = before.filter((page) => page.entries === 4096)
    expect(pages.slice(0, full.length)).toEqual(full)
    expect(pages.slice(0, -1).every((page) => page.entries === 4096)).toBe(true)
  }
  const all: LedgerEntry[] = []
  for await (const found of readEntries(store, 'ledger', pages)) all.push(found)
  expect(all).toEqual(Array.from({ length: count }, (_, n) => entry(n)))
  // One append of all gives the same pages as many.
  expect(await appendEntries(store, 'ledger', [], all)).toEqual(pages)
  const cut = await appendEntries(store, 'ledger', pages, [entry(7)], 2)
  expect(cut.at(-1)?.entries).toBe((pages.at(-1)?.entries ?? 0) - 1)
  expect(await appendEntries(store, 'ledger', await appendEntries(store, 'ledger', [], [entry(1)]), [], 1)).toEqual([])
  await expect(appendEntries(store, 'ledger', [], [], 1)).rejects.toThrow(RangeError)
})

test('totals add up, and names from pages cannot reach a prototype', () => {
  const a = { ...emptyTotals(), read: 3, kept: 1, dropped: { 'a/b': 2 }, byLanguage: { lv: { kept: 1, tokens: 5, bytes: 9 } } }
  const b = { ...emptyTotals(), read: 1, dropped: { 'a/b': 1, constructor: 1 }, bySource: { web: { read: 1, kept: 0, tokens: 0, licence: 'CC0' } } }
  expect(addTotals(a, b)).toMatchObject({ read: 4, dropped: { 'a/b': 3, constructor: 1 }, byLanguage: a.byLanguage, bySource: b.bySource })
  expect(addTotals(emptyTotals(), a)).toEqual(a)
})
