import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import pullCommand from '../../src/cli/pull.ts'
import verifyCommand from '../../src/cli/verify.ts'
import whyCommand from '../../src/cli/why.ts'
import type { Command, Terminal } from '../../src/cli/command.ts'
import { pullShards } from '../../src/dataset/pull.ts'
import { readSnapshot } from '../../src/dataset/snapshot.ts'
import { openStore } from '../../src/storage/store.ts'
import { idOf, nightDocs, publishNight, scratch } from './small-dataset.ts'

async function dataset(path: string) {
  const store = await openStore(path)
  await publishNight(store, 1, nightDocs(1))
  await publishNight(store, 2, nightDocs(2))
  return store
}

async function run(command: Command, args: string[], options: Record<string, string | boolean> = {}) {
  const lines: string[] = []
  let json: unknown
  const asJson = options['json'] === true
  const terminal: Terminal = {
    asJson,
    interactive: true,
    columns: 80,
    print: (line) => void (asJson || lines.push(line)),
    note: (line) => void lines.push(line),
    progress: () => undefined,
    json: (value) => void (asJson && (json = value)),
  }
  return { exit: await command.run({ args, options }, terminal), text: lines.join('\n'), json }
}

test('verify exits 0 or 3 and prints one object', async () => {
  await using folder = await scratch()
  await dataset(folder.path)
  expect(await run(verifyCommand, [folder.path], { json: true })).toMatchObject({ exit: 0, json: { ok: true, problems: [] } })
  const { snapshot } = await readSnapshot(await openStore(folder.path))
  await rm(join(folder.path, snapshot.ledger[0]?.path ?? ''))
  expect(await run(verifyCommand, [folder.path], { json: true })).toMatchObject({ exit: 3, json: { ok: false } })
  expect((await run(verifyCommand, [folder.path])).text).toMatch(/is damaged/)
  await expect(run(verifyCommand, [join(folder.path, 'nowhere')])).rejects.toMatchObject({ code: 'not-a-dataset' })
})

test('why tells of a kept document of the first night where it lies now, and shows its text', async () => {
  await using folder = await scratch()
  await dataset(folder.path)
  const { json } = await run(whyCommand, [folder.path, idOf('1/4')], { json: true })
  expect(json).toMatchObject({
    document: idOf('1/4'),
    url: 'https://example.eu/4',
    outcome: 'kept',
    stage: null,
    survivor: null,
    row: 2,
    measures: { words: 6 },
    others: [],
  })
  const { snapshot } = await readSnapshot(await openStore(folder.path))
  const [page] = snapshot.shards['lv'] ?? []
  expect(await readFile(join(folder.path, page?.path ?? ''), 'utf8')).toContain(`"path":"${(json as { shard: string }).shard}"`)
  const { text } = await run(whyCommand, [folder.path, idOf('1/4').toUpperCase()])
  expect(text).toContain('Dokuments 4 no nakts 1: ķēķis.')
})

test('why names the survivor of a duplicate, the limit of a rule, and shows what was dropped', async () => {
  await using folder = await scratch()
  await dataset(folder.path)
  const near = await run(whyCommand, [folder.path, idOf('2/near')], { json: true })
  expect(near.json).toMatchObject({
    outcome: 'dropped',
    stage: 'near-duplicates',
    rule: 'similar',
    measured: 0.9,
    limit: 0.8,
    survivor: idOf('2/0'),
    similarity: 0.9,
    shard: null,
    row: null,
  })
  const short = await run(whyCommand, [folder.path, idOf('1/short')])
  expect(short.text).toMatch(/dropped by gopher-quality\/too-few-words: measured 1, limit 50/)
  expect(short.text).toMatch(/\nīss$/)
  expect((await run(whyCommand, [folder.path, idOf('2/copy')])).text).toMatch(/survivor is +https:\/\/example.eu\/0/)
})

test('why lists every document of a URL, and knows when there is none', async () => {
  await using folder = await scratch()
  await dataset(folder.path)
  const { json } = await run(whyCommand, [folder.path, 'https://example.eu/short'], { json: true })
  expect(json).toMatchObject({ document: idOf('2/short'), others: [{ document: idOf('1/short') }] })
  expect((await run(whyCommand, [folder.path, 'https://example.eu/short'])).text).toMatch(/1 of 2[^]*2 of 2/)
  expect((await run(whyCommand, [folder.path, 'https://example.eu/short'], { json: true, snapshot: '1' })).json).toMatchObject({
    document: idOf('1/short'),
    others: [],
  })
  await expect(run(whyCommand, [folder.path, 'https://example.eu/none'])).rejects.toMatchObject({ code: 'not-found', exit: 1 })
  await expect(run(whyCommand, [folder.path, idOf('none')])).rejects.toMatchObject({ code: 'not-found' })
})

