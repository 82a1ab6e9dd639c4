import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Context, PrepareStage } from '../../src/core/component.ts'
import gopherQuality from '../../src/stages/filters/gopher-quality.ts'
import gopherRepetition from '../../src/stages/filters/gopher-repetition.ts'
import { context, runStage } from './run-stage.ts'

/** A natural passage of about 50 words that repeats nothing (own words). */
const passage =
  'Early in the morning the miller walks down to the river and opens the gate. The water begins to turn the old wheel, and soon ' +
  'the stones grind rye that farmers have brought from three villages. By noon, flour fills every sack; children carry them to a cart that waits outside. ' +
  'Nobody in this quiet valley remembers when its first dam was built, yet old maps show where travellers once crossed by boat; today bridges of grey stone ' +
  'lead over each stream, anglers sit below willows, and swallows hunt above meadows until evening fog hides everything.'

describe.each([gopherQuality, gopherRepetition] as PrepareStage[])('$name', (stage) => {
  test.each(stage.examples.map((example, i) => [i, example] as const))('example %i', async (_, example) => {
    const { dropped, verdict } = await runStage(stage, example.config ?? {}, [{ text: example.text!, language: example.language }])
    expect(dropped).toEqual([example.drops])
    if (example.drops !== undefined) expect(verdict!.measured[0]).not.toBe(verdict!.limit[0])
  })
})

// The cases that datatrove's own tests decide (facts of tests/pipeline/filters, commit a649de79c14a), with our names.
describe('decides as datatrove 0.10 does', () => {
  const repetition = (text: string) => runStage(gopherRepetition, { language: 'en' }, [{ text }]).then(({ dropped }) => dropped[0])
  test.each([
    ['one line four times', 'Bread needs good flour.\n'.repeat(4), 'duplicate-lines'],
    ['with blank lines between', 'Bread needs good flour.\n\n'.repeat(4), 'duplicate-paragraphs'],
    [
      'long equal paragraphs',
      ['Sow the rye', 'Wait for rain', 'Reap', 'e'.repeat(30), 'e'.repeat(30)].join('\n\n'),
      'duplicate-paragraph-characters',
    ],
    ['long equal lines', ['Sow the rye', 'Wait for rain', 'Reap', 'e'.repeat(40), 'e'.repeat(40)].join('\n'), 'duplicate-line-characters'],
    ['a clause three times', 'We grind rye, we grind rye, we grind rye.', 'top-2-gram'],
    ['two names by turns', 'He is Konstantin. She is Annemarie. He is Konstantin. She is Annemarie.', 'top-3-gram'],
    ['a phrase before a passage', `${'notwithstanding rye oat hay midsummernight '.repeat(4)}${passage}`, 'duplicate-5-grams'],
    ['a natural passage', passage, undefined],
  ])('%s', async (_, text, rule) => expect(await repetition(text)).toBe(rule))

  const quality = (text: string) =>
    runStage(gopherQuality, { language: 'en', 'min-words': 10, 'max-words': 1000 }, [{ text }]).then(({ dropped }) => dropped[0])
  test.each([
    ['four words and dots', 'Only four words here...', 'too-few-words'],
    ['very short words', 'so it '.repeat(20), 'words-too-short'],
    ['very long words', 'acknowledgement '.repeat(20), 'words-too-long'],
    ['hashes', '# barley '.repeat(20), 'too-many-hashes'],
    ['ellipses', '... barley '.repeat(20), 'too-many-ellipses'],
    ['symbols', 'the +!?* wheat ??// mill !!>> have ++<>'.repeat(20), 'too-few-alphabetic-words'],
    ['a natural passage', passage, undefined],
  ])('%s', async (_, text, rule) => expect(await quality(text)).toBe(rule))
})

interface Measured {
  readonly cases: readonly { readonly language: string; readonly text: string; readonly measures: Readonly<Record<string, number>> }[]
}

// Languages whose words spaCy cuts by its base rules alone; every number must be the same float.
describe('measures what datatrove 0.10 measures', () => {
  const { cases } = JSON.parse(readFileSync(new URL('gopher-datatrove.json', import.meta.url), 'utf8')) as Measured
  test.each(cases)('$language', async ({ text, measures }) => {
    const quality = await runStage(gopherQuality, {}, [{ text }])
    const repetition = await runStage(gopherRepetition, {}, [{ text }])
    const ours = { ...quality.measures, ...repetition.measures }
    expect(Object.fromEntries(Object.keys(measures).map((name) => [name, ours[name]![0]]))).toEqual(measures)
  })
})

