import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { rowBytes, rowText } from '../../src/core/batch.ts'
import { beforeCut } from '../../src/dataset/cut-pieces.ts'
import { openDataset } from '../../src/dataset/format.ts'
import { readEntries, type ShardEntry } from '../../src/dataset/pages.ts'
import { readTexts } from '../../src/dataset/read-texts.ts'
import { readSnapshot } from '../../src/dataset/snapshot.ts'
import { openTextWriter } from '../../src/dataset/text.ts'
import { quern, quernJson, reachable, root, scratch } from '../quern.ts'
import { page, random, writePipeline } from './pages.ts'

const perNight = 60

/** Pages of several paragraphs; some come again by address, by text, or with a paragraph of an earlier page. */
function writeNight(file: string, night: number, count = perNight): void {
  const next = random(night + 3)
  const rows = Array.from({ length: count }, (_, i) => {
    const number = night * perNight + i
    const earlier = Math.floor(next() * number)
    const kind = next()
    const own = [page(number + 9000, 60), page(number + 8000, 60), page(number + 7000, 60)]
    const paragraphs = kind < 0.3 ? [own[0], page(earlier + 8000, 60), own[2]] : own
    const text = kind > 0.8 ? page(earlier + 9000, 60).toUpperCase() : paragraphs.join('\n\n')
    const url = kind > 0.7 && kind < 0.8 ? `http://pages.example:80/${earlier}` : `https://pages.example/${number}`
    return JSON.stringify({ url, text })
  })
  writeFileSync(file, `${rows.join('\n')}\n`)
}

/** `options` are of `near-duplicates`. */
function pipelineOf(folder: string, stages: string, nights: number, options = ''): string {
  const paths = Array.from({ length: nights }, (_, i) => `night-${i}.jsonl`)
  const file = writePipeline(folder, `until-${nights}`, paths)
  const text = readFileSync(file, 'utf8')
  // Small enough a night that the last shard of each is pressed again with the next.
  const large = text.replace('shard-bytes: 131072', 'shard-bytes: 1048576').replace('  - use: exact-duplicates\n', stages)
  writeFileSync(file, large.replace('similarity: 0.8', `similarity: 0.8\n    merge-runs: 2${options}`))
  return file
}

/** Three nights of a pipeline with these duplicate stages before `near-duplicates`. */
function threeNights(stages: string, options = ''): { readonly folder: string; readonly whole: string } {
  const folder = scratch()
  for (let night = 0; night < 4; night += 1) writeNight(join(folder, `night-${night}.jsonl`), night)
  const whole = join(folder, 'whole')
  for (let nights = 1; nights <= 3; nights += 1) quernJson(['run', pipelineOf(folder, stages, nights, options), '--out', whole])
  return { folder, whole }
}

function withoutIndex(whole: string): string {
  const lost = `${whole}-lost`
  cpSync(whole, lost, { recursive: true })
  rmSync(join(lost, 'index'), { recursive: true })
  return lost
}

