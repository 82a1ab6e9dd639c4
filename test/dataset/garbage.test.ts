import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { retainSnapshots } from '../../src/dataset/garbage.ts'
import { layout } from '../../src/dataset/layout.ts'
import { leaseToWrite, takeLease } from '../../src/dataset/lease.ts'
import { readSnapshot } from '../../src/dataset/snapshot.ts'
import { readTags, removeTag, tagSnapshot } from '../../src/dataset/tags.ts'
import { verifyDataset } from '../../src/dataset/verify.ts'
import { openStore, type Store } from '../../src/storage/store.ts'
import { nightDocs, publishNight, scratch } from './small-dataset.ts'

async function keysOf(store: Store, prefix = ''): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list(prefix)) keys.push(key)
  return keys
}

/** Nights whose tails are pressed again: all but the newest snapshot name shards that no later one does. */
async function nights(path: string, count: number): Promise<Store> {
  const store = await openStore(path)
  for (let night = 1; night <= count; night++) await publishNight(store, night, nightDocs(night))
  return store
}

const now = { last: 1, graceMs: 0, dryRun: false }
const sound = { ok: true, problems: [] }

test('what only removed snapshots reach goes, in the second call; the rest is as before', async () => {
  await using folder = await scratch()
  const store = await nights(folder.path, 5)
  expect(await tagSnapshot(store, 'paper', '2', false)).toBe(2)
  await store.put('ledger/00/0123456789abcdef.parquet', 'of a run that lost and was killed')
  await store.put('data/00/lv-0123456789abcdef.arrow', 'pressed by a run that was stopped')
  await store.put('parts/x.json', JSON.stringify({ shard: { path: 'data/00/lv-0123456789abcdef.arrow' } }))
  const before = await keysOf(store)

  const planned = await retainSnapshots(store, { ...now, dryRun: true })
  expect(planned).toMatchObject({ kept: [2, 5], removed: [], waiting: { snapshots: [1, 3, 4] } })
  expect(await keysOf(store)).toEqual(before)

  const marked = await retainSnapshots(store, now)
  expect(marked).toMatchObject({ kept: [2, 5], removed: [], deleted: { objects: 0 }, waiting: planned.waiting })
  expect((await keysOf(store)).filter((key) => key !== layout.garbage)).toEqual(before)

  const swept = await retainSnapshots(store, now)
  expect(swept).toMatchObject({ kept: [2, 5], removed: [1, 3, 4], deleted: { objects: planned.waiting.objects }, waiting: { objects: 0 } })
  expect(swept.deleted.objects).toBeGreaterThan(10)
  const after = await keysOf(store)
  expect(after).toContain('data/00/lv-0123456789abcdef.arrow')
  expect(after).not.toContain('ledger/00/0123456789abcdef.parquet')
  expect(after.filter((key) => key.startsWith(layout.leases))).toEqual([])
  expect(await verifyDataset(store, undefined)).toMatchObject(sound)
  expect(await verifyDataset(store, 'paper')).toMatchObject(sound)
  await expect(readSnapshot(store, 3)).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('removed by quern retain') })
  // The night goes on, over the gap.
  await publishNight(store, 6, nightDocs(6))
  expect(await verifyDataset(store, undefined)).toMatchObject(sound)
  // Without its tag the old one goes too.
  await removeTag(store, 'paper')
  await retainSnapshots(store, { ...now, last: 2 })
  expect(await retainSnapshots(store, { ...now, last: 2 })).toMatchObject({ kept: [5, 6], removed: [2] })
  expect(await verifyDataset(store, undefined)).toMatchObject(sound)
  expect(await retainSnapshots(store, { ...now, last: 2 })).toMatchObject({ removed: [], deleted: { objects: 0 }, waiting: { objects: 0 } })
})

test('nothing goes before the grace period, nor while a run is at work', async () => {
  await using folder = await scratch()
  const store = await nights(folder.path, 3)
  const everything = (await keysOf(store)).filter((key) => !key.startsWith('_'))
  await retainSnapshots(store, now)
  expect((await retainSnapshots(store, { ...now, graceMs: 60_000 })).deleted.objects).toBe(0)
  const lease = await leaseToWrite(store)
  expect(await retainSnapshots(store, now)).toMatchObject({ deleted: { objects: 0 }, writers: [{ kind: 'write' }] })
  expect((await keysOf(store)).filter((key) => !key.startsWith('_') && !key.startsWith(layout.leases))).toEqual(everything)
  await lease.release()
  expect((await retainSnapshots(store, now)).deleted.objects).toBeGreaterThan(0)
})