describe('limits by language', () => {
  const german = 'Ein Müller, der früh aufsteht, geht mit dem Esel zur Mühle am Fluss und mahlt das Korn der Bauern, die es von den Feldern bringen. '
  const text = german.repeat(3)

  test('a page is judged by the stop words of its own language', async () => {
    const rows = ['de', 'en', 'ceb', undefined].map((language) => ({ text, language }))
    const { dropped, measures } = await runStage(gopherQuality, {}, rows)
    expect(dropped).toEqual([undefined, 'too-few-stop-words', undefined, undefined])
    expect([...measures!['stop_words']!]).toEqual([8, 0, NaN, NaN])
  })

  test('without the language stage only general limits hold', async () => {
    const { dropped, measures } = await runStage(gopherQuality, {}, [{ text }, { text: 'a b '.repeat(40) }, { text: 'zu kurz' }])
    expect(dropped).toEqual([undefined, undefined, 'too-few-words'])
    expect([...measures!['stop_words']!]).toEqual([NaN, NaN, NaN])
  })

  test('one language can be set for all', async () => {
    expect((await runStage(gopherQuality, { language: 'en' }, [{ text, language: 'de' }])).dropped).toEqual(['too-few-stop-words'])
    await expect(runStage(gopherQuality, { language: 'ceb' }, [{ text }])).rejects.toMatchObject({ code: 'bad-config' })
  })

  test('the pipeline overrides the language file', async () => {
    const rows = [{ text, language: 'en' }]
    expect((await runStage(gopherQuality, { 'min-stop-words': 'off' }, rows)).dropped).toEqual([undefined])
    expect((await runStage(gopherQuality, { 'stop-words': ['Müller', 'Esel'] }, rows)).dropped).toEqual([undefined])
    expect((await runStage(gopherQuality, { 'min-stop-words': 'off', 'max-mean-word-length': 4 }, rows)).dropped).toEqual(['words-too-long'])
  })

  test('Serbian in Latin script has the stop words of that script', async () => {
    const latin = 'Mlin je na reci i melje žito koje su doneli ljudi iz sela, a voda okreće kamen koji je star. '.repeat(4)
    const rows = ['Latn', 'Cyrl'].map((script) => ({ text: latin, language: 'sr', script }))
    const { dropped, measures } = await runStage(gopherQuality, {}, rows)
    expect(dropped).toEqual([undefined, 'too-few-stop-words'])
    expect([...measures!['stop_words']!]).toEqual([6, 0])
  })

  test('the published limits of Gopher hold for every language', async () => {
    const rows = ['de', 'mt', undefined].map((language) => ({ text, language }))
    expect((await runStage(gopherQuality, { limits: 'gopher' }, rows)).dropped).toEqual(rows.map(() => 'too-few-stop-words'))
    const twice = `Das Mehl rieselt langsam heraus.\n${text}\nDas Mehl rieselt langsam heraus.`
    const off = Object.fromEntries([5, 6, 7, 8, 9, 10].map((n) => [`max-duplicate-${n}-grams`, 'off']))
    const limits = (await runStage(gopherRepetition, { limits: 'gopher', ...off }, [{ text: twice.repeat(3), language: 'de' }])).verdict!.limit
    expect([...limits]).toEqual([0.3])
  })

  test('a mistake in a language file is told before any row of the language comes', async () => {
    const files: Context = {
      ...context,
      languages: ['de', 'sr'],
      language: (code) => ({ language: code, filters: { 'gopher-quality': code === 'sr' ? { scripts: { Latn: { 'min-word': 3 } } } : {} } }),
    }
    await expect(runStage(gopherQuality, {}, [], files)).rejects.toThrow('language file of "sr": filters.gopher-quality.min-word')
  })

  test('a mistake in a language file is told, with its place', async () => {
    const files = (settings: Record<string, unknown>): Context => ({
      ...context,
      language: () => ({ language: 'de', filters: { 'gopher-quality': settings } }),
    })
    for (const [settings, what] of [
      [{ 'min-word': 3 }, 'min-word'],
      [{ 'min-words': 'many' }, 'expected a number or off'],
      [{ 'stop-words': 'der' }, 'expected a list of words'],
    ] as const)
      await expect(runStage(gopherQuality, {}, [{ text, language: 'de' }], files(settings))).rejects.toThrow(what)
  })

  test('every language file is understood by both filters', async () => {
    const folder = fileURLToPath(new URL('../../pipelines/languages', import.meta.url))
    const codes = readdirSync(folder).map((name) => name.replace('.yaml', ''))
    expect(codes.length).toBe(49)
    const rows = codes.flatMap((language) => ['Latn', 'Cyrl'].map((script) => ({ text, language, script })))
    const { measures } = await runStage(gopherQuality, {}, rows)
    expect([...measures!['stop_words']!].every((count) => count >= 0)).toBe(true)
    await runStage(gopherRepetition, {}, rows)
    expect(context.language('de')?.filters['gopher-repetition']).toMatchObject({
      'max-duplicate-lines': 0.263,
      'max-top-2-gram': 0.169,
      'max-duplicate-10-grams': 0.098,
    })
  })
})