function runPaths(dataset: string): string[] {
  const names = readdirSync(join(dataset, 'index'), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.run')).map((name) => join('index', name))
}

async function shardsOf(dataset: string): Promise<ShardEntry[]> {
  const store = await openDataset(dataset)
  const { snapshot } = await readSnapshot(store)
  const shards: ShardEntry[] = []
  for (const pages of Object.values(snapshot.shards)) for await (const shard of readEntries(store, 'shards', pages)) shards.push(shard)
  return shards
}

interface KeptText {
  readonly left: string
  readonly whole: string
}

/** What a dataset keeps of its documents by id, and what it says they were before anything was cut. */
async function keptTexts(dataset: string): Promise<Map<string, KeptText>> {
  const store = await openDataset(dataset)
  const kept = new Map<string, KeptText>()
  for (const shard of await shardsOf(dataset))
    for await (const texts of readTexts(store, shard.text.path))
      for (let row = 0; row < texts.rows; row += 1) {
        const pieces = texts.cut_pieces === undefined ? new Uint8Array(0) : rowBytes(texts.cut_pieces, row)
        const whole = beforeCut(rowBytes(texts.text, row), pieces) ?? new Uint8Array(0)
        const id = Buffer.from(texts.docIds.subarray(row * 16, row * 16 + 16)).toString('hex')
        kept.set(id, { left: rowText(texts.text, row), whole: Buffer.from(whole).toString('utf8') })
      }
  return kept
}

const cutting = [
  ['lines', '  - use: duplicate-lines\n'],
  ['paragraphs', '  - use: duplicate-paragraphs\n'],
  ['paragraphs that two may hold', '  - use: duplicate-paragraphs\n    repeats: 2\n'],
  ['spans of sentences', '  - use: duplicate-lines\n    unit: sentences-3\n'],
  ['runs of words', '  - use: repeated-substrings\n'],
  ['lines and folded texts', '  - use: duplicate-lines\n  - use: exact-duplicates\n    normalise: fold\n'],
] as const

describe('an index deleted and rebuilt gives the same bytes and the same next night', () => {
  test.for([
    ['addresses and folded texts', '  - use: url-duplicates\n  - use: exact-duplicates\n    normalise: fold\n', ''],
    ['characters by language', '  - use: exact-duplicates\n', '\n    shingles: characters\n    within: language'],
    ...cutting.map(([what, stages]) => [what, stages, ''] as const),
  ] as const)('%s', { timeout: 600_000 }, async ([, stages, options]) => {
    const { folder, whole } = threeNights(stages, options)
    const cut = [...(await keptTexts(whole)).values()].filter((text) => text.left !== text.whole)
    expect(cut.length > 0).toBe(/duplicate-(lines|paragraphs)|substrings/.test(stages))
    expect((await shardsOf(whole)).some(({ absorbed }) => absorbed.length > 1)).toBe(true)

    const lost = withoutIndex(whole)
    const { restored, runs } = quernJson<{ runs: number; restored: unknown[] }>(['rebuild-index', lost])
    expect(restored).toHaveLength(runs)
    expect(reachable(lost)).toEqual(reachable(whole))
    for (const out of [whole, lost]) quernJson(['run', pipelineOf(folder, stages, 4, options), '--out', out])
    expect(reachable(lost)).toEqual(reachable(whole))
    expect(quernJson<{ ok: boolean }>(['verify', lost]).ok).toBe(true)
  })
})

describe('runs of keys come back where nothing tells which night made them', () => {
  test.for([
    ['addresses', '  - use: url-duplicates\n'],
    ['lines that two may hold', '  - use: duplicate-lines\n    repeats: 2\n'],
    ['spans of sentences', '  - use: duplicate-lines\n    unit: sentences-3\n'],
  ] as const)('the snapshots before are gone: %s', { timeout: 600_000 }, ([, stages]) => {
    const { whole } = threeNights(stages)
    quernJson(['retain', whole, '--last', '1', '--grace', '0s'])
    quernJson(['retain', whole, '--last', '1', '--grace', '0s'])
    const lost = withoutIndex(whole)
    const { restored, runs } = quernJson<{ runs: number; restored: unknown[] }>(['rebuild-index', lost])
    expect(runs).toBeGreaterThan(3)
    expect(restored).toHaveLength(runs)
    for (const path of runPaths(whole)) expect(readFileSync(join(lost, path)).equals(readFileSync(join(whole, path)))).toBe(true)
  })

  test('a night filled the memory and wrote several; one of them is lost', { timeout: 600_000 }, () => {
    const folder = scratch()
    writeNight(join(folder, 'night-0.jsonl'), 0, 900)
    const whole = join(folder, 'whole')
    quernJson(['run', pipelineOf(folder, '  - use: duplicate-lines\n    memory: 1\n', 1), '--out', whole])
    const { index } = JSON.parse(readFileSync(join(whole, 'snapshots', `${'1'.padStart(20, '0')}.json`), 'utf8')) as {
      index: { runs: unknown[]; keys: { path: string }[] }
    }
    expect(index.keys.length).toBeGreaterThan(1)
    const lost = withoutIndex(whole)
    expect(quernJson<{ restored: unknown[] }>(['rebuild-index', lost]).restored).toHaveLength(index.runs.length + index.keys.length)
    expect(reachable(lost)).toEqual(reachable(whole))
    rmSync(join(lost, index.keys[1]?.path ?? ''))
    expect(quernJson<{ restored: { path: string }[] }>(['rebuild-index', lost]).restored.map(({ path }) => path)).toEqual([index.keys[1]?.path])
    expect(reachable(lost)).toEqual(reachable(whole))
  })
})

describe('an index of nights that decide in an order of their own comes back too', () => {
  /** Longer and shorter texts of each other, and versions of pages, the later ones newer, some without a date. */
  function writeVersions(file: string, night: number): void {
    const next = random(night + 11)
    const rows = Array.from({ length: perNight }, (_, i) => {
      const number = night * perNight + i
      const of = next() < 0.4 ? Math.floor(next() * number) : number
      const date = next() < 0.2 ? '' : `2024-0${1 + Math.floor(i / 10)}-1${i % 10}`
      const text = `${page(of, 140)}\n${page(number + 5000, Math.floor(next() * 24))}`
      return JSON.stringify({ url: `https://pages.example/${next() < 0.5 ? of : number}`, date, text })
    })
    writeFileSync(file, `${rows.join('\n')}\n`)
  }

  function heldPipeline(folder: string, stages: string, keep: string, nights: number): string {
    const file = pipelineOf(folder, stages, nights)
    writeFileSync(file, readFileSync(file, 'utf8').replace('similarity: 0.8', `similarity: 0.8${keep}`))
    return file
  }

  test.for([
    ['the longest', '  - use: exact-duplicates\n', '\n    keep: longest'],
    ['the best', '  - use: exact-duplicates\n    normalise: fold\n', '\n    keep: best\n    best-by: top_2_gram_share'],
    ['the newest version', '  - use: url-duplicates\n    keep: newest\n', ''],
  ] as const)('%s', { timeout: 600_000 }, ([, stages, keep]) => {
    const folder = scratch()
    for (let night = 0; night < 4; night += 1) writeVersions(join(folder, `night-${night}.jsonl`), night)
    const whole = join(folder, 'whole')
    for (let nights = 1; nights <= 3; nights += 1) quernJson(['run', heldPipeline(folder, stages, keep, nights), '--out', whole])
    const lost = withoutIndex(whole)
    const { restored, runs } = quernJson<{ runs: number; restored: unknown[] }>(['rebuild-index', lost])
    expect(restored).toHaveLength(runs)
    expect(reachable(lost)).toEqual(reachable(whole))
    for (const out of [whole, lost]) quernJson(['run', heldPipeline(folder, stages, keep, 4), '--out', out])
    expect(reachable(lost)).toEqual(reachable(whole))
  })
})

describe('what is cut from a text stays beside it', () => {
  const [, stages] = cutting[1]

  test('through three nights and an erasure, which takes it along', { timeout: 600_000 }, async () => {
    const { folder, whole } = threeNights(stages)
    const sources = new Set<string>()
    for (let night = 0; night < 3; night += 1)
      for (const row of readFileSync(join(folder, `night-${night}.jsonl`), 'utf8')
        .trim()
        .split('\n'))
        sources.add((JSON.parse(row) as { text: string }).text)
    const kept = await keptTexts(whole)
    for (const text of kept.values()) expect(sources).toContain(text.whole)
    const cut = [...kept].filter(([, text]) => text.left !== text.whole)
    const [id] = cut[0] ?? []
    if (id === undefined || cut.length < 2) throw new Error('too little was cut to see what becomes of it')

    quernJson(['suppress', whole, '--document', id, '--reason', 'test', '--apply', '--grace', '0s', '--no-promote'])
    const after = await keptTexts(whole)
    kept.delete(id)
    expect(after).toEqual(kept)
    expect(quernJson<{ ok: boolean }>(['verify', whole]).ok).toBe(true)

    for (const path of runPaths(whole)) rmSync(join(whole, path))
    const refused = quern(['rebuild-index', whole])
    expect(refused.status).toBe(1)
    expect(refused.err).toContain('erased')
    expect(refused.err).toContain('--rebuild')
  })

  test('of a document too that comes in for one that was erased', { timeout: 600_000 }, async () => {
    const folder = scratch()
    const held = page(1, 60)
    const long = Array.from({ length: 6 }, (_, i) => page(10 + i, 60)).join('\n\n')
    const texts = { holder: `${held}\n\n${page(2, 60)}`, erased: long, copy: `${long}\n\n${held}` }
    const rows = Object.entries(texts).map(([name, text]) => JSON.stringify({ url: `https://pages.example/${name}`, text }))
    writeFileSync(join(folder, 'night-0.jsonl'), `${rows.join('\n')}\n`)
    const whole = join(folder, 'whole')
    quernJson(['run', pipelineOf(folder, stages, 1), '--out', whole])
    expect([...(await keptTexts(whole)).values()].map((text) => text.left)).toEqual([texts.holder, texts.erased])

    const url = 'https://pages.example/erased'
    quernJson([
      'suppress',
      whole,
      '--url',
      url,
      '--reason',
      'test',
      '--apply',
      '--grace',
      '0s',
      '--tokenizer',
      join(root, 'data-samples/tokenizer.json'),
    ])
    const [holder, copy, ...others] = (await keptTexts(whole)).values()
    expect(holder?.left).toBe(texts.holder)
    expect(copy?.whole).toBe(texts.copy)
    expect(copy?.left.trimEnd()).toBe(long)
    expect(others).toEqual([])
    expect(quernJson<{ ok: boolean }>(['verify', whole]).ok).toBe(true)
  })

  test('a dataset from before says why its index cannot be made again', { timeout: 600_000 }, async () => {
    const { whole } = threeNights(stages)
    const lost = withoutIndex(whole)
    const store = await openDataset(lost)
    for (const shard of await shardsOf(lost)) {
      const writer = await openTextWriter(store, shard.language, false)
      for await (const { cut_pieces: _, ...texts } of readTexts(store, shard.text.path)) await writer.write(texts)
      const { text } = await writer.close()
      cpSync(join(lost, text.path), join(lost, shard.text.path))
    }
    const refused = quern(['rebuild-index', lost])
    expect(refused.status).toBe(1)
    expect(refused.err).toContain('did not keep what it cut')
    expect(refused.err).toContain('--rebuild')
  })
})
