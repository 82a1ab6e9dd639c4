import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { quern, quernJson, root, type RunSummary, scratch } from '../quern.ts'

/** All but crawl files, which test/config/crawl-file.test.ts reads. */
const shipped = readdirSync(join(root, 'pipelines')).filter((name) => name.endsWith('.yaml') && !name.endsWith('-crawl.yaml'))

test.each(shipped)('%s is in order', (name) => {
  const ran = quern(['check', join(root, 'pipelines', name)])
  expect(ran.status, ran.err).toBe(0)
})

test('FineWeb2, redaction and all, runs over the sample into a sound dataset', () => {
  const out = join(scratch(), 'out')
  const run = quernJson<RunSummary>(['run', join(root, 'pipelines/fineweb2.yaml'), '--out', out])
  expect(run.read).toBe(run.kept + Object.values(run.dropped).reduce((sum, count) => sum + count, 0))
  expect(Object.keys(run.languages).length).toBeGreaterThanOrEqual(24)
  const verified = quern(['verify', out])
  expect(verified.status, verified.out).toBe(0)
})
