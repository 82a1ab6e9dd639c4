import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
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
