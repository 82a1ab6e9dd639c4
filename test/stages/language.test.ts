import { describe, expect, test } from 'vitest'
import type { LabelColumn } from '../../src/core/batch.ts'
import { europeanLanguages } from '../../src/stages/language/european.ts'
import { labelFolder } from '../../src/stages/language/fold-labels.ts'
import { folds } from '../../src/stages/language/folds.ts'
import language from '../../src/stages/language/language.ts'
import { scoreLimits } from '../../src/stages/language/limits.ts'
import { runStage } from './run-stage.ts'

const stage = language

test.each(stage.examples.map((example, i) => [i, example] as const))('example %i', async (_, example) => {
  const { dropped, verdict } = await runStage(stage, example.config ?? {}, [{ text: example.text! }])
  expect(dropped).toEqual([example.drops])
  if (example.drops === 'low-score') expect(verdict!.measured[0]).toBeLessThan(verdict!.limit[0]!)
})

// First article of the Universal Declaration of Human Rights.
const article: Readonly<Record<string, string>> = {
  bg: 'Всички хора се раждат свободни и равни по достойнство и права. Те са надарени с разум и съвест и следва да се отнасят помежду си в дух на братство.',
  cs: 'Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv. Jsou nadáni rozumem a svědomím a mají spolu jednat v duchu bratrství.',
  da: 'Alle mennesker er født frie og lige i værdighed og rettigheder. De er udstyret med fornuft og samvittighed, og de bør handle mod hverandre i en broderskabets ånd.',
  de: 'Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt und sollen einander im Geist der Brüderlichkeit begegnen.',
  el: "'Ολοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. Είναι προικισμένοι με λογική και συνείδηση.",
  en: 'All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience and should act towards one another in a spirit of brotherhood.',
  et: 'Kõik inimesed sünnivad vabadena ja võrdsetena oma väärikuselt ja õigustelt. Neile on antud mõistus ja südametunnistus.',
  fi: 'Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan. Heille on annettu järki ja omatunto.',
  fr: 'Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience.',
  hu: 'Minden emberi lény szabadon születik és egyenlő méltósága és joga van. Az emberek, ésszel és lelkiismerettel bírván, egymással szemben testvéri szellemben kell hogy viseltessenek.',
  lt: 'Visi žmonės gimsta laisvi ir lygūs savo orumu ir teisėmis. Jiems suteiktas protas ir sąžinė ir jie turi elgtis vienas kito atžvilgiu kaip broliai.',
  lv: 'Visi cilvēki piedzimst brīvi un vienlīdzīgi savā pašcieņā un tiesībās. Viņi ir apveltīti ar saprātu un sirdsapziņu.',
  nb: 'Alle mennesker er født frie og med samme menneskeverd og menneskerettigheter. De er utstyrt med fornuft og samvittighet og bør handle mot hverandre i brorskapets ånd.',
  pl: 'Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni rozumem i sumieniem.',
  sl: 'Vsi ljudje se rodijo svobodni in imajo enako dostojanstvo in enake pravice. Obdarjeni so z razumom in vestjo.',
  sr: 'Сва људска бића рађају се слободна и једнака у достојанству и правима. Она су обдарена разумом и свешћу.',
  sv: 'Alla människor är födda fria och lika i värde och rättigheter. De är utrustade med förnuft och samvete.',
}

test('languages are named, after folding, by the codes of the language files', async () => {
  const rows = Object.values(article).map((text) => ({ text }))
  const { columns, measures, dropped } = await runStage(stage, {}, rows)
  const named = columns!['language'] as LabelColumn
  expect([...named.indices].map((i) => named.labels[i])).toEqual(Object.keys(article))
  // So short a Slovenian text gets 0.29 from this model, below its limit.
  expect(Object.keys(article).filter((_, row) => dropped[row] !== undefined)).toEqual(['sl'])
  const raw = columns!['language_1'] as LabelColumn
  const nb = Object.keys(article).indexOf('nb')
  expect(raw.labels[raw.indices[nb]!]).toBe('no')
  expect(measures!['language_score']![nb]).toBe(measures!['language_score_raw']![nb])
  for (let row = 0; row < rows.length; row++) {
    const [first, second, third] = ['', '_2', '_3'].map((suffix) => measures![`language_score${suffix}`]![row]!)
    expect(first).toBeGreaterThanOrEqual(second!)
    if (!Number.isNaN(third!)) expect(second).toBeGreaterThanOrEqual(third!)
    expect(measures!['language_margin']![row]).toBe(first! - second!)
  }
})

