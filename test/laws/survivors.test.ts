import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decidingOrder, instantOf } from '../../src/mill/survivor-order.ts'
import { quern, quernJson, scratch, type RunSummary } from '../quern.ts'
import { fates, type Fate } from './ledger.ts'
import { page, writePages, writePipeline } from './pages.ts'

function pipeline(folder: string, name: string, paths: readonly string[], keep: string): string {
  const file = writePipeline(folder, name, paths)
  writeFileSync(file, readFileSync(file, 'utf8').replace('similarity: 0.8', `similarity: 0.8\n    ${keep}`))
  return file
}

function write(file: string, texts: Readonly<Record<string, string>>): void {
  writeFileSync(
    file,
    Object.entries(texts)
      .map(([id, text]) => `${JSON.stringify({ id, url: `https://pages.example/${id}`, text })}\n`)
      .join(''),
  )
}

/** Kept, or the last part of the survivor's URL, by the last part of each URL. */
function ends(dataset: string): Record<string, string> {
  const all: Record<string, Fate> = fates(dataset)
  const name = (fate: Fate | undefined): string => fate?.url.split('/').at(-1) ?? ''
  return Object.fromEntries(Object.values(all).map((fate) => [name(fate), fate.survivor === null ? fate.outcome : name(all[fate.survivor])]))
}

const text = page(3, 160)
const longer = `${text}\n${page(4, 26)}.`
const longest = `${longer}\n${page(5, 26)}.`

describe('keep', () => {
  test.each([
    ['keep: first', { short: 'kept', long: 'short', copy: 'short', other: 'kept' }],
    ['keep: longest', { short: 'long', long: 'kept', copy: 'long', other: 'kept' }],
    ['{ keep: best, best-by: words }', { short: 'long', long: 'kept', copy: 'long', other: 'kept' }],
    ['{ keep: best, best-by: top_2_gram_share }', undefined],
  ])('%s', (keep, expected) => {
    const folder = scratch()
    write(join(folder, 'a.jsonl'), { short: text, long: longer, copy: text, other: page(9, 160) })
    const settings = keep.replace(/[{}]/g, '').trim().replace(', ', '\n    ')
    quernJson<RunSummary>(['run', pipeline(folder, 'a', ['a.jsonl'], settings), '--out', join(folder, 'out')])
    const found = ends(join(folder, 'out'))
    if (expected !== undefined) expect(found).toEqual(expected)
    expect(Object.values(found).filter((end) => end === 'kept')).toHaveLength(2)
    expect(quernJson<{ ok: boolean }>(['verify', join(folder, 'out')])).toMatchObject({ ok: true })
  })

  test('an earlier night survives, whatever comes later', () => {
    const folder = scratch()
    write(join(folder, 'a.jsonl'), { short: text, long: longer })
    write(join(folder, 'b.jsonl'), { longest })
    const out = join(folder, 'out')
    quernJson<RunSummary>(['run', pipeline(folder, 'one', ['a.jsonl'], 'keep: longest'), '--out', out])
    quernJson<RunSummary>(['run', pipeline(folder, 'two', ['a.jsonl', 'b.jsonl'], 'keep: longest'), '--out', out])
    expect(ends(out)).toEqual({ short: 'long', long: 'kept', longest: 'long' })
  })

  test('the number of workers changes nothing, and every survivor is kept', () => {
    const folder = scratch()
    writePages(join(folder, 'a.jsonl'), 0, 400)
    const file = pipeline(folder, 'a', ['a.jsonl'], 'keep: longest')
    const [one, two] = ['1', '2'].map((workers) => {
      quernJson<RunSummary>(['run', file, '--out', join(folder, workers), '--workers', workers])
      return fates(join(folder, workers))
    })
    expect(two).toEqual(one)
    const dropped = Object.values(one ?? {}).filter(({ rule }) => rule === 'near-duplicates/similar')
    expect(dropped.length).toBeGreaterThan(20)
    for (const { survivor } of dropped) expect(one?.[survivor ?? '']?.outcome).toBe('kept')
  })

  test('the best by what nothing measures is a mistake with its place', () => {
    const folder = scratch()
    write(join(folder, 'a.jsonl'), { short: text })
    const { status, err } = quern(['check', pipeline(folder, 'a', ['a.jsonl'], 'keep: best\n    best-by: wrods')])
    expect(status).toBe(2)
    expect(err).toContain('Did you mean "words"?')
  })
})

describe('keep: newest among versions of a page', () => {
  /** Rows of one file: the page, its date, its text. */
  function versions(file: string, rows: readonly (readonly [url: string, date: string, text: string])[]): void {
    writeFileSync(file, rows.map(([url, date, text]) => `${JSON.stringify({ url: `https://pages.example/${url}`, date, text })}\n`).join(''))
  }

  /** A pipeline with more duplicate stages in front of its tokenizer. */
  function withStages(folder: string, name: string, paths: readonly string[], stages: string): string {
    const file = writePipeline(folder, name, paths)
    writeFileSync(file, readFileSync(file, 'utf8').replace('  - use: tokenize', `${stages}  - use: tokenize`))
    return file
  }

  const withUrls = (folder: string, name: string, paths: readonly string[]): string =>
    withStages(folder, name, paths, '  - { use: url-duplicates, keep: newest }\n')

  test('the latest date survives, whatever its zone; without one the first does', () => {
    const folder = scratch()
    versions(join(folder, 'a.jsonl'), [
      ['a', '2024-01-01', page(11, 160)],
      ['b?utm_source=x', '', page(12, 160)],
      ['a?utm_source=y', '2024-03-01T00:30:00+02:00', page(13, 160)],
      ['a#end', '2024-02-29T23:00:00Z', page(14, 160)],
      ['b', 'yesterday', page(15, 160)],
      ['c', '2020-01-01', page(16, 160)],
    ])
    quernJson<RunSummary>(['run', withUrls(folder, 'a', ['a.jsonl']), '--out', join(folder, 'out')])
    expect(ends(join(folder, 'out'))).toEqual({
      a: 'a#end',
      'a?utm_source=y': 'a#end',
      'a#end': 'kept',
      'b?utm_source=x': 'kept',
      b: 'b?utm_source=x',
      c: 'kept',
    })
    expect(quernJson<{ ok: boolean }>(['verify', join(folder, 'out')])).toMatchObject({ ok: true })
  })

  test('a version that another rule drops gives its place to the next; other pages are decided as they came', () => {
    const folder = scratch()
    const copied = page(23, 160)
    versions(join(folder, 'a.jsonl'), [
      ['original', '', copied],
      ['a', '2024-01-01', page(22, 160)],
      ['copy', '2025-01-01', copied],
      ['a?utm_source=new', '2024-06-01', copied],
    ])
    quernJson<RunSummary>(['run', withUrls(folder, 'a', ['a.jsonl']), '--out', join(folder, 'out')])
    expect(ends(join(folder, 'out'))).toEqual({ original: 'kept', a: 'kept', copy: 'original', 'a?utm_source=new': 'original' })
  })

  test('a page of an earlier night stays, and neither workers nor where parts begin change anything', () => {
    const folder = scratch()
    const rows = Array.from(
      { length: 600 },
      (_, i) => [`${i % 250}`, `2024-01-${String(1 + ((i * 7) % 28)).padStart(2, '0')}`, page(i, 120)] as const,
    )
    versions(join(folder, 'a.jsonl'), rows.slice(0, 300))
    versions(join(folder, 'b.jsonl'), rows.slice(300))
    const found = ['1', '2'].map((workers) => {
      const out = join(folder, workers)
      quernJson<RunSummary>(['run', withUrls(folder, 'one', ['a.jsonl']), '--out', out, '--workers', workers])
      const before = Object.entries(fates(out)).filter(([, { outcome }]) => outcome === 'kept')
      quernJson<RunSummary>(['run', withUrls(folder, 'two', ['a.jsonl', 'b.jsonl']), '--out', out, '--workers', workers])
      const after = fates(out)
      for (const [id] of before) expect(after[id]?.outcome).toBe('kept')
      return after
    })
    expect(found[1]).toEqual(found[0])
    const all = Object.values(found[0] ?? {}).filter(({ rule }) => rule === 'url-duplicates/same-page')
    expect(all.length).toBeGreaterThan(200)
    for (const { survivor } of all) expect(found[0]?.[survivor ?? '']?.outcome).toBe('kept')
  })

  test('two orders for one night are a mistake, and so is a stage that cuts lines as they come', () => {
    const folder = scratch()
    write(join(folder, 'a.jsonl'), { short: text })
    const both = withUrls(folder, 'both', ['a.jsonl'])
    writeFileSync(both, readFileSync(both, 'utf8').replace('similarity: 0.8', 'similarity: 0.8\n    keep: longest'))
    expect(quern(['check', both])).toMatchObject({ status: 2, err: expect.stringContaining('two orders') })
    const cut = withStages(folder, 'cut', ['a.jsonl'], '  - { use: url-duplicates, keep: newest }\n  - use: duplicate-lines\n')
    expect(quern(['check', cut])).toMatchObject({ status: 2, err: expect.stringContaining('duplicate-lines as documents come') })
  })
})

describe('the order of a held night', () => {
  const keysOf = (names: readonly number[]): Uint32Array => Uint32Array.from(names.flatMap((name) => [0, 0, 0, name]))

  test('versions of a page change places among themselves, the newest first; pages without an address never', () => {
    const ranks = Float64Array.from([1, 5, 2, NaN, 3, 9, 8])
    const order = decidingOrder({ by: 'date', column: 0 }, ranks, keysOf([7, 0, 8, 7, 7, 0, 8]))
    expect([...order]).toEqual([4, 1, 6, 0, 3, 5, 2])
  })

  test.each([
    ['2024-03-01T00:30:00+02:00', Date.UTC(2024, 1, 29, 22, 30)],
    ['2024-03-01T00:30:00', Date.UTC(2024, 2, 1, 0, 30)],
    ['2024-03-01 00:30', Date.UTC(2024, 2, 1, 0, 30)],
    ['2024', Date.UTC(2024, 0, 1)],
    ['March 2024', NaN],
    ['2024-13-40', NaN],
    ['', NaN],
  ])('%s is a moment', (date, expected) => expect(instantOf(date)).toBe(expected))
})
