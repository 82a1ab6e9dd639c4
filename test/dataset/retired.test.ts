import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { retainSnapshots } from '../../src/dataset/garbage.ts'
import { layout } from '../../src/dataset/layout.ts'
import { packRetired, packVersions, retiredSnapshots } from '../../src/dataset/retired.ts'
import { ancestors, commitSnapshot, readSnapshot } from '../../src/dataset/snapshot.ts'
import { tagSnapshot } from '../../src/dataset/tags.ts'
import { emptyTotals } from '../../src/dataset/totals.ts'
import { verifyDataset } from '../../src/dataset/verify.ts'
import { openStore, type Store } from '../../src/storage/store.ts'
import { nightDocs, publishNight, scratch } from './small-dataset.ts'

const now = { last: 1, graceMs: 0, dryRun: false }

async function retiredKeys(store: Store): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list(layout.retiredSnapshots)) keys.push(key)
  return keys
}

test('snapshots that retention removed lie together by neighbours, and the chain can be proved through them', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  for (const night of [1, 2]) await publishNight(store, night, nightDocs(night, 4))
  // Not every number before the next pack needs a night of its own.
  const { snapshot, sha256 } = await readSnapshot(store)
  const parent = { version: 2, sha256 }
  const jump = { parent, version: packVersions - 1, commitId: randomUUID(), operation: 'suppress', tonight: emptyTotals() } as const
  await commitSnapshot(store, { ...snapshot, ...jump })
  for (const night of [3, 4, 5]) await publishNight(store, night, nightDocs(night, 4))
  await tagSnapshot(store, 'paper', '2', false)
  await retainSnapshots(store, now)
  await retainSnapshots(store, now)
  const alone = [packVersions, packVersions + 1].map((version) => layout.retired(version))
  expect((await retiredKeys(store)).toSorted()).toEqual([layout.retiredPack(0, packVersions - 1), ...alone].toSorted())
  expect(await verifyDataset(store, undefined)).toMatchObject({ ok: true, problems: [] })
  for (const gone of [1, packVersions - 1, packVersions])
    await expect(readSnapshot(store, gone)).rejects.toMatchObject({ message: expect.stringContaining('removed by quern retain') })
  const left: number[] = []
  for await (const { version } of ancestors(store, (await readSnapshot(store)).snapshot)) left.push(version)
  expect(left).toEqual([2])
})

test('who is killed between a pack and the snapshots in it leaves both, and the next packing takes them away', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  for (const version of [1, 2, 3]) await store.put(layout.retired(version), `snapshot ${version}`)
  const dying: Store = { ...store, delete: () => Promise.reject(new Error('killed')) }
  await expect(packRetired(dying, [packVersions])).rejects.toThrow('killed')
  expect(await retiredKeys(store)).toHaveLength(4)
  // A tag has gone since: its snapshot came too late for the pack, and stays alone.
  await store.put(layout.retired(4), 'snapshot 4')
  await packRetired(store, [packVersions])
  expect(await retiredKeys(store)).toHaveLength(2)
  const find = retiredSnapshots(store)
  const texts = await Promise.all([1, 2, 3, 4, 5].map(async (version) => new TextDecoder().decode(await find(version))))
  expect(texts).toEqual(['snapshot 1', 'snapshot 2', 'snapshot 3', 'snapshot 4', ''])
})

test('nothing is packed while a neighbour is still to go', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  for (const version of [1, 2]) await store.put(layout.retired(version), 'x')
  await packRetired(store, [3, packVersions])
  await packRetired(store, [packVersions - 1])
  expect(await retiredKeys(store)).toHaveLength(2)
})
