import { createHash, randomUUID } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFileStore } from '../../src/storage/file-store.ts'
import { openS3Store } from '../../src/storage/s3-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { bucket, startServer, testSettings, type S3Server } from './s3-servers.ts'

const text = new TextDecoder()

async function keysOf(store: Store, prefix = '', startAfter = ''): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list(prefix, startAfter)) keys.push(key)
  return keys
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** What every store promises, whatever it is made of. */
describe.each(['file', 'versitygw', 'moto'] as const)('a store: %s', (kind) => {
  let server: S3Server | undefined
  const folders: string[] = []
  beforeAll(async () => {
    if (kind !== 'file') server = await startServer(kind)
  })
  afterAll(async () => {
    await server?.stop()
    for (const folder of folders) await rm(folder, { recursive: true, force: true })
  })

  function fresh(): Store {
    const name = randomUUID()
    if (server !== undefined) return openS3Store(`s3://${bucket}/tests/${name}`, testSettings({ endpoint: server.endpoint, pageKeys: 10 }))
    folders.push(join(tmpdir(), `quern-test-${name}`))
    return openFileStore(join(tmpdir(), `quern-test-${name}`))
  }

  test('of 64 racing writers exactly one is first, and its bytes are there', async () => {
    const store = fresh()
    for (const key of ['snapshots/1.json', 'snapshots/2.json']) {
      const wins = await Promise.all(Array.from({ length: 64 }, (_, i) => store.putIfAbsent(key, `writer ${i}`)))
      expect(wins.filter(Boolean)).toHaveLength(1)
      expect(text.decode(await store.get(key))).toBe(`writer ${wins.indexOf(true)}`)
    }
  })

  test('of racing writers of the same bytes, too, exactly one is told that it was first', async () => {
    const store = fresh()
    const wins = await Promise.all(Array.from({ length: 16 }, () => store.putIfAbsent('same', 'the same')))
    expect(wins.filter(Boolean)).toHaveLength(1)
  })

  test('putting twice is one thing, altering is refused, and a hint may be replaced', async () => {
    const store = fresh()
    await store.put('parts/a.json', 'one')
    await store.put('parts/a.json', 'one')
    await expect(store.put('parts/a.json', 'two')).rejects.toMatchObject({ code: 'store-failed' })
    expect(text.decode(await store.get('parts/a.json'))).toBe('one')
    expect(await store.putIfAbsent('parts/a.json', 'two')).toBe(false)
    await store.replace('_latest.json', '1')
    await store.replace('_latest.json', '22')
    expect(text.decode(await store.get('_latest.json'))).toBe('22')
    expect(await store.stat('_latest.json')).toEqual({ bytes: 2 })
    await store.delete('parts/a.json')
    await store.delete('parts/a.json')
    expect(await store.find('parts/a.json')).toBeUndefined()
    expect(await store.stat('parts')).toBeUndefined()
    await store.put('empty', '')
    expect(await store.get('empty')).toEqual(new Uint8Array(0))
  })

  test('an object that grows has no name before it is whole, and is named by its content', async () => {
    const store = fresh()
    const piece = new Uint8Array(700_000).map((_, i) => i)
    async function write() {
      const writer = await store.create()
      for (let i = 0; i < 5; i++) await writer.write(piece)
      await writer.write(new Uint8Array(3_000_000))
      expect(writer.bytes).toBe(6_500_000)
      return writer
    }
    const first = await write()
    expect(await keysOf(store)).toEqual([])
    const facts = await first.close((hash) => `data/${hash.slice(0, 2)}/x.arrow`)
    expect(facts.bytes).toBe(6_500_000)
    expect(sha256(await store.get(facts.path))).toBe(facts.sha256)
    expect(sha256(await readFile(await store.localPath(facts.path)))).toBe(facts.sha256)
    expect(await (await write()).close(facts.path)).toEqual(facts)
    const other = await store.create()
    await other.write(piece)
    await expect(other.close(facts.path)).rejects.toMatchObject({ code: 'store-failed' })
    await (await write()).abort()
    expect(await keysOf(store)).toEqual([facts.path])
  })

  test('an object of many parts arrives whole, and any range of it can be read', async () => {
    const store = fresh()
    const bytes = new Uint8Array(40 << 20)
    new Uint32Array(bytes.buffer).forEach((_, i, words) => (words[i] = Math.imul(i, 2654435761)))
    const writer = await store.create()
    await writer.write(bytes)
    const facts = await writer.close('data/large')
    expect(facts.sha256).toBe(sha256(bytes))
    for (const [offset, length] of [
      [0, 10],
      [(16 << 20) - 5, 10],
      [bytes.length - 7, 7],
      [1, 0],
    ] as const)
      expect(Buffer.compare(await store.get('data/large', { offset, length }), bytes.subarray(offset, offset + length))).toBe(0)
    expect(sha256(await store.get('data/large'))).toBe(facts.sha256)
    expect(sha256(await readFile(await store.localPath('data/large')))).toBe(facts.sha256)
    const again = await store.create()
    await again.write(bytes)
    expect(await again.close('data/large')).toEqual(facts)
  })

  test('a range beyond the end and a missing object are damage, not short reads', async () => {
    const store = fresh()
    await store.put('a', 'hello')
    expect(text.decode(await store.get('a', { offset: 1, length: 3 }))).toBe('ell')
    await expect(store.get('a', { offset: 3, length: 3 })).rejects.toMatchObject({ code: 'damaged-dataset' })
    await expect(store.get('a', { offset: 30, length: 3 })).rejects.toMatchObject({ code: 'damaged-dataset' })
    await expect(store.get('b')).rejects.toMatchObject({ code: 'damaged-dataset' })
    if (kind !== 'file') await expect(store.localPath('b')).rejects.toMatchObject({ code: 'damaged-dataset' })
  })

  test('a list is in byte order, starts after its mark and tells sizes and times', async () => {
    const store = fresh()
    const keys = ['a-b', 'a/b/c', 'a/b-c', 'a/b.d', 'a.x', 'ab', 'z/1', 'z/2', 'z/10']
    await Promise.all(keys.map((key) => store.put(key, key)))
    const all = await keysOf(store)
    expect(all).toEqual([...keys].sort((a, b) => (a < b ? -1 : 1)))
    for (const prefix of ['', 'a', 'a/', 'a/b', 'z/', 'zz', 'a/b/c'])
      for (const mark of ['', 'a', 'a-b', 'a/b', 'a/b/c', 'a.x', 'z/1', 'z/10', 'zz'])
        expect(await keysOf(store, prefix, mark)).toEqual(all.filter((key) => key.startsWith(prefix) && key > mark))
    for await (const { key, bytes, modified } of store.list('')) {
      expect(bytes).toBe(key.length)
      expect(Math.abs(Date.now() - modified)).toBeLessThan(3_600_000)
    }
  })

  test('a list of more than one page is whole', async () => {
    const store = fresh()
    const keys = Array.from({ length: 25 }, (_, i) => `many/${String(i).padStart(4, '0')}`)
    await Promise.all(keys.map((key) => store.put(key, '')))
    expect(await keysOf(store, 'many/')).toEqual(keys)
    expect(await keysOf(store, 'many/', 'many/0009')).toEqual(keys.slice(10))
  })

  test.each(['', '/etc/passwd', '../x', 'a/../b', 'a//b', 'a/', '.tmp/x', 'a/.b', 'a b', 'ä', 'a\\b', 'a\0b'])(
    'the key %j is refused',
    async (key) => {
      const store = fresh()
      await expect(store.put(key, 'x')).rejects.toMatchObject({ code: 'store-failed' })
      await expect(store.get(key)).rejects.toMatchObject({ code: 'store-failed' })
    },
  )

  test('the probe passes, twice, and leaves no object but its record', async () => {
    const store = fresh()
    await store.probe()
    await store.probe()
    expect((await keysOf(store)).filter((key) => key !== '_store.json')).toEqual([])
    await store.put('a', 'after the probe')
    expect(await store.clean()).toBe(0)
  })
})