test('a run that has not been heard of for a quarter of an hour holds nothing up, and is told so', async () => {
  await using folder = await scratch()
  const store = await nights(folder.path, 2)
  await retainSnapshots(store, now)
  const lease = await takeLease(store, 'write')
  const old = new Date(Date.now() - 16 * 60_000)
  await utimes(join(folder.path, lease.key), old, old)
  expect((await retainSnapshots(store, now)).removed).toEqual([1])
  await lease.release()
  // Had it come back to publish, it would have found out.
  const sleeper = await takeLease(store, 'write')
  await store.delete(sleeper.key)
  const { now: realNow } = Date
  Date.now = () => realNow() + 10 * 60_000
  try {
    await expect(sleeper.check()).rejects.toMatchObject({ code: 'conflict' })
  } finally {
    Date.now = realNow
  }
})

test('a run waits for a sweep, and two sweeps do not meet', async () => {
  await using folder = await scratch()
  const store = await nights(folder.path, 2)
  const sweep = await takeLease(store, 'sweep')
  await expect(leaseToWrite(store, { waitMs: 0 })).rejects.toMatchObject({ code: 'conflict' })
  await expect(retainSnapshots(store, now)).rejects.toMatchObject({ code: 'conflict' })
  const waiting = leaseToWrite(store)
  await sweep.release()
  await (await waiting).release()
  const first = await leaseToWrite(store, { alone: true })
  await expect(leaseToWrite(store, { alone: true })).rejects.toMatchObject({ code: 'conflict' })
  await first.release()
  expect(await keysOf(store, layout.leases)).toEqual([])
})

test('what is reached again between the calls stays', async () => {
  await using folder = await scratch()
  const store = await nights(folder.path, 3)
  await retainSnapshots(store, now)
  await tagSnapshot(store, 'kept-after-all', '1', false)
  expect((await retainSnapshots(store, now)).removed).toEqual([2])
  expect(await verifyDataset(store, 'kept-after-all')).toMatchObject(sound)
})

test('a sweep that is killed anywhere is finished by the next', async () => {
  await using folder = await scratch()
  const whole = await nights(join(folder.path, 'whole'), 4)
  await retainSnapshots(whole, now)
  await retainSnapshots(whole, now)
  const expected = await keysOf(whole)
  for (const after of [0, 1, 2, 5, 9]) {
    const store = await nights(join(folder.path, String(after)), 4)
    await retainSnapshots(store, now)
    let left = after
    const dying: Store = {
      ...store,
      async delete(key) {
        if (!key.startsWith(layout.leases) && left-- <= 0) throw new Error('killed')
        await store.delete(key)
      },
    }
    await expect(retainSnapshots(dying, now)).rejects.toThrow('killed')
    expect(await verifyDataset(store, undefined)).toMatchObject(sound)
    await retainSnapshots(store, now)
    expect((await keysOf(store)).filter((key) => !key.startsWith('_'))).toEqual(expected.filter((key) => !key.startsWith('_')))
    expect(await verifyDataset(store, undefined)).toMatchObject(sound)
  }
})

test('a tag stands for one snapshot until it is moved', async () => {
  await using folder = await scratch()
  const store = await nights(folder.path, 3)
  expect(await tagSnapshot(store, 'v1.0', undefined, false)).toBe(3)
  expect(await tagSnapshot(store, 'v1.0', '3', false)).toBe(3)
  await expect(tagSnapshot(store, 'v1.0', '2', false)).rejects.toMatchObject({ code: 'conflict' })
  expect(await tagSnapshot(store, 'v1.0', '2', true)).toBe(2)
  expect((await readSnapshot(store, 'v1.0')).snapshot.version).toBe(2)
  expect(await tagSnapshot(store, 'same', 'v1.0', false)).toBe(2)
  expect(await readTags(store)).toEqual([
    { name: 'same', version: 2 },
    { name: 'v1.0', version: 2 },
  ])
  for (const name of ['7', '../x', '', 'a/b']) await expect(tagSnapshot(store, name, undefined, false)).rejects.toMatchObject({ code: 'bad-usage' })
  await expect(tagSnapshot(store, 'x', '9', false)).rejects.toMatchObject({ code: 'not-found' })
  await removeTag(store, 'same')
  await expect(removeTag(store, 'same')).rejects.toMatchObject({ code: 'not-found' })
})
