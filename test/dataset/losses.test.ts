import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { type Losses, putLosses, readLosses, readLossesUpTo } from '../../src/dataset/losses.ts'
import { commitSnapshot, readSnapshot, type Snapshot } from '../../src/dataset/snapshot.ts'
import { emptyTotals } from '../../src/dataset/totals.ts'
import { openStore, type Store } from '../../src/storage/store.ts'
import { nightDocs, publishNight, scratch } from './small-dataset.ts'

const night = (read: number): Losses => ({ bySource: { web: { read, copies: 0, dropped: {} } }, byLanguage: {} })
const readOf = (all: readonly Losses[]): (number | undefined)[] => all.map(({ bySource }) => bySource['web']?.read)

/** The next version, with these losses or with none. */
async function follow(store: Store, losses: string | undefined): Promise<Snapshot> {
  const { snapshot, sha256 } = await readSnapshot(store)
  const { losses: _, ...content } = snapshot
  const { version } = snapshot
  const next = { version: version + 1, parent: { version, sha256 }, commitId: randomUUID(), operation: 'suppress', tonight: emptyTotals() } as const
  await commitSnapshot(store, { ...content, ...next, ...(losses === undefined ? {} : { losses }) })
  return (await readSnapshot(store)).snapshot
}

test('the losses of the last nights come with one request, however many nights there were', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  await publishNight(store, 1, nightDocs(1, 4))
  const snapshot = await follow(store, await putLosses(store, night(5), [night(4), night(3), night(2)]))
  let requests = 0
  const counting: Store = { ...store, get: (key) => ((requests += 1), store.get(key)), find: (key) => ((requests += 1), store.find(key)) }
  expect(readOf(await readLossesUpTo(counting, snapshot, 3))).toEqual([5, 4, 3])
  expect(readOf(await readLossesUpTo(counting, snapshot, 30))).toEqual([5, 4, 3, 2])
  expect(requests).toBe(2)
  expect(await readLosses(store, snapshot)).toEqual(night(5))
})

test('a snapshot without losses is stepped over, and nights that remember nothing are asked one by one', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  await publishNight(store, 1, nightDocs(1, 4))
  await follow(store, await putLosses(store, night(1), undefined))
  await follow(store, await putLosses(store, night(2), undefined))
  const suppressed = await follow(store, undefined)
  expect(readOf(await readLossesUpTo(store, suppressed, 7))).toEqual([2, 1])
  const later = await follow(store, await putLosses(store, night(3), await readLossesUpTo(store, suppressed, 7)))
  expect(readOf(await readLossesUpTo(store, later, 7))).toEqual([3, 2, 1])
})