test('the script is that of most letters', async () => {
  const { columns } = await runStage(stage, {}, [{ text: article['sr']! }, { text: article['de']! }, { text: '42' }])
  const script = columns!['script'] as LabelColumn
  expect([...script.indices].map((i) => script.labels[i])).toEqual(['Cyrl', 'Latn', undefined])
})

test('limits can be set for one language or for all without one of their own', async () => {
  const rows = [{ text: article['de']! }, { text: article['nb']! }]
  expect((await runStage(stage, { limits: { de: 1 } }, rows)).dropped).toEqual(['low-score', undefined])
  expect((await runStage(stage, { limits: { default: 1 } }, rows)).dropped).toEqual(['low-score', undefined])
})

test('codes that the model does not know are refused', async () => {
  await expect(runStage(stage, { keep: ['de', 'fo'] }, [])).rejects.toMatchObject({ code: 'bad-config', message: expect.stringContaining('fo') })
  await expect(runStage(stage, { limits: { no: 0.4 } }, [])).rejects.toMatchObject({ code: 'bad-config' })
})

test('a file that is no model is refused with what is wrong', async () => {
  await expect(runStage(stage, { model: 'package.json' }, [])).rejects.toMatchObject({
    code: 'unsupported-model',
    message: expect.stringContaining('magic number'),
  })
  await expect(runStage(stage, { model: 'no-such-model.ftz' }, [])).rejects.toMatchObject({ code: 'missing-file' })
})

describe('fold table', () => {
  const labels = ['no', 'nn', 'als', 'sh', 'hr', 'bs', 'sr', 'de']
  const folder = labelFolder('lid.176', labels)
  const fold = (scores: Readonly<Record<string, number>>, script: string) => {
    const entries = Object.entries(scores)
    const predictions = {
      labels: Int32Array.from([...entries.map(([label]) => labels.indexOf(label)), -1]),
      scores: Float64Array.from([...entries.map(([, score]) => score), NaN]),
    }
    const { codes, scores: sums } = folder.fold(predictions, 0, entries.length + 1, script)
    return Object.fromEntries(codes.map((code, i) => [folder.codes[code]!, sums[i]!]))
  }

  const cases: Readonly<Record<string, readonly [Readonly<Record<string, number>>, string, Readonly<Record<string, number>>]>> = {
    no: [{ no: 0.5, nn: 0.25 }, 'Latn', { nb: 0.5, nn: 0.25 }],
    als: [{ als: 0.5, de: 0.25 }, 'Latn', { gsw: 0.5, de: 0.25 }],
    'sh Cyrl': [{ sh: 0.5, hr: 0.25, sr: 0.125 }, 'Cyrl', { sr: 0.875 }],
    sh: [{ sh: 0.5, bs: 0.125, sr: 0.25 }, 'Latn', { sr: 0.75, bs: 0.125 }],
    'hr Cyrl': [{ hr: 0.5, sr: 0.25 }, 'Cyrl', { sr: 0.75 }],
  }
  test.each(folds['lid.176']!)('$label $script', ({ label, script }) => {
    const [scores, written, folded] = cases[script === undefined ? label : `${label} ${script}`]!
    expect(fold(scores, written)).toEqual(folded)
    expect(Object.keys(fold(scores, written))).toEqual(Object.keys(folded)) // likeliest first
  })

  test('a label with several targets and no favourite takes the first', () => {
    expect(fold({ sh: 0.5, de: 0.25 }, 'Latn')).toEqual({ hr: 0.5, de: 0.25 })
  })

  test('labels with a script are read by their ISO 639-3 code', () => {
    const glot = labelFolder('glotlid', ['deu_Latn', 'ekk_Latn', 'srp_Cyrl', 'srp_Latn', 'zxx_Latn', 'als_Latn'])
    expect(glot.codes).toEqual(['de', 'et', 'sr', 'zxx', 'sq'])
    const predictions = { labels: Int32Array.of(2, 0, 3), scores: Float64Array.of(0.5, 0.25, 0.125) }
    const { codes, scores } = glot.fold(predictions, 0, 3, 'Cyrl')
    expect([codes, scores]).toEqual([
      [2, 0],
      [0.625, 0.25],
    ])
  })
})

test('every limit and language is written once and known', () => {
  const codes = europeanLanguages.map(({ code }) => code)
  expect(new Set(codes).size).toBe(codes.length)
  const long = europeanLanguages.flatMap(({ iso3 }) => iso3)
  expect(new Set(long).size).toBe(long.length)
  for (const { languages } of Object.values(scoreLimits)) for (const code of Object.keys(languages)) expect(codes).toContain(code)
})
