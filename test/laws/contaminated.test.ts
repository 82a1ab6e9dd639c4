import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { runPython } from '../python.ts'
import { quern, quernJson, reachable, scratch, type RunSummary } from '../quern.ts'
import { page, random, writePipeline } from './pages.ts'

interface Summary extends RunSummary {
  readonly benchmarks?: Readonly<Record<string, { readonly found: number; readonly dropped: number }>>
}

/** Two benchmarks of 40 items each; the words are those of the pages, so that chance is at work too. */
const items = Array.from({ length: 80 }, (_, i) => ({
  question: page(70_000 + i, 24).replaceAll('\n', ' '),
  answer: page(80_000 + i, 20).replaceAll('\n', ' '),
}))

/** The benchmark and item of every page into which one was planted, by address. */
function write(folder: string): ReadonlyMap<string, readonly [string, number]> {
  const next = random(5)
  const planted = new Map<string, readonly [string, number]>()
  const rows = Array.from({ length: 300 }, (_, i) => {
    const url = `https://pages.example/${i}`
    const lines = page(i, 120).split('\n')
    if (next() < 0.2) {
      const item = Math.floor(next() * items.length)
      planted.set(url, item < 40 ? ['one', item + 1] : ['two', item - 39])
      lines.splice(2, 0, `${items[item]!.question.toUpperCase()} ${items[item]!.answer}`)
    }
    return JSON.stringify({ url, text: lines.join('\n') })
  })
  writeFileSync(join(folder, 'pages.jsonl'), `${rows.join('\n')}\n`)
  mkdirSync(join(folder, 'evaluation'))
  writeFileSync(
    join(folder, 'evaluation/one.jsonl'),
    items
      .slice(0, 40)
      .map((item) => JSON.stringify({ task: 1, data: item }))
      .join('\n'),
  )
  writeFileSync(
    join(folder, 'evaluation/two-a.txt'),
    items
      .slice(40, 60)
      .map(({ question, answer }) => `${question} ${answer}\n`)
      .join(''),
  )
  writeFileSync(
    join(folder, 'evaluation/two-b.txt.gz'),
    gzipSync(
      items
        .slice(60)
        .map(({ question, answer }) => `${question} ${answer}\n`)
        .join(''),
    ),
  )
  return planted
}

function pipelineOf(folder: string, name: string, options = ''): string {
  const file = writePipeline(folder, name, ['pages.jsonl'])
  const stage = `  - use: contaminated
    benchmarks:
      - { name: one, files: [evaluation/one.jsonl], fields: [data.question, data.answer] }
      - { name: two, files: [evaluation/two-a.txt, evaluation/two-b.txt.gz] }
${options}  - use: language\n`
  writeFileSync(file, readFileSync(file, 'utf8').replace('  - use: language\n', stage))
  return file
}

/** Benchmark and item by address, of the documents that the ledger names one for. */
function named(dataset: string): Record<string, readonly [string, number, string, string | null]> {
  const script = `
import duckdb, json, sys
rows = duckdb.sql(f"""select url, benchmark, contaminated_item::int, outcome, rule from read_parquet('{sys.argv[1]}/ledger/**/*.parquet', union_by_name=true)
  where benchmark is not null order by 1""").fetchall()
print(json.dumps({r[0]: r[1:] for r in rows}))
`
  return JSON.parse(runPython(script, [dataset])) as Record<string, readonly [string, number, string, string | null]>
}

describe('contaminated', () => {
  test('each drop names benchmark and item, for any number of workers and batches, and the counts add up', { timeout: 300_000 }, () => {
    const folder = scratch()
    const planted = write(folder)
    const [one, other] = ['one', 'other'].map((name) => join(folder, name)) as [string, string]
    const pipeline = pipelineOf(folder, 'all')
    const summary = quernJson<Summary>(['run', pipeline, '--out', one, '--workers', '1'])
    expect(planted.size).toBeGreaterThan(40)
    expect(summary.dropped['contaminated/shared-ngrams']).toBe(planted.size)
    const told = named(one)
    expect(Object.fromEntries(Object.entries(told).map(([url, [benchmark, item]]) => [url, [benchmark, item]]))).toEqual(Object.fromEntries(planted))
    const of = (name: string) => [...planted.values()].filter(([benchmark]) => benchmark === name).length
    expect(summary.benchmarks).toEqual({ one: { found: of('one'), dropped: of('one') }, two: { found: of('two'), dropped: of('two') } })
    const { tonight, totals } = JSON.parse(readFileSync(join(one, 'snapshots', '00000000000000000001.json'), 'utf8')) as Record<string, Summary>
    for (const counts of [tonight, totals]) expect(counts).toMatchObject({ byBenchmark: summary.benchmarks })
    quernJson(['run', pipeline, '--out', other, '--workers', '3', '--batch-rows', '7'])
    expect(reachable(other)).toEqual(reachable(one))
    expect(quernJson(['verify', one])).toMatchObject({ ok: true, problems: [] })
    const [url] = planted.keys()
    const [benchmark, item] = planted.get(url!)!
    expect(quern(['why', one, url!]).out).toMatch(new RegExp(`evaluation set +${benchmark}, item ${item}\n`))
    expect(quern(['run', pipeline, '--out', one, '--json']).status).toBe(0)
    const report = quern(['run', pipeline, '--out', join(folder, 'third')])
    expect(report.out).toMatch(/Evaluation sets[^]*one +\d/)
  })

  test('a span is cut, the rest is kept, and nothing of an item is left in it', { timeout: 300_000 }, () => {
    const folder = scratch()
    const planted = write(folder)
    const out = join(folder, 'out')
    const summary = quernJson<Summary>(['run', pipelineOf(folder, 'span', '    remove: span\n'), '--out', out])
    expect(summary.dropped['contaminated/shared-ngrams']).toBeUndefined()
    expect(Object.values(summary.benchmarks!).reduce((sum, { found }) => sum + found, 0)).toBe(planted.size)
    const kept = Object.entries(named(out)).filter(([, [, , outcome]]) => outcome === 'kept')
    expect(kept.length).toBeGreaterThan(20)
    const story = quern(['why', out, kept[0]![0]]).out
    const [benchmark, item] = kept[0]![1]
    const { question } = items[benchmark === 'one' ? item - 1 : item + 39]!
    expect(story.toLowerCase()).not.toContain(question.slice(0, 60).toLowerCase())
    expect(quernJson(['verify', out])).toMatchObject({ ok: true, problems: [] })
  })

  test('another content of an evaluation file is another rule, another place is not', { timeout: 300_000 }, () => {
    const folder = scratch()
    write(folder)
    const out = join(folder, 'out')
    const pipeline = pipelineOf(folder, 'all')
    quernJson(['run', pipeline, '--out', out])
    copyFileSync(join(folder, 'evaluation/one.jsonl'), join(folder, 'moved.jsonl'))
    writeFileSync(pipeline, readFileSync(pipeline, 'utf8').replace('evaluation/one.jsonl', 'moved.jsonl'))
    expect(quern(['run', pipeline, '--out', out]).status).toBe(0)
    writeFileSync(join(folder, 'moved.jsonl'), `${readFileSync(join(folder, 'moved.jsonl'), 'utf8')}\n{"data":{"question":"?","answer":"!"}}\n`)
    const changed = quern(['run', pipeline, '--out', out])
    expect(changed.status).toBe(2)
    expect(changed.err).toContain('contaminated')
  })
})
