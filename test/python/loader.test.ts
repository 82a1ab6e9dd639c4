import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { python } from '../python.ts'
import { quernJson, root } from '../quern.ts'

const folder = join(root, 'python/tests')
const files = readdirSync(folder).filter((file) => /^test_.*\.py$/.test(file))

/** Where `npm test` put torch, torchdata and torchtitan (test/torch.txt). */
const torch = process.env['QUERN_TEST_TORCH'] ?? join(root, '.cache/torch')

interface Outcome {
  readonly file: string
  readonly name: string
  readonly problem: string | undefined
}

const work = mkdtempSync(join(tmpdir(), 'quern-loader-'))
let outcomes: Outcome[] = []
let output = ''

/** All Python tests in one process, on a dataset that the pipeline of the sample has just published. */
beforeAll(() => {
  const dataset = join(work, 'dataset')
  quernJson(['run', 'pipelines/sample.yaml', '--out', dataset])
  quernJson(['pull', dataset, join(work, 'pulled'), '--dp-rank', '0', '--dp-world-size', '2'])
  const report = join(work, 'report.xml')
  const ran = spawnSync(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--junitxml', report, folder], {
    cwd: join(root, 'python'),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: {
      ...process.env,
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONPATH: torch,
      QUERN_TEST_DATASET: dataset,
      QUERN_TEST_PULLED: join(work, 'pulled'),
    },
  })
  output = `${ran.stdout}${ran.stderr}`
  outcomes = readReport(readFileSync(report, 'utf8'))
}, 900_000)

afterAll(() => rmSync(work, { recursive: true, force: true }))

describe.each(files)('python/tests/%s', (file) => {
  test('all its tests pass', () => {
    const own = outcomes.filter((outcome) => outcome.file === file)
    expect(own.length, output).toBeGreaterThan(0)
    expect(own.filter(({ problem }) => problem !== undefined).map(({ name, problem }) => `${name}\n${problem}`)).toEqual([])
  })
})

/** pytest's report: an empty element a test that passed, one with a child that says why it did not. */
function readReport(xml: string): Outcome[] {
  return [...xml.matchAll(/<testcase classname="([^"]*)" name="([^"]*)"[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs)].map(([, place, name, inside]) => ({
    file: `${place?.split('.').find((part) => part.startsWith('test_')) ?? place}.py`,
    name: name ?? '',
    problem: inside === undefined || !/<(failure|error|skipped)/.test(inside) ? undefined : inside.replaceAll('&#10;', '\n').slice(0, 4000),
  }))
}
