import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, writeFile, chmod, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { openStore, type Store } from '../../src/storage/store.ts'
import { scratch } from '../dataset/small-dataset.ts'

const text = new TextDecoder()

async function keysOf(store: Store, prefix = '', startAfter = ''): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list(prefix, startAfter)) keys.push(key)
  return keys
}

test('of many racing writers in several threads exactly one is first, and its bytes are there', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  const script = `
    import { openStore } from ${JSON.stringify(new URL('../../src/storage/store.ts', import.meta.url).href)}
    import { parentPort, workerData } from 'node:worker_threads'
    const store = await openStore(workerData.path)
    const wins = []
    for (let version = 0; version < 50; version++)
      wins.push((await Promise.all([1, 2, 3].map((n) => store.putIfAbsent('snapshots/' + version + '.json', workerData.who + '-' + n)))).indexOf(true))
    parentPort.postMessage(wins)`
  const workers = await Promise.all(
    [0, 1, 2].map(async (who) => {
      const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), { workerData: { path: folder.path, who } })
      return (await once(worker, 'message'))[0] as number[]
    }),
  )
  for (let version = 0; version < 50; version++) {
    const winners = workers.flatMap((wins, who) => ((wins[version] as number) >= 0 ? [`${who}-${(wins[version] as number) + 1}`] : []))
    expect(winners).toHaveLength(1)
    expect(text.decode(await store.get(`snapshots/${version}.json`))).toBe(winners[0])
  }
  expect(await readdir(join(folder.path, '.tmp'))).toEqual([])
})

test('a list is in byte order, starts after its mark and shows no temporary file', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  const keys = ['a-b', 'a/b/c', 'a/b-c', 'a/b.d', 'a.x', 'ab', 'z/1', 'z/2', 'z/10']
  for (const key of keys) await store.put(key, key)
  await store.create()
  const all = await keysOf(store)
  expect(all).toEqual([...keys].sort((a, b) => (a < b ? -1 : 1)))
  for (const prefix of ['', 'a', 'a/', 'a/b', 'z/', 'zz', 'a/b/c'])
    for (const mark of ['', 'a', 'a-b', 'a/b', 'a/b/c', 'a.x', 'z/1', 'z/10', 'zz']) {
      const listed = await keysOf(store, prefix, mark)
      expect(listed).toEqual(all.filter((key) => key.startsWith(prefix) && key > mark))
    }
  expect(await keysOf(await openStore(join(folder.path, 'nowhere')))).toEqual([])
})

test.each(['', '/etc/passwd', '../x', 'a/../b', 'a//b', 'a/', '.tmp/x', 'a/.b', 'a b', 'ä', 'a\\b', 'a\0b'])('the key %j is refused', async (key) => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  await expect(store.put(key, 'x')).rejects.toMatchObject({ code: 'store-failed' })
  await expect(store.get(key)).rejects.toMatchObject({ code: 'store-failed' })
})

test('what a killed writer leaves is cleaned, what a live one writes is not', async () => {
  await using folder = await scratch()
  const script = `
    import { openStore } from ${JSON.stringify(new URL('../../src/storage/store.ts', import.meta.url).href)}
    const writer = await (await openStore(process.argv[1])).create()
    await writer.write(new Uint8Array(3e6))
    console.log('written')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder.path], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const store = await openStore(folder.path)
  expect(await store.clean()).toBe(0)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const live = await store.create()
  expect(await store.clean()).toBe(1)
  await live.write(new Uint8Array(10))
  await live.close('live')
  // Another machine's: by age alone.
  const foreign = join(folder.path, '.tmp', 'ffffffffffff-1-00000000')
  await writeFile(foreign, '')
  expect(await store.clean()).toBe(0)
  await utimes(foreign, new Date(0), new Date(0))
  expect(await store.clean()).toBe(1)
})

test('the probe passes on a disk and leaves nothing', async () => {
  await using folder = await scratch()
  const store = await openStore(pathToFileURL(join(folder.path, 'new', 'dataset')).href)
  await store.probe()
  expect(await keysOf(store)).toEqual([])
})

test('a place that cannot be written is named, with what to do', async () => {
  await using folder = await scratch()
  await writeFile(join(folder.path, 'file'), '')
  const below = await openStore(join(folder.path, 'file', 'dataset'))
  await expect(below.probe()).rejects.toMatchObject({ code: 'output-not-writable', remedy: expect.stringContaining('folder') })
  if (process.getuid?.() === 0) return // root writes everywhere
  await mkdir(join(folder.path, 'locked'))
  await chmod(join(folder.path, 'locked'), 0o500)
  await expect((await openStore(join(folder.path, 'locked'))).probe()).rejects.toMatchObject({ code: 'output-not-writable' })
})

test.each(['s3://x', 's3://user:secret@bucket/x', 's3://bucket/x?endpoint=y', 's3://bucket/.x', 'https://example.eu/x'])(
  '%s is refused by name',
  async (url) => {
    await expect(openStore(url)).rejects.toMatchObject({ code: 'bad-usage' })
  },
)
