import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { rowText, type TextColumn } from '../../src/core/batch.ts'
import c4 from '../../src/stages/filters/c4.ts'
import fineweb from '../../src/stages/filters/fineweb.ts'
import { judge, openStages } from '../../src/mill/judge.ts'
import { registry } from '../../src/mill/registry.ts'
import { scratch } from '../quern.ts'
import { batchOf, context, runStage } from './run-stage.ts'

const good = [
  'The miller opens the gate early.',
  'Water turns the old wheel again.',
  'Soon the stones grind fine rye.',
  'Flour fills every sack by noon.',
  'Children carry them to the cart.',
  'It waits below the stone bridge.',
]

// The cases that datatrove's own tests decide (facts of tests/pipeline/filters, commit a649de79c14a), with our names.
describe('decides as datatrove 0.10 does', () => {
  const drop = (text: string, config = {}) => runStage(c4, config, [{ text }]).then(({ dropped }) => dropped[0])
  test.each([
    ['six good lines', good.join('\n'), undefined],
    ['a phrase of a typesetter in one of them', good.with(2, 'Here lorem ipsum dolor sits.').join('\n'), 'lorem-ipsum'],
    ['a curly bracket', good.with(4, 'Here { is a bracket.').join('\n'), 'curly-bracket'],
    ['the bracket before the phrase', good.with(1, 'Here { is a bracket.').with(2, 'Here lorem ipsum dolor sits.').join('\n'), 'curly-bracket'],
    ['the phrase before the bracket', good.with(1, 'Here lorem ipsum dolor sits.').with(2, 'Here { is a bracket.').join('\n'), 'lorem-ipsum'],
    ['one sentence', good[0]!, 'too-few-sentences'],
  ])('%s', async (_, text, rule) => expect(await drop(text)).toBe(rule))

  test('a line that speaks of cookies is cut and the rest kept', async () => {
    const { dropped, columns } = await runStage(c4, {}, [{ text: good.toSpliced(3, 0, 'This page uses cookies for all.').join('\n') }])
    expect(dropped).toEqual([undefined])
    expect(rowText(columns!['text'] as TextColumn, 0)).toBe(good.join('\n'))
  })

  test('three long paragraphs pass, three short ones do not', async () => {
    const config = { 'min-third-longest-line': 200, 'min-sentences': 'off', 'min-words-per-line': 'off', 'terminal-punctuation': false }
    expect(await drop(['a', 'b', 'c'].map((letter) => letter.repeat(250)).join('\n'), config)).toBeUndefined()
    expect(await drop(['a', 'b', 'c'].map((letter) => letter.repeat(5)).join('\n'), config)).toBe('too-few-long-lines')
  })

  const lines = (text: string, config: object) => runStage(fineweb, { limits: 'fineweb', ...config }, [{ text }]).then(({ dropped }) => dropped[0])
  test.each([
    ['empty', '', {}, 'no-text-lines'],
    ['no end punctuation', 'one line here\ntwo lines here\nthree lines here', { 'min-punctuated-lines': 0.5 }, 'too-few-punctuated-lines'],
    ['short lines', 'Rye.\nOats.\nBran.\nHay.\nFlour.', { 'max-short-lines': 0.5 }, 'too-many-short-lines'],
    [
      'many lines of a letter',
      Array.from({ length: 50 }, (_, i) => String.fromCharCode(97 + (i % 26)).repeat(1 + Math.floor(i / 26))).join('\n'),
      { 'max-line-breaks': 0.1, 'min-punctuated-lines': 'off', 'max-short-lines': 'off' },
      'too-many-line-breaks',
    ],
    ['full sentences', good.slice(0, 5).join('\n'), {}, undefined],
  ])('FineWeb: %s', async (_, text, config, rule) => expect(await lines(text, config)).toBe(rule))
})

describe('bad words', () => {
  const list = (text: string) => {
    const path = join(scratch(), 'list.txt')
    writeFileSync(path, text)
    return path
  }
  const text = good.join('\n')

  test('are those of the row’s language, in any case, as words of their own', async () => {
    const config = { 'bad-words': { en: list('MILLER\nmiller\r\n\nstones  \n'), de: list('wheel\n') } }
    const rows = ['en', 'de', 'fr', undefined].map((language) => ({ text, language }))
    const { dropped, measures } = await runStage(c4, config, rows)
    expect(dropped).toEqual(['bad-words', 'bad-words', undefined, undefined])
    expect([...measures!['c4_bad_words']!]).toEqual([2, 1, NaN, NaN])
    expect((await runStage(c4, { 'bad-words': { en: list('mill\nsack by\n') }, 'max-bad-words': 1 }, rows)).dropped[0]).toBeUndefined()
  })

  test('an empty list is a mistake', async () => {
    await expect(runStage(c4, { 'bad-words': { en: list('\n') } }, [])).rejects.toMatchObject({ code: 'bad-config' })
  })
})

test('stages of one pipeline measure the text that entered them, together or alone', async () => {
  const texts = [`Menu\n${good.join('\n')}\nMenu\nMenu of all`, good.join(' '), '', 'Menu\nMenu'].map((text) => ({ text, language: 'en' }))
  const names = ['gopher-repetition', 'gopher-quality', 'c4', 'fineweb'] as const
  const stages = await openStages({
    stages: names.map((name) => ({ component: registry.stages[name]!, config: registry.stages[name]!.config.parse({}) })),
    context,
  })
  const batch = batchOf(texts)
  const together = judge(batch, stages)
  let columns = batch.columns
  for (const name of names) {
    const [stage] = await openStages({
      stages: [{ component: registry.stages[name]!, config: registry.stages[name]!.config.parse({}) }],
      context: { ...context },
    })
    const result = stage!.run({ rows: batch.rows, columns })
    for (const measure of Object.keys(stage!.component.measures)) expect(together.measures.get(measure), measure).toEqual(result.measures![measure])
    columns = { ...columns, ...result.columns }
  }
  expect([...together.measures.get('duplicate_line_share')!][0]).toBeGreaterThan(0)
  expect([...together.measures.get('repeated_line_character_share')!].slice(0, 2)).toEqual([0, 0])
  expect(rowText(together.columns['text'] as TextColumn, 0)).toBe(good.join('\n'))
})
