import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runPython } from '../python.ts'
import { quernJson, reachable, scratch, type RunSummary } from '../quern.ts'
import { fates } from './ledger.ts'
import { page, random, writePipeline } from './pages.ts'

interface Verified {
  readonly ok: boolean
  readonly problems: readonly unknown[]
}

/** Pages that come again under another spelling of their address, in capitals, or with a few words changed, and new ones. */
function writeVersions(file: string, from: number, count: number): void {
  const next = random(from + 11)
  const rows = Array.from({ length: count }, (_, i) => {
    const number = from + i
    const kind = next()
    const earlier = Math.floor(next() * number)
    const text =
      kind < 0.15
        ? page(number + 5000, 120)
        : kind < 0.3
          ? `${page(earlier, 120).toUpperCase()} `
          : kind < 0.45
            ? page(earlier, 120, 0.01, number)
            : page(number, 120)
    const url = kind < 0.15 ? `HTTP://pages.example:80/${earlier}?utm_source=${number}#top` : `https://pages.example/${number}`
    return JSON.stringify({ url, text })
  })
  writeFileSync(file, `${rows.join('\n')}\n`)
}

function pipelineOf(folder: string, name: string, paths: readonly string[]): string {
  const file = writePipeline(folder, name, paths)
  const stages = '  - use: url-duplicates\n  - use: exact-duplicates\n    normalise: fold\n    memory: 1\n'
  const text = readFileSync(file, 'utf8').replace('  - use: exact-duplicates\n', stages)
  writeFileSync(file, text.replace('similarity: 0.8', 'similarity: 0.8\n    merge-runs: 2'))
  return file
}

/** How many runs of keys a snapshot names, by stage. */
function keyRuns(dataset: string, version: number): Record<string, number> {
  const { index } = JSON.parse(readFileSync(join(dataset, 'snapshots', `${String(version).padStart(20, '0')}.json`), 'utf8')) as {
    index: { keys: { stage: string }[] }
  }
  const counts: Record<string, number> = {}
  for (const { stage } of index.keys) counts[stage] = (counts[stage] ?? 0) + 1
  return counts
}

describe('addresses and folded texts as keys', () => {
  test('three nights keep what one keeps, for any number of workers and batches, and every survivor is kept', { timeout: 300_000 }, () => {
    const folder = scratch()
    for (let night = 0; night < 3; night += 1) writeVersions(join(folder, `night-${night}.jsonl`), night * 200, 200)
    const all = pipelineOf(folder, 'all', ['night-*.jsonl'])
    const [one, other, three] = ['one', 'other', 'three'].map((name) => join(folder, name)) as [string, string, string]
    const summary = quernJson<RunSummary>(['run', all, '--out', one, '--workers', '1'])
    for (const rule of ['url-duplicates/same-page', 'exact-duplicates/copy', 'near-duplicates/similar'])
      expect(summary.dropped[rule], rule).toBeGreaterThan(15)
    quernJson<RunSummary>(['run', all, '--out', other, '--workers', '3', '--batch-rows', '7'])
    expect(reachable(other)).toEqual(reachable(one))
    for (let night = 1; night <= 3; night += 1) {
      const paths = Array.from({ length: night }, (_, i) => `night-${i}.jsonl`)
      quernJson<RunSummary>(['run', pipelineOf(folder, `until-${night}`, paths), '--out', three])
    }
    expect(fates(three)).toEqual(fates(one))
    // The third night found two runs of each stage, asked them as they were, and its snapshot names them as one.
    const counts = { 'url-duplicates': 2, 'exact-duplicates': 2 }
    expect([1, 2, 3].map((version) => keyRuns(three, version))).toEqual([{ 'url-duplicates': 1, 'exact-duplicates': 1 }, counts, counts])
    for (const out of [one, three]) expect(quernJson<Verified>(['verify', out])).toMatchObject({ ok: true, problems: [] })
  })
})

