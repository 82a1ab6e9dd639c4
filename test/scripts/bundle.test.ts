import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../quern.ts'

/** A copy of the program that the test may change. */
let house = ''

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'quern-bundle-'))
  for (const copied of ['bin', 'src', 'web', 'scripts', 'pipelines', 'package.json', 'package-lock.json', 'tsconfig.json'])
    cpSync(join(root, copied), join(house, copied), { recursive: true })
  for (const linked of ['node_modules', 'native', 'data-samples', 'schemas']) symlinkSync(join(root, linked), join(house, linked))
  execFileSync(process.execPath, [join(house, 'scripts/bundle.mjs')])
})
afterAll(() => rmSync(house, { recursive: true, force: true }))

function quern(...args: readonly string[]): { readonly status: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(house, 'bin/quern.mjs'), ...args], { encoding: 'utf8' })
  return { status, text: stdout + stderr }
}

const plan = (): string => quern('check', join(house, 'pipelines/sample.yaml')).text

test('the bundled program starts, and says what the sources say', () => {
  const main = join(house, 'dist/main.mjs')
  const bundled = readFileSync(main, 'utf8')
  const said = plan()
  expect(said).toContain('extract-html')
  // Seen from outside both are alike: a mark in the bundle tells which of them ran.
  writeFileSync(main, `process.stdout.write('bundled\\n');${bundled}`)
  expect(plan()).toBe(`bundled\n${said}`)
  const run = quern('run', join(house, 'pipelines/sample.yaml'), '--out', join(house, 'out'), '--json')
  expect(run.status, run.text).toBe(0)
  expect(run.text).toContain('bundled')
})

test('a language file that was changed since is read again', () => {
  const file = join(house, 'pipelines/languages/de.yaml')
  const before = readFileSync(file)
  appendFileSync(file, '\nlangauge: de\n')
  const { status, text } = quern('check', join(house, 'pipelines/sample.yaml'))
  expect(status).toBe(2)
  expect(text).toContain('langauge')
  writeFileSync(file, before)
})

test('after a change of the sources the sources run', () => {
  appendFileSync(join(house, 'src/cli/main.ts'), `process.stdout.write('changed\\n')\n`)
  expect(plan()).toContain('changed\n')
  expect(plan()).not.toContain('bundled\n')
})
