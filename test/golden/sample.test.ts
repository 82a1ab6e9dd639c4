import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runPython } from '../python.ts'
import { quern, quernJson, root, scratch, type RunSummary } from '../quern.ts'

const golden = join(root, 'data-samples/expected/fates.tsv')

/** One line a document: where it is from, what became of it, and what it weighs. */
function fates(dataset: string): string {
  const script = `
import duckdb, sys
rows = duckdb.sql(f"""select source, url, "offset", coalesce(language, '-'), outcome, coalesce(stage || '/' || rule, '-'), coalesce(n_tokens, 0)
  from read_parquet('{sys.argv[1]}/ledger/**/*.parquet') order by source, file, "offset" """).fetchall()
print('\\n'.join('\\t'.join(str(field) for field in row) for row in rows))
`
  return runPython(script, [dataset])
}

test('the sample: every document meets the fate that is written down', { timeout: 300_000 }, () => {
  const out = join(scratch(), 'sample')
  const summary = quernJson<RunSummary>(['run', 'pipelines/sample.yaml', '--out', out])
  const dropped = Object.values(summary.dropped).reduce((sum, n) => sum + n, 0)
  expect(summary.read).toBe(summary.kept + dropped)
  const lines = fates(out)
  expect(lines.trim().split('\n')).toHaveLength(summary.read)
  // A change of a rule or of a limit shows here, document by document. To accept it: QUERN_ACCEPT=1 npm test
  if (process.env['QUERN_ACCEPT'] === '1') writeFileSync(golden, lines)
  expect(lines).toBe(readFileSync(golden, 'utf8'))
  expect(quern(['verify', out]).status).toBe(0)
  const again = quern(['run', 'pipelines/sample.yaml', '--out', out])
  expect(again).toMatchObject({ status: 0 })
  expect(again.out).toContain('nothing new')
})

test("the sample pipeline's own tests hold", () => {
  expect(quern(['test', 'pipelines/sample.yaml'])).toMatchObject({ status: 0 })
})
