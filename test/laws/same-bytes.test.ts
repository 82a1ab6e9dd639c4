import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { quernJson, reachable, scratch, type RunSummary } from '../quern.ts'
import { writePages, writePipeline } from './pages.ts'

describe('law 2: the same bytes', () => {
  test('for 1, 2 and 4 workers and batches of 1, 100 and 8192 documents', () => {
    const folder = scratch()
    writePages(join(folder, 'a.jsonl'), 0, 600)
    writePages(join(folder, 'b.jsonl'), 600, 300)
    const pipeline = writePipeline(folder, 'laws', ['a.jsonl', 'b.jsonl'])
    const runs = [
      ['--workers', '1'],
      ['--workers', '2', '--batch-rows', '100'],
      ['--workers', '4', '--batch-rows', '1'],
    ]
    const results = runs.map((options, i) => {
      const out = join(folder, `out-${i}`)
      const summary = quernJson<RunSummary>(['run', pipeline, '--out', out, ...options])
      return { summary: { ...summary, seconds: 0 }, objects: reachable(out) }
    })
    expect(results[0]?.summary.kept).toBeGreaterThan(300)
    expect(results[0]?.summary.dropped['near-duplicates/similar']).toBeGreaterThan(50)
    expect(results[0]?.summary.shards).toBeGreaterThan(2)
    expect(results[1]).toEqual(results[0])
    expect(results[2]).toEqual(results[0])
  })

  test("the same with datatrove's buckets, and a night with Quern's own is refused", () => {
    const folder = scratch()
    writePages(join(folder, 'a.jsonl'), 0, 300)
    const own = writePipeline(folder, 'own', ['a.jsonl'])
    const pipeline = join(folder, 'compatible.yaml')
    writeFileSync(
      pipeline,
      readFileSync(own, 'utf8').replace('similarity: 0.8', 'similarity: 0.8\n    compatible: datatrove\n    compatible-language: de'),
    )
    const results = [
      ['--workers', '1'],
      ['--workers', '2', '--batch-rows', '1'],
    ].map((options, i) => {
      const out = join(folder, `out-${i}`)
      const summary = quernJson<RunSummary>(['run', pipeline, '--out', out, ...options])
      return { summary: { ...summary, seconds: 0 }, objects: reachable(out) }
    })
    expect(results[0]?.summary.dropped['near-duplicates/similar']).toBeGreaterThan(15)
    expect(results[1]).toEqual(results[0])
    expect(() => quernJson(['run', own, '--out', join(folder, 'out-0')])).toThrow(/pipeline-changed/)
  })
})
