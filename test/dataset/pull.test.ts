import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { pullObjects, pullPieceBytes } from '../../src/dataset/pull-objects.ts'
import { type PullOptions, pullShards } from '../../src/dataset/pull.ts'
import { readSnapshot } from '../../src/dataset/snapshot.ts'
import { verifyPulled } from '../../src/dataset/verify/pulled.ts'
import { openStore, type ObjectFacts, type Store } from '../../src/storage/store.ts'
import { idOf, nightDocs, publishNight, scratch } from './small-dataset.ts'

const all: PullOptions = { languages: [], rank: 0, worldSize: 1, concurrency: 4, withText: true }
const quiet = { concurrency: 4, onBytes: () => undefined }

async function put(store: Store, key: string, bytes: Uint8Array): Promise<ObjectFacts> {
  await store.put(key, bytes)
  return { path: key, bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** Several pieces and a bit, no two pieces alike. */
function long(pieces: number): Uint8Array {
  const bytes = new Uint8Array(pieces * pullPieceBytes + 1001)
  for (let at = 0; at < bytes.length; at += 997) bytes[at] = (at >> 12) & 255
  return bytes
}

const halves = (folder: string): string[] => readdirSync(join(folder, '.half'))

test('ranges of one object come beside each other, no more of them held than asked for', async () => {
  await using from = await scratch()
  await using to = await scratch()
  const store = await openStore(from.path)
  const bytes = long(9)
  const object = await put(store, 'data/aa/long', bytes)
  let under = 0
  let most = 0
  const slow: Store = {
    ...store,
    async getInto(key, range, into) {
      most = Math.max(most, ++under)
      // Later ranges come first: they must wait for their turn.
      await sleep(60 - range.offset / pullPieceBytes)
      under--
      return store.getInto(key, range, into)
    },
  }
  let told = 0
  expect(await pullObjects(slow, to.path, [object], { concurrency: 4, onBytes: (n) => void (told += n) })).toMatchObject({ copied: 1 })
  expect(most).toBe(4)
  expect(told).toBe(bytes.byteLength)
  expect(Buffer.compare(await readFile(join(to.path, 'data/aa/long')), bytes)).toBe(0)
  expect(halves(to.path)).toEqual([])
})

test('what a failed call leaves is continued at its end, unless it is not the beginning of the object', async () => {
  await using from = await scratch()
  await using to = await scratch()
  const store = await openStore(from.path)
  const bytes = long(5)
  const object = await put(store, 'data/aa/long', bytes)
  const asked: number[] = []
  let broken = true
  const failing: Store = {
    ...store,
    async getInto(key, range, into) {
      asked.push(range.offset / pullPieceBytes)
      if (broken && range.offset >= 3 * pullPieceBytes) throw new Error('the cable is out')
      return store.getInto(key, range, into)
    },
  }
  await expect(pullObjects(failing, to.path, [object], quiet)).rejects.toThrow('the cable is out')
  expect(halves(to.path)).toHaveLength(1)
  broken = false
  asked.length = 0
  expect(await pullObjects(failing, to.path, [object], quiet)).toMatchObject({ copied: 1, resumedBytes: 3 * pullPieceBytes })
  expect(asked).toEqual([3, 4, 5])
  // The same with a beginning that a disk has bitten, and with one that is too long.
  for (const spoilt of [new Uint8Array(pullPieceBytes + 7), new Uint8Array(bytes.byteLength + 1)]) {
    await rm(join(to.path, 'data'), { recursive: true })
    await writeFile(join(to.path, '.half', `000000000000-0-${object.sha256}-x`), spoilt)
    expect(await pullObjects(failing, to.path, [object], quiet)).toMatchObject({ copied: 1, resumedBytes: 0 })
    expect(Buffer.compare(await readFile(join(to.path, 'data/aa/long')), bytes)).toBe(0)
    expect(halves(to.path)).toEqual([])
  }
})

test('two calls at once for one folder end with whole files', async () => {
  await using from = await scratch()
  await using to = await scratch()
  const store = await openStore(from.path)
  const objects = [await put(store, 'data/aa/one', long(2)), await put(store, 'data/aa/two', long(1))]
  // Half of the one is left by a dead writer: only one of the two may go on with it.
  await pullObjects(store, to.path, objects, quiet)
  await rm(join(to.path, 'data'), { recursive: true })
  await writeFile(join(to.path, '.half', `000000000000-0-${objects[0]?.sha256}-x`), long(2).subarray(0, 5000))
  const counts = await Promise.all([pullObjects(store, to.path, objects, quiet), pullObjects(store, to.path, objects.toReversed(), quiet)])
  expect(counts.reduce((sum, { resumedBytes }) => sum + resumedBytes, 0)).toBeLessThanOrEqual(5000)
  for (const { path } of objects) expect(await readFile(join(to.path, path))).toEqual(await readFile(join(from.path, path)))
})

test('a pulled folder is verified as one: hashes, contents, texts, sums; another rank’s shards are no damage', async () => {
  await using from = await scratch()
  await using to = await scratch()
  const store = await openStore(from.path)
  await publishNight(store, 1, nightDocs(1))
  await publishNight(store, 2, nightDocs(2))
  const found = await readSnapshot(store)
  await pullShards(store, found, to.path, { ...all, rank: 1, worldSize: 2 })
  const target = await openStore(to.path)
  expect(await verifyPulled(target, undefined)).toMatchObject({ ok: true, absent: 1 })
  expect(await pullShards(store, found, to.path, all)).toMatchObject({ shards: 2, copied: 3, present: 3 })
  const whole = await verifyPulled(target, '2')
  expect(whole).toMatchObject({ ok: true, absent: 0, problems: [] })
  await expect(verifyPulled(target, '1')).rejects.toMatchObject({ code: 'not-found' })
  expect(await verifyPulled(store, undefined)).toBeUndefined()

  const [, text] = [...readdirSync(join(to.path, 'text'))].map((name) => join(to.path, 'text', name))
  const [file] = readdirSync(text ?? '').map((name) => join(text ?? '', name))
  const bytes = await readFile(file ?? '')
  await writeFile(file ?? '', Buffer.concat([bytes, bytes]))
  expect((await verifyPulled(target, undefined))?.problems.join()).toMatch(/text\/.* bytes, and its manifest says/)
  await rm(file ?? '')
  expect((await verifyPulled(target, undefined))?.problems.join()).toMatch(/text\/.* is missing/)
  const manifest = JSON.parse(await readFile(join(to.path, 'manifest.json'), 'utf8'))
  const hosts = join(to.path, manifest.shards.lv[0].hosts.path)
  const right = await readFile(hosts)
  await writeFile(hosts, right.subarray(1))
  expect((await verifyPulled(target, undefined))?.problems.join()).toMatch(/hosts\/.* bytes, and its manifest says/)
  await writeFile(hosts, right)
  manifest.shards.lv[0].tokens++
  await writeFile(join(to.path, 'manifest.json'), JSON.stringify({ ...manifest, withText: false }))
  expect((await verifyPulled(target, undefined))?.problems.join()).toMatch(/shards in lv have/)
})

test('several languages, and none by a wrong name', async () => {
  await using from = await scratch()
  await using to = await scratch()
  const store = await openStore(from.path)
  await publishNight(store, 1, [...nightDocs(1), { id: idOf('fi'), url: '', language: 'fi', text: 'Yksi lause.', outcome: 'kept' }])
  const found = await readSnapshot(store)
  expect(await pullShards(store, found, to.path, { ...all, withText: false, languages: ['fi', 'mt'] })).toMatchObject({ shards: 2, copied: 4 })
  expect(readdirSync(to.path)).toContain('hosts')
  expect(await verifyPulled(await openStore(to.path), undefined)).toMatchObject({ ok: true, absent: 0 })
  await expect(pullShards(store, found, to.path, { ...all, languages: ['fi', 'xx', 'yy'] })).rejects.toThrow('no shard in "xx", "yy"')
})
