import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { page, writePipeline } from '../laws/pages.ts'
import { quern } from '../quern.ts'

/** What people get wrong, and what they are to read then. */

let folder = ''
let out = ''
let pipeline = ''
let said = ''

beforeAll(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'quern-test-')), "Ünï cødé d'ελλ")
  out = join(folder, 'data set')
  mkdirSync(folder)
  writeNight(0, (i) => page(i, 100))
  pipeline = writePipeline(folder, 'nightly', ['night-0.jsonl'])
  said = quern(['run', pipeline, '--out', out]).out
}, 120_000)
afterAll(() => rmSync(join(folder, '..'), { recursive: true, force: true }))

function writeNight(night: number, text: (i: number) => string): void {
  const rows = Array.from({ length: 120 }, (_, i) => JSON.stringify({ id: `${night}-${i}`, url: `https://a.example/${night}/${i}`, text: text(i) }))
  writeFileSync(join(folder, `night-${night}.jsonl`), `${rows.join('\n')}\n`)
}

test('the commands that a run ends with can be copied into a shell', () => {
  const quoted = `'${out.replaceAll("'", String.raw`'\''`)}'`
  const next = said
    .slice(said.indexOf('\nNext\n'))
    .split('\n')
    .filter((line) => line.startsWith('  npx'))
  expect(next.map((line) => line.replace(/ {3,}.*/, '').trim())).toEqual([
    `npx quern verify ${quoted}`,
    `npx quern why ${quoted} URL`,
    `npx quern audit ${quoted} --pipeline '${pipeline.replaceAll("'", String.raw`'\''`)}'`,
    `npx quern pull ${quoted} DIR`,
  ])
  expect(new Set(next.map((line) => /^ {2}.*? {3,}(?=\S)/.exec(line)?.[0].length)).size, 'explanations in one column').toBe(1)
})

test.each([
  { args: ['audit', '--port', '99999'], says: /--port is "99999" \[bad-usage\]\n {2}Give a number up to 65535/, status: 2 },
  { args: ['duplicates', '--source', 'pagse'], says: /has no source "pagse" \[not-found\]\n {2}It has: pages\./, status: 1 },
  { args: ['duplicates', '--language', 'xx'], says: /has no language "xx" \[not-found\]\n {2}It has: \w/, status: 1 },
  { args: ['verify', '--snapshot', '7'], says: /it has no snapshot 7 \[not-found\]\n {2}quern snapshots lists/, status: 1 },
  { args: ['rights', '--policy', 'defualt'], says: /there is no policy "defualt" \[missing-file\]\n {2}Quern has default and strict/, status: 2 },
])('a slip is named with its remedy: $args', ({ args: [command = '', ...rest], says, status }) => {
  const ran = quern([command, out, ...rest])
  expect(ran.err).toMatch(says)
  expect(ran.status).toBe(status)
})

test('quern help NAME is quern NAME --help', () => {
  expect(quern(['help', 'why']).out).toBe(quern(['why', '--help']).out)
  expect(quern(['help']).out).toBe(quern(['--help']).out)
})

test('a damaged file is named, and what to do', () => {
  const copy = join(folder, 'damaged')
  expect(quern(['run', pipeline, '--out', copy]).status).toBe(0)
  for (const file of files(join(copy, 'ledger'), '.parquet')) truncateSync(file, 1000)
  for (const file of files(join(copy, 'data'), '.arrow')) truncateSync(file, 1000)
  for (const args of [
    ['why', copy, 'https://a.example/0/1'],
    ['duplicates', copy],
    ['pull', copy, join(folder, 'pulled')],
  ])
    expect(quern(args).err).toMatch(/reading \S+\.(parquet|arrow): .*\[damaged-dataset\]\n {2}Run quern verify/)
})

function files(under: string, ending: string): string[] {
  return readdirSync(under, { recursive: true, encoding: 'utf8' }).flatMap((name) => (name.endsWith(ending) ? [join(under, name)] : []))
}

test('a night that is held back says the whole command that publishes it', () => {
  writeNight(1, (i) => `${page(9000 + i, 20)} ${`Zeile ${i} `.repeat(60)}`)
  const second = writePipeline(folder, 'second', ['night-0.jsonl', 'night-1.jsonl'])
  const ran = quern(['run', second, '--out', out, '--workers', '1'])
  expect(ran.status).toBe(3)
  expect(ran.out).toMatch(/ {2}npx quern run '.*second\.yaml' --out '.*data set' --workers 1 --accept {3}/)
}, 60_000)