/** Pages that share a notice and a menu, quote an earlier page, or hold hardly anything of their own. */
function writeQuotes(file: string, from: number, count: number): void {
  const next = random(from + 3)
  const notice = 'Dieser Hinweis steht auf jeder Seite und sagt nichts über sie aus.'
  const rows = Array.from({ length: count }, (_, i) => {
    const number = from + i
    const kind = next()
    const earlier = page(Math.floor(next() * number), 120).split('\n')
    const own = page(number, 120)
    const text =
      kind < 0.25
        ? [notice, own, ...earlier.slice(0, 4)].join('\n')
        : kind < 0.4
          ? [...earlier, page(number + 9000, 14)].join('\n')
          : kind < 0.5
            ? [
                ...earlier,
                ...page(Math.floor(next() * number), 120)
                  .split('\n')
                  .slice(2),
              ].join('\n')
            : own
    return JSON.stringify({ url: `https://pages.example/${number}`, text })
  })
  writeFileSync(file, `${rows.join('\n')}\n`)
}

describe.each([
  ['duplicate-lines', 'line', ''],
  ['duplicate-lines', 'sentences', '    unit: sentences-3\n    repeats: 2\n'],
  ['duplicate-paragraphs', 'paragraph', '    min-characters: 20\n    max-cut: 0.5\n'],
  ['repeated-substrings', 'run', '    words: 12\n'],
])('%s by %s', (stage, unit, options) => {
  const cutPipeline = (folder: string, name: string, paths: readonly string[]): string => {
    const file = writePipeline(folder, name, paths)
    writeFileSync(file, readFileSync(file, 'utf8').replace('  - use: tokenize\n', `  - use: ${stage}\n${options}  - use: tokenize\n`))
    return file
  }

  test('three nights cut what one cuts, for any number of workers and batches, and the sums are right', { timeout: 300_000 }, () => {
    const folder = scratch()
    const write = (night: number): void => {
      const file = join(folder, `night-${night}.jsonl`)
      writeQuotes(file, night * 150, 150)
      // Paragraphs are what stands between blank lines.
      if (unit === 'paragraph') writeFileSync(file, readFileSync(file, 'utf8').replaceAll('\\n', '\\n\\n'))
    }
    for (let night = 0; night < 3; night += 1) write(night)
    const all = cutPipeline(folder, 'all', ['night-*.jsonl'])
    const [one, other, three] = ['one', 'other', 'three'].map((name) => join(folder, name)) as [string, string, string]
    const summary = quernJson<RunSummary>(['run', all, '--out', one, '--workers', '1'])
    expect(summary.dropped[`${stage}/${unit === 'paragraph' ? 'mostly-repeated' : 'too-little-left'}`]).toBeGreaterThan(2)
    quernJson<RunSummary>(['run', all, '--out', other, '--workers', '3', '--batch-rows', '7'])
    expect(reachable(other)).toEqual(reachable(one))
    for (let night = 1; night <= 3; night += 1) {
      const paths = Array.from({ length: night }, (_, i) => `night-${i}.jsonl`)
      quernJson<RunSummary>(['run', cutPipeline(folder, `until-${night}`, paths), '--out', three])
    }
    const told = losses(one)
    expect(Object.keys(told).length).toBeGreaterThan(30)
    expect(fates(three)).toEqual(fates(one))
    expect(losses(three)).toEqual(told)
    for (const out of [one, three]) expect(quernJson<Verified>(['verify', out])).toMatchObject({ ok: true, problems: [] })
  })
})

/** What was cut from kept documents: bytes and holder by id. */
function losses(dataset: string): Record<string, unknown> {
  const script = `
import duckdb, json, sys
rows = duckdb.sql(f"""select hex(doc_id), cut_bytes, cut_by, hex(cut_from) from read_parquet('{sys.argv[1]}/ledger/**/*.parquet', union_by_name=true)
  where cut_bytes is not null order by 1""").fetchall()
print(json.dumps({r[0]: r[1:] for r in rows}))
`
  return JSON.parse(runPython(script, [dataset])) as Record<string, unknown>
}