test('a suppressed document is named, not shown, and pull says how many a reader must skip', async () => {
  await using folder = await scratch()
  const store = await dataset(folder.path)
  await store.put('suppressed/1.json', JSON.stringify({ ids: [idOf('1/4'), idOf('2/short')], reason: 'erasure' }))
  const { text } = await run(whyCommand, [folder.path, idOf('1/4')])
  expect(text).toContain('suppressed')
  expect(text).not.toContain('ķēķis')
  expect((await run(whyCommand, [folder.path, idOf('2/short')])).text).not.toContain('īss')
  await using target = await scratch()
  expect(await run(pullCommand, [folder.path, target.path], { json: true })).toMatchObject({ exit: 0, json: { suppressed: 1 } })
  expect(JSON.parse(await readFile(join(target.path, 'suppressed.json'), 'utf8'))).toEqual({ ids: [idOf('1/4'), idOf('2/short')].sort() })
  await store.put('suppressed/2.json', '{"ids": ["not an id"]}')
  await expect(run(pullCommand, [folder.path, target.path])).rejects.toMatchObject({ code: 'damaged-dataset' })
})

test('pull brings every shard once, goes on where it stopped, and replaces what is wrong', async () => {
  await using folder = await scratch()
  await using target = await scratch()
  await dataset(folder.path)
  expect((await run(pullCommand, [folder.path, target.path], { json: true })).json).toMatchObject({
    snapshot: 2,
    shards: 2,
    documents: 40,
    copied: 4,
    present: 0,
  })
  const manifest = JSON.parse(await readFile(join(target.path, 'manifest.json'), 'utf8'))
  const shards = Object.values(manifest.shards as Record<string, { path: string; bytes: number }[]>).flat()
  expect(manifest).toMatchObject({ version: 2, totals: { kept: 40 } })
  for (const { path } of shards) expect(await readFile(join(target.path, path))).toEqual(await readFile(join(folder.path, path)))
  const [kept, broken] = shards.map(({ path }) => join(target.path, path)) as [string, string]
  await utimes(kept, 1, 1)
  const bytes = await readFile(broken)
  bytes[100] = (bytes[100] ?? 0) ^ 1
  await writeFile(broken, bytes)
  expect((await run(pullCommand, [folder.path, target.path], { json: true })).json).toMatchObject({ copied: 0, present: 3, replaced: 1 })
  expect((await stat(kept)).mtimeMs).toBe(1000)
  expect((await run(pullCommand, [folder.path, target.path])).text).toContain('every hash is right')
})

test('pull takes one language, or a rank’s share; all ranks together take every shard once', async () => {
  await using folder = await scratch()
  await using target = await scratch()
  const store = await dataset(folder.path)
  expect((await run(pullCommand, [folder.path, target.path], { json: true, language: 'mt' })).json).toMatchObject({ shards: 1, documents: 14 })
  await expect(run(pullCommand, [folder.path, target.path], { language: 'de' })).rejects.toMatchObject({
    code: 'not-found',
    remedy: 'It has: lv, mt.',
  })
  const shares = await Promise.all(
    ['0', '1', '2'].map((dpRank) => run(pullCommand, [folder.path, target.path], { json: true, dpRank, dpWorldSize: '3' })),
  )
  expect(shares.map(({ json }) => (json as { shards: number }).shards)).toEqual([1, 1, 0])
  for (const wrong of [{ dpRank: '1' }, { dpRank: '-1', dpWorldSize: '2' }, { dpWorldSize: '0' }, { dpWorldSize: 'two' }])
    await expect(run(pullCommand, [folder.path, target.path], wrong)).rejects.toMatchObject({ code: 'bad-usage' })
  await expect(
    pullShards(store, await readSnapshot(store), folder.path, {
      languages: [],
      rank: 0,
      worldSize: 1,
      concurrency: 2,
      withText: false,
    }),
  ).rejects.toMatchObject({
    code: 'bad-usage',
  })
})

test('a shard that is damaged at its source is refused and leaves nothing behind', async () => {
  await using folder = await scratch()
  await using target = await scratch()
  const store = await dataset(folder.path)
  await run(pullCommand, [folder.path, target.path])
  const manifest = JSON.parse(await readFile(join(target.path, 'manifest.json'), 'utf8'))
  const { path } = manifest.shards.lv[0] as { path: string }
  const bytes = await readFile(join(folder.path, path))
  bytes[bytes.length - 30] = (bytes[bytes.length - 30] ?? 0) ^ 1
  await writeFile(await store.localPath(path), bytes)
  await rm(join(target.path, path))
  await mkdir(dirname(join(target.path, path)), { recursive: true })
  await expect(run(pullCommand, [folder.path, target.path])).rejects.toMatchObject({ code: 'damaged-dataset' })
  await expect(stat(join(target.path, path))).rejects.toMatchObject({ code: 'ENOENT' })
})
