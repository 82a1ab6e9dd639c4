import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quern, quernJson, reachable, root, startQuern, type RunSummary } from '../quern.ts'
import { runPython } from '../python.ts'
import { page, random } from './pages.ts'

const tokenizer = join(root, 'data-samples/tokenizer.json')
const kills = Number(process.env['QUERN_KILLS'] ?? 4)

interface Story {
  readonly document: string
  readonly outcome: string
  readonly stage: string | null
  readonly rule: string | null
  readonly survivor: string | null
  readonly similarity: number | null
  readonly shard: string | null
  readonly ledger: { readonly date: string | null; readonly cut_by: string | null; readonly cut_from: string | null }
  readonly others: readonly Story[]
}

interface Run extends RunSummary {
  readonly replaced?: number
  readonly nothingNew: boolean
}

/** Address below the site, date, text. */
type Row = readonly [url: string, date: string, text: string]

let folder = ''

function write(file: string, rows: readonly Row[]): void {
  writeFileSync(
    join(folder, `${file}.jsonl`),
    rows.map(([url, date, text]) => `${JSON.stringify({ url: `https://pages.example/${url}`, date, text })}\n`).join(''),
  )
}

interface Settings {
  readonly retain?: string
  readonly replace?: boolean
}

/** Nights named `prefix-0`, `prefix-1`, … of one dataset: night `n` takes the first n files. */
function pipeline(prefix: string, nights: number, { retain = 'all', replace = true }: Settings = {}): string {
  const paths = JSON.stringify(Array.from({ length: nights }, (_, i) => `${prefix}-${i}.jsonl`))
  const file = join(folder, `${prefix}-${nights}-${retain}-${replace}.yaml`)
  writeFileSync(
    file,
    `name: replace
sources:
  - { use: jsonl, name: pages, licence: CC0-1.0, paths: ${paths} }
stages:
  - { use: language, keep: [de, nl, en, lb, nds, af, da, sv], limits: { default: 0 } }
  - { use: url-duplicates, keep: newest, replace: ${replace} }
  - { use: exact-duplicates }
  - { use: near-duplicates, similarity: 0.8, merge-runs: 2 }
  - { use: tokenize, tokenizer: ${tokenizer} }
output: { dataset: ./unused, shard-bytes: 65536, retain-dropped: ${retain} }
`,
  )
  return file
}

/** Runs one night after the other; what each of them said. */
function nights(prefix: string, all: readonly (readonly Row[])[], settings?: Settings): Run[] {
  return all.map((rows, night) => {
    write(`${prefix}-${night}`, rows)
    return quernJson<Run>(['run', pipeline(prefix, night + 1, settings), '--out', join(folder, prefix)])
  })
}

const why = (out: string, which: string, ...more: readonly string[]): Story => quernJson<Story>(['why', out, which, ...more])
const at = (url: string): string => `https://pages.example/${url}`
const versions = (out: string): readonly (readonly [number, string])[] =>
  quernJson<{ snapshots: { version: number; operation: string }[] }>(['snapshots', out]).snapshots.map(({ version, operation }) => [
    version,
    operation,
  ])
const verified = (out: string): void => expect(quernJson(['verify', out])).toMatchObject({ ok: true, problems: [] })

/** Ids of all documents that the trainers' loader gives out of a snapshot. */
function loaded(out: string, snapshot: number): string[] {
  const script = `
import json, sys
sys.path.insert(0, sys.argv[1])
from quern_loader import Dataset
dataset = Dataset(sys.argv[2], int(sys.argv[3]), seq_len=64)
print(json.dumps(sorted({piece["id"] for i in range(len(dataset)) for piece in dataset.documents(i)})))
`
  return JSON.parse(runPython(script, [join(root, 'python/src'), out, String(snapshot)])) as string[]
}

interface Stored {
  readonly dropped: readonly unknown[]
  readonly shards: Readonly<Record<string, readonly { readonly entries: number }[]>>
}

/** The newest snapshot as it is stored. */
function newest(out: string): Stored {
  const name = readdirSync(join(out, 'snapshots')).sort().at(-1) ?? ''
  return JSON.parse(readFileSync(join(out, 'snapshots', name), 'utf8')) as Stored
}

const others = (from: number, count: number): Row[] => Array.from({ length: count }, (_, i) => [`other/${from + i}`, '', page(from + i, 160)])

beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'quern-test-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('url-duplicates with replace', () => {
  test('a later version takes the place of a published page, and what was dropped for its text follows', { timeout: 180_000 }, () => {
    const out = join(folder, 'once')
    const first: Row[] = [
      ['a', '2024-01-01', page(1, 200)],
      ['copy-of-a', '', page(1, 200)],
      ['like-a', '', page(1, 200, 0.02, 17)],
      ['b', '2024-01-01', page(2, 200)],
      ['c', '', page(3, 200)],
      ...others(100, 30),
    ]
    const [one, two] = nights('once', [
      first,
      [
        ['a?utm_source=new', '2024-05-01T10:00:00Z', page(11, 200)],
        ['b#top', '2023-12-31', page(12, 200)],
        ['c?utm_source=x', '2025-01-01', page(13, 200)],
        ...others(200, 5),
      ],
    ])
    expect(one).toMatchObject({ snapshot: 1, kept: 33 })
    expect(one).not.toHaveProperty('replaced')
    expect(two).toMatchObject({ snapshot: 3, read: 8, kept: 5, dropped: { 'url-duplicates/same-page': 3 }, replaced: 1 })
    expect(versions(out)).toEqual([
      [3, 'replace'],
      [2, 'append'],
      [1, 'append'],
    ])
    const newer = why(out, at('a?utm_source=new'))
    expect(newer).toMatchObject({ outcome: 'kept', stage: null, survivor: null, ledger: { date: '2024-05-01T10:00:00Z' } })
    const older = why(out, at('a'))
    expect(older).toMatchObject({
      outcome: 'dropped',
      stage: 'url-duplicates',
      rule: 'replaced',
      survivor: newer.document,
      similarity: null,
      shard: null,
    })
    const told = quern(['why', out, at('a')]).out
    expect(told).toMatch(/newer version +[0-9a-f]{32}\n/)
    expect(told).toContain(page(1, 200).split('\n')[0])
    expect(quern(['why', out, at('a?utm_source=new')]).out).toContain(page(11, 200).split('\n')[0])
    // The text of page a is published again, by its copy, and what is like it names that one.
    const heir = why(out, at('copy-of-a'))
    expect(heir).toMatchObject({ outcome: 'kept' })
    expect(why(out, at('like-a'))).toMatchObject({ stage: 'near-duplicates', survivor: heir.document })
    expect(why(out, at('like-a')).similarity).toBeGreaterThanOrEqual(0.8)
    // An older version, and one of a page without a date, replace nothing.
    expect(why(out, at('b#top'))).toMatchObject({ rule: 'same-page', survivor: why(out, at('b')).document })
    expect(why(out, at('c?utm_source=x'))).toMatchObject({ rule: 'same-page', survivor: why(out, at('c')).document })
    verified(out)
    // Whoever pinned an earlier snapshot trains on what it was.
    expect(why(out, at('a'), '--snapshot', '2')).toMatchObject({ outcome: 'kept' })
    expect(quernJson(['verify', out, '--snapshot', '2'])).toMatchObject({ ok: true })
    const [then, now] = [2, 3].map((version) => loaded(out, version))
    expect([then?.length, now?.length]).toEqual([38, 39])
    expect(then?.filter((id) => now?.includes(id) !== true)).toEqual([older.document])
    expect(now?.filter((id) => then?.includes(id) !== true)).toEqual([newer.document, heir.document].toSorted())
    const moves = quernJson<{ moves: { from: string; to: string; documents: number }[]; kept: number[] }>(['diff', out, '2', '3'])
    expect(moves.kept).toEqual([38, 39])
    expect(moves.moves.map(({ from, to, documents }) => [from, to, documents].join(' ')).toSorted()).toEqual([
      'exact-duplicates/copy kept 1',
      'kept url-duplicates/replaced 1',
      'url-duplicates/same-page kept 1',
    ])
    expect(quern(['snapshots', out]).out).toMatch(/3 +\S+ +replace +39/)
    expect(quernJson<Run>(['run', pipeline('once', 2), '--out', out])).toMatchObject({ nothingNew: true, snapshot: null })
  })

  test('again and again: the newest stands for all versions, over many nights whose runs of keys are merged', { timeout: 300_000 }, () => {
    const out = join(folder, 'chain')
    const all = Array.from({ length: 7 }, (_, night): Row[] => [
      ...(night === 3 ? [] : [['a', `2024-0${night + 1}-01`, page(20 + night, 200)] as Row]),
      ['b', `2023-01-0${9 - night}`, page(40 + night, 200)],
      ...(night === 0 ? [['like-a', '', page(20, 200, 0.02, 17)] as Row] : []),
      ...others(300 + night * 10, 4),
    ])
    const said = nights('chain', all, { retain: 'none' })
    expect(said.map(({ replaced = 0 }) => replaced)).toEqual([0, 1, 1, 0, 1, 1, 1])
    const answer = why(out, at('a'))
    expect(answer).toMatchObject({ outcome: 'kept', ledger: { date: '2024-07-01' } })
    expect(answer.others).toHaveLength(5)
    for (const other of answer.others) expect(other).toMatchObject({ stage: 'url-duplicates', rule: 'replaced', survivor: answer.document })
    const b = why(out, at('b'))
    expect(b).toMatchObject({ outcome: 'kept', ledger: { date: '2023-01-09' } })
    for (const other of b.others) expect(other).toMatchObject({ rule: 'same-page', survivor: b.document })
    verified(out)
    // A near-duplicate whose text is not there cannot be compared again: it goes on naming what it was dropped for.
    const oldest = answer.others.find(({ ledger }) => ledger.date === '2024-01-01')
    expect(why(out, at('like-a'))).toMatchObject({ stage: 'near-duplicates', survivor: oldest?.document })
    // With nothing retained, no text is left but that of what is published.
    expect(newest(out).dropped).toEqual([])
    // What comes in joins the small last shard, so that neither a night nor its replacement leaves one of its own.
    const shards = Object.values(newest(out).shards).flatMap((pages) => pages.map(({ entries }) => entries))
    expect(shards.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(2 * shards.length)
    const { largest } = quernJson<{ largest: { survivor: string; size: number }[] }>(['duplicates', out])
    expect(largest.slice(0, 2).map(({ survivor, size }) => [survivor, size])).toEqual([
      [b.document, 6],
      [answer.document, 5],
    ])
  })

  test('a version that cannot come in leaves its page where it is; the next newest comes instead', { timeout: 180_000 }, () => {
    const out = join(folder, 'stays')
    const [, two] = nights('stays', [
      [
        ['a', '2024-01-01', page(1, 200)],
        ['b', '2024-01-01', page(2, 200)],
        ['c', '2024-01-01', page(3, 200)],
        ['d', '2024-01-01', page(4, 200)],
        ...others(100, 10),
      ],
      [
        // Page a becomes a copy of b, which stays since its own version is like another page; c's newest is such a copy, its second is not.
        ['a', '2024-02-01', page(2, 200)],
        ['b', '2024-02-01', page(101, 160)],
        ['c', '2024-02-01', page(33, 200)],
        ['c?utm_source=2', '2024-03-01', page(102, 160)],
        ['d', '2024-02-01', page(44, 200)],
      ],
    ])
    expect(two).toMatchObject({ replaced: 2 })
    const [a, b] = [why(out, at('a')), why(out, at('b'))]
    expect(a).toMatchObject({ outcome: 'kept', ledger: { date: '2024-01-01' }, others: [{ rule: 'same-page', survivor: a.document }] })
    expect(b).toMatchObject({ outcome: 'kept', ledger: { date: '2024-01-01' }, others: [{ rule: 'same-page', survivor: b.document }] })
    const c = why(out, at('c'))
    expect(c).toMatchObject({ outcome: 'kept', ledger: { date: '2024-02-01' }, others: [{ rule: 'replaced', survivor: c.document }] })
    expect(why(out, at('c?utm_source=2'))).toMatchObject({ stage: 'exact-duplicates', survivor: why(out, at('other/102')).document })
    expect(why(out, at('d'))).toMatchObject({ outcome: 'kept', ledger: { date: '2024-02-01' } })
    verified(out)
    expect(quernJson<Run>(['run', pipeline('stays', 2), '--out', out])).toMatchObject({ nothingNew: true })
  })

  test('without the setting, a newer version of a published page is dropped', { timeout: 60_000 }, () => {
    const rows = (date: string, text: string): Row[] => [['a', date, text], ...others(100, 3)]
    const [, two] = nights('off', [rows('2024-01-01', page(1, 200)), [['a', '2024-02-01', page(2, 200)]]], { replace: false })
    expect(two).toMatchObject({ snapshot: 2, dropped: { 'url-duplicates/same-page': 1 } })
    expect(two).not.toHaveProperty('replaced')
  })

  test('beside a stage that cuts: the newer version holds what the older one held first', { timeout: 120_000 }, () => {
    const out = join(folder, 'cut')
    const [menu, news, own] = [page(1, 60), page(2, 60), (n: number) => `${page(100 + n, 60)}\n\n${page(200 + n, 60)}`]
    const stage = '  - { use: duplicate-paragraphs }\n  - { use: tokenize'
    const run = (night: number, rows: readonly Row[]): Run => {
      write(`cut-${night}`, rows)
      const file = pipeline('cut', night + 1)
      const text = readFileSync(file, 'utf8').replace('keep: newest, ', '').replace('  - { use: tokenize', stage)
      writeFileSync(file, text.replace(/ {2}- \{ use: near-duplicates.*\n/, ''))
      return quernJson<Run>(['run', file, '--out', out])
    }
    run(0, [
      ['first', '', `${menu}\n\n${own(1)}`],
      ['p', '2024-01-01', `${menu}\n\n${news}\n\n${own(2)}`],
      ['later', '', `${news}\n\n${own(3)}`],
    ])
    const older = why(out, at('p'))
    expect(older.ledger).toMatchObject({ cut_by: 'duplicate-paragraphs', cut_from: why(out, at('first')).document })
    const two = run(1, [
      ['p', '2024-02-01', `${menu}\n\n${news}\n\n${own(4)}`],
      ['even-later', '', `${news}\n\n${own(5)}`],
    ])
    expect(two).toMatchObject({ replaced: 1 })
    const newer = why(out, at('p'))
    expect(newer).toMatchObject({ outcome: 'kept', ledger: { cut_from: why(out, at('first')).document }, others: [{ rule: 'replaced' }] })
    expect(newer.others[0]?.ledger).toMatchObject({ cut_by: null, cut_from: null, cut_bytes: null })
    const text = quern(['why', out, newer.document]).out
    expect([menu, news].map((part) => text.includes(part.split('\n')[0] ?? ''))).toEqual([false, true])
    // What was cut stays cut: the ledger goes on naming who held it.
    for (const url of ['later', 'even-later']) expect(why(out, at(url)).ledger).toMatchObject({ cut_from: older.document })
    verified(out)
    run(2, [['last', '', `${news}\n\n${own(6)}`]])
    expect(why(out, at('last')).ledger).toMatchObject({ cut_from: newer.document })
    verified(out)
  })

  test('what is suppressed does not come in, and an erased newer version does not bring the older one back', { timeout: 180_000 }, () => {
    const out = join(folder, 'gone')
    nights('gone', [[['a', '2024-01-01', page(1, 200)], ['b', '2024-01-01', page(2, 200)], ...others(100, 5)], [['a', '2024-02-01', page(11, 200)]]])
    const newer = why(out, at('a'))
    expect(newer).toMatchObject({ outcome: 'kept', ledger: { date: '2024-02-01' } })
    quernJson(['suppress', out, '--document', newer.document, '--apply', '--tokenizer', tokenizer])
    expect(why(out, at('a'))).toMatchObject({ rule: 'replaced', survivor: newer.document, ledger: { date: '2024-01-01' } })
    verified(out)
    write('gone-2', [
      ['a', '2024-03-01', page(21, 200)],
      ['b', '2024-03-01', page(22, 200)],
    ])
    const hidden = quernJson<Run>(['run', pipeline('gone', 3), '--out', out])
    expect(hidden).toMatchObject({ kept: 1, replaced: 1 })
    expect(why(out, at('a'))).toMatchObject({ outcome: 'kept', ledger: { date: '2024-03-01' } })
    verified(out)
  })

  test('any number of workers makes the same bytes', { timeout: 180_000 }, () => {
    const [first, second] = [0, 1].map((night) =>
      Array.from({ length: 120 }, (_, i): Row => [
        `${i}`,
        `2024-0${night + 1}-01`,
        i % 7 === 3 ? page(900 + i, 120, 0.01, i) : page(900 + i - (i % 7 === 4 ? 1 : 0) + night * 500 * (i % 2), 120),
      ]),
    ) as [Row[], Row[]]
    write('workers-0', first)
    write('workers-1', second)
    const made = ['1', '3'].map((workers) => {
      const out = join(folder, `workers-${workers}`)
      for (const night of [1, 2])
        quernJson<Run>(['run', pipeline('workers', night), '--out', out, '--workers', workers, ...(workers === '3' ? ['--batch-rows', '7'] : [])])
      verified(out)
      return reachable(out)
    })
    expect(made[1]).toEqual(made[0])
  })

  test(`killed at ${kills} moments and run again, the newest snapshot has the same bytes`, { timeout: 300_000 }, async () => {
    write('killed-0', [...Array.from({ length: 40 }, (_, i): Row => [`${i}`, '2024-01-01', page(i, 150)]), ['like', '', page(3, 150, 0.01, 2)]])
    write('killed-1', [...Array.from({ length: 20 }, (_, i): Row => [`${i}`, '2024-02-01', page(500 + i, 150)]), ...others(700, 10)])
    const base = join(folder, 'killed')
    quernJson<Run>(['run', pipeline('killed', 1), '--out', base])
    const args = (out: string): string[] => ['run', pipeline('killed', 2), '--out', out]
    const whole = join(folder, 'killed-whole')
    cpSync(base, whole, { recursive: true })
    const began = Date.now()
    expect(quernJson<Run>(args(whole))).toMatchObject({ replaced: 20 })
    const duration = Date.now() - began
    const expected = reachable(whole)
    const next = random(kills + 3)
    for (let kill = 0; kill < kills; kill += 1) {
      const out = join(folder, `killed-${kill}-out`)
      cpSync(base, out, { recursive: true })
      // The last kill comes as soon as the night is published, before its replacement is.
      const moment = kill + 1 === kills ? undefined : 300 + next() * duration
      const child = startQuern(args(out))
      if (moment === undefined) while (readdirSync(join(out, 'snapshots')).length < 2 && child.exitCode === null) await sleep(5)
      else await Promise.race([sleep(moment), once(child, 'exit')])
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      quernJson<Run>(args(out))
      expect(reachable(out), `killed after ${moment} ms`).toEqual(expected)
      verified(out)
    }
    // Two runs and an erasure at once: whoever is late does it again on top of the others.
    const raced = join(folder, 'killed-raced')
    cpSync(base, raced, { recursive: true })
    const erasure = ['suppress', raced, '--url', at('35'), '--apply', '--tokenizer', tokenizer]
    const codes = await Promise.all([args(raced), args(raced), erasure].map((each) => once(startQuern(each), 'exit') as Promise<[number]>))
    expect(codes.map(([code]) => code)).toEqual([0, 0, 0])
    for (const url of ['0', '19']) expect(why(raced, at(url))).toMatchObject({ outcome: 'kept', ledger: { date: '2024-02-01' } })
    expect(quernJson<{ documents: object }>(['suppress', raced, '--url', at('35'), '--dry-run']).documents).toEqual({ kept: 0, dropped: 0 })
    verified(raced)
  })
})
