import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { quern, quernJson, reachable, root, scratch, type RunSummary } from '../quern.ts'
import { page, writePages, writePipeline } from './pages.ts'

/** A pipeline whose near-duplicates has other options. */
function withOptions(folder: string, name: string, paths: readonly string[], options: string): string {
  const file = writePipeline(folder, name, paths)
  writeFileSync(file, readFileSync(file, 'utf8').replace('similarity: 0.8', `similarity: 0.8${options}`))
  return file
}

const byLanguage = '\n    shingles: characters\n    within: language'

describe('shingles of other kinds', () => {
  test('three nights keep what one keeps, for any number of workers and batches', { timeout: 300_000 }, () => {
    const folder = scratch()
    for (let night = 0; night < 3; night += 1) writePages(join(folder, `night-${night}.jsonl`), night * 120, 120)
    const all = withOptions(folder, 'all', ['night-*.jsonl'], byLanguage)
    const [one, other] = ['1', '3'].map((workers) => {
      const summary = quernJson<RunSummary>(['run', all, '--out', join(folder, workers), '--workers', workers])
      return { summary, files: reachable(join(folder, workers)) }
    })
    expect(other?.files).toEqual(one?.files)
    expect(one?.summary.dropped['near-duplicates/similar']).toBeGreaterThan(20)
    let kept = 0
    for (let nights = 1; nights <= 3; nights += 1) {
      const paths = Array.from({ length: nights }, (_, i) => `night-${i}.jsonl`)
      kept += quernJson<RunSummary>(['run', withOptions(folder, 'some', paths, byLanguage), '--out', join(folder, 'three')]).kept
    }
    expect(kept).toBe(one?.summary.kept)
  })

  test('a dataset made with others is refused, or made again', { timeout: 300_000 }, () => {
    const folder = scratch()
    writePages(join(folder, 'a.jsonl'), 0, 60)
    const out = join(folder, 'out')
    quernJson<RunSummary>(['run', withOptions(folder, 'words', ['a.jsonl'], ''), '--out', out])
    writePages(join(folder, 'b.jsonl'), 60, 60)
    const both = ['a.jsonl', 'b.jsonl']
    for (const [options, says] of [
      ['\n    shingles: characters', 'shingles: was "words", is "characters"'],
      ['\n    shingle-size: 6', 'shingle-size: was null, is 6'],
      ['\n    within: language', 'within: was "dataset", is "language"'],
    ] as const) {
      const changed = withOptions(folder, 'changed', both, options)
      const refused = quern(['run', changed, '--out', out])
      expect(refused.status, options).not.toBe(0)
      expect(refused.err).toContain(says)
      // Its runs hold keys that the new ones never meet: such a night would find no duplicate.
      const evolved = quern(['run', changed, '--out', out, '--evolve'])
      expect(evolved.status, options).not.toBe(0)
      expect(evolved.err).toMatch(/its bands are defined in another way[\s\S]*--rebuild/)
    }
    const changed = withOptions(folder, 'changed', both, byLanguage)
    const rebuilt = quernJson<RunSummary>(['run', changed, '--out', out, '--rebuild'])
    const fresh = quernJson<RunSummary>(['run', changed, '--out', join(folder, 'fresh')])
    expect(rebuilt.kept).toBe(fresh.kept)
  })

  test('what stood behind an erased page is compared as a night compares it', { timeout: 120_000 }, () => {
    const folder = scratch()
    const tokenizer = join(root, 'data-samples/tokenizer.json')
    const write = (source: string, texts: readonly string[]): void => {
      const rows = texts.map((text, i) => JSON.stringify({ url: `https://${source}.example/${i}`, text }))
      writeFileSync(join(folder, `${source}.jsonl`), `${rows.join('\n')}\n`)
    }
    // The second page of `good` is like both others, and they are not like each other.
    write('bad', [page(7, 200, 0.01, 3)])
    write('good', [page(7, 200, 0.03, 5), page(7, 200)])
    const file = withOptions(folder, 'a', ['unused'], byLanguage)
    const sources = ['bad', 'good'].map((name) => `  - { use: jsonl, name: ${name}, licence: none, paths: [${name}.jsonl] }\n`)
    writeFileSync(file, readFileSync(file, 'utf8').replace(/ {2}- use: jsonl\n(?: {4}.*\n)*/, sources.join('')))
    const out = join(folder, 'out')
    quernJson<RunSummary>(['run', file, '--out', out])
    const why = (which: string) => quernJson<{ document: string; outcome: string; survivor: string | null }>(['why', out, `https://${which}`])
    expect(why('good.example/0').outcome).toBe('kept')
    expect(why('good.example/1').survivor).toBe(why('bad.example/0').document)
    const { erasure } = quernJson<{ erasure: { renamed: number; promoted: { documents: number } } }>([
      ...['suppress', out, '--source', 'bad', '--apply', '--tokenizer', tokenizer, '--reason', 'test'],
    ])
    expect(erasure).toMatchObject({ renamed: 1, promoted: { documents: 0 } })
    expect(why('good.example/1')).toMatchObject({ outcome: 'dropped', survivor: why('good.example/0').document })
  })
})
