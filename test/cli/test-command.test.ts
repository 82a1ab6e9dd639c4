import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { quern, quernJson, root, scratch } from '../quern.ts'

const prose =
  'Der Müller steht früh auf und geht zu der Mühle am Fluss. Das Wasser treibt den Stein, die Körner werden zu Mehl gemahlen, und am Abend ' +
  'fährt er mit dem Wagen in die Stadt. Dort verkauft er Säcke auf dem Markt, trinkt ein Bier mit Freunden und kehrt spät in der Nacht nach ' +
  'Hause zu Frau, Kind, Hund und Katze. Niemand weiß genau, wie lange diese alte Anlage noch laufen wird.'

const stages = `sources:
  - use: warc
    paths: ["*.warc.gz"]
stages:
  - use: extract-html
  - use: language
    keep: [de]
  - use: gopher-quality
  - use: tokenize
    tokenizer: ${join(root, 'data-samples', 'tokenizer.json')}
output:
  dataset: out
`

function pipeline(tests: string): string {
  const folder = scratch()
  writeFileSync(join(folder, 'p.yaml'), `name: p\n${stages}tests:\n${tests}`)
  writeFileSync(join(folder, 'short.txt'), 'Dieser Text ist leider viel zu kurz geraten.')
  writeFileSync(join(folder, 'french.txt'), 'Le meunier se lève tôt et va au moulin près de la rivière.')
  writeFileSync(join(folder, 'page.html'), `<html><body><nav><a href="/">Start</a></nav><article><p>${prose}</p></article></body></html>`)
  return join(folder, 'p.yaml')
}

const passing = `
  - {name: short, given: short.txt, dropped-by: gopher-quality/too-few-words}
  - {name: French, given: french.txt, dropped-by: language/other-language}
  - {name: French taken for German, given: french.txt, language: de, dropped-by: gopher-quality/too-few-words}
  - {name: a page, given: page.html, kept: true}
`

test('tests that hold are told with what was measured', () => {
  const { status, out } = quern(['test', pipeline(passing)])
  expect(out.replace(/measured 0\.\d+/, 'measured SCORE').split('\n')).toEqual([
    'ok     short: dropped by gopher-quality/too-few-words: measured 8, limit 50',
    'ok     French: dropped by language/other-language: measured SCORE',
    'ok     French taken for German: dropped by gopher-quality/too-few-words: measured 13, limit 50',
    'ok     a page: kept',
    '4 passed, 0 failed',
    '',
  ])
  expect(status).toBe(0)
})

test('one that does not hold says what came instead, and the exit status is 3', () => {
  const file = pipeline('  - {name: short, given: short.txt}\n  - {name: a page, given: page.html, dropped-by: gopher-quality/too-few-words}\n')
  const { status, out } = quern(['test', file, file])
  expect(status).toBe(3)
  expect(out).toContain('FAILED short: dropped by gopher-quality/too-few-words: measured 8, limit 50; expected kept\n')
  expect(out).toContain('FAILED a page: kept; expected dropped by gopher-quality/too-few-words\n')
  expect(out).toMatch(/^0 passed, 4 failed$/m)
})

test('--json has every test', () => {
  const told = quernJson<{ passed: number; failed: number; tests: object[] }>(['test', pipeline(passing)])
  expect(told).toMatchObject({ passed: 4, failed: 0 })
  expect(told.tests[0]).toEqual({
    pipeline: 'p',
    name: 'short',
    ok: true,
    expected: 'gopher-quality/too-few-words',
    got: 'gopher-quality/too-few-words',
    measured: 8,
    limit: 50,
  })
})

test('a pipeline without tests says so', () => {
  const { status, err } = quern(['test', pipeline('  []\n')])
  expect(err).toMatch(/p\.yaml holds no tests/)
  expect(status).toBe(0)
})
