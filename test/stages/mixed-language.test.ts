import { describe, expect, test } from 'vitest'
import type { NumberColumn } from '../../src/core/batch.ts'
import webDocsScore from '../../src/stages/filters/web-docs-score.ts'
import mixedLanguage from '../../src/stages/language/mixed-language.ts'
import { batchOf, context, runStage } from './run-stage.ts'

const de = 'Das Korn wird in der alten Mühle am Fluss gemahlen und danach in Säcke gefüllt. '
const en = 'The grain is ground in the old mill beside the river and then poured into sacks. '
const hr = 'Žito se melje u starom mlinu pokraj rijeke, a zatim se puni u velike vreće. '
const sr = 'Жито се меље у старом млину поред реке, а затим се пуни у велике вреће. '

test('the share of sentences in the language of the document', async () => {
  const rows = [
    { text: de.repeat(4), language: 'de' },
    { text: de + en.repeat(3), language: 'de' },
    { text: `${de}Menu\nHome\nLogin\nShop\nAbout\n${de}\n${de}`, language: 'de' },
    { text: '', language: 'de' },
    { text: de.repeat(4) },
    { text: de.repeat(4), language: 'xx' },
  ]
  const { measures, dropped } = await runStage(mixedLanguage, {}, rows)
  expect([...measures!['segments_judged']!]).toEqual([4, 4, 3, 0, NaN, NaN])
  expect([...measures!['segment_language_share']!]).toEqual([1, 0.25, 1, NaN, NaN, NaN])
  expect([...measures!['second_language_share']!]).toEqual([0, 0.75, 0, NaN, NaN, NaN])
  expect(dropped).toEqual([undefined, 'too-mixed', undefined, undefined, undefined, undefined])
})

test('near relatives are no other language', async () => {
  const rows = [
    { text: hr.repeat(4), language: 'sr' },
    { text: sr.repeat(4), language: 'hr' },
    { text: sr.repeat(4), language: 'bg' },
  ]
  const { measures } = await runStage(mixedLanguage, {}, rows)
  expect([...measures!['segment_language_share']!]).toEqual([1, 1, 0])
})

test('limits by language', async () => {
  const rows = [{ text: de + en.repeat(3), language: 'de' }]
  expect((await runStage(mixedLanguage, { limits: { de: 0.2 } }, rows)).dropped).toEqual([undefined])
  await expect(runStage(mixedLanguage, { limits: { qq: 0.2 } }, rows)).rejects.toMatchObject({ code: 'bad-config' })
})

test('a long document is judged by segments from all of it', async () => {
  const rows = [{ text: de.repeat(500) + en.repeat(500), language: 'de' }]
  const { measures } = await runStage(mixedLanguage, { 'max-segments': 50 }, rows)
  expect(measures!['segments_judged']![0]).toBe(50)
  expect(measures!['segment_language_share']![0]).toBe(0.5)
})

describe('web-docs-score', () => {
  test('takes the share of letters from mixed-language where it stands above', async () => {
    const rows = [{ text: de + en.repeat(3), language: 'de' }]
    const mixed = await runStage(mixedLanguage, {}, rows)
    const share = (mixed.columns!['language_letter_share'] as NumberColumn).values[0]!
    expect(share).toBeGreaterThan(0.2)
    expect(share).toBeLessThan(0.3)
    const batch = batchOf(rows)
    const run = await webDocsScore.open(webDocsScore.config.parse({}), context)
    const alone = run(batch).measures!
    const after = run({ ...batch, columns: { ...batch.columns, ...mixed.columns } }).measures!
    expect(alone['web_docs_language']![0]).toBe(1)
    expect(after['web_docs_language']![0]).toBe(share)
    expect(after['web_docs_basic']![0]).toBeCloseTo(alone['web_docs_basic']![0]! - 0.8 * (1 - share), 12)
    expect(after['web_docs_penalty']![0]).toBe(alone['web_docs_penalty']![0])
  })

  test('scales its thresholds by the punctuation of the language', async () => {
    // 60 letters of each language are enough for a segment with one mark to have too few or enough of them.
    const text = `${'korn '.repeat(24)}.\n`.repeat(3)
    const { measures } = await runStage(webDocsScore, {}, [
      { text, language: 'es' },
      { text, language: 'mt' },
    ])
    const [spanish, maltese] = measures!['web_docs_punctuation']!
    expect(spanish).toBeGreaterThan(maltese!)
  })
})
