import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { quern, quernJson } from '../quern.ts'
import { at, loaded, newest, others, type Row, type Run, siteIn, tokenizer, verified, versions, why } from './page-versions.ts'
import { page } from './pages.ts'

const folder = mkdtempSync(join(tmpdir(), 'quern-test-'))
const { write, pipeline, nights } = siteIn(folder)
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
})
