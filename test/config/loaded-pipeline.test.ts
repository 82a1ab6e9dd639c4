import { mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadPipeline } from '../../src/config/pipeline-file.ts'
import { sourceFiles, splitGlob } from '../../src/config/source-files.ts'
import { canonicalJson } from '../../src/core/canonical-json.ts'
import { fixtures } from './fixture-registry.ts'
import { files, good } from './mistake.ts'
import { temporaryFolder } from './temporary.ts'

const load = (folder: string, options = {}) => loadPipeline(join(folder, 'nightly.yaml'), fixtures, options)

test('fills in defaults and resolves paths against the file', async () => {
  const folder = temporaryFolder({ ...files, 'nightly.yaml': good.replace('    name: news\n', '').replace('    licence: CC0-1.0\n', '') })
  const pipeline = await load(folder)
  expect(pipeline.sources[0]).toMatchObject({ name: 'lines-1', licence: 'unknown', config: { window: 65_536 } })
  expect(pipeline.sources[0]!.paths).toEqual([
    { pattern: `${folder}/*.txt`, base: folder, place: { file: `${folder}/nightly.yaml`, line: 4, column: 13 } },
  ])
  expect(pipeline.stages.map(({ component, config }) => [component.name, config])).toEqual([
    ['language', { keep: ['de', 'fr'], model: '' }],
    ['word-count', { 'min-words': 3, mode: 'plain' }],
    ['near-duplicates', { similarity: 0.8 }],
    ['tokenize', { tokenizer: 'tokenizer.json' }],
  ])
  expect(pipeline.output).toEqual({
    dataset: `${folder}/out`,
    retainDropped: 'all',
    shardBytes: 128 * 2 ** 20,
    alarms: { share: 0.6, factor: 5, least: 100, nights: 7, except: [] },
    singleWriter: false,
  })
  expect(pipeline.tests[0]).toMatchObject({ given: `${folder}/short.txt`, droppedBy: 'word-count/too-few-words', language: undefined })
})

test('settings name entries by number, name or use, in order; the value is YAML', async () => {
  const folder = temporaryFolder({ ...files, 'nightly.yaml': good })
  const set = ['sources.news.paths=[a.txt, b.txt]', 'stages.word-count.min-words=7', 'stages.1.min-words=8', 'output.shard-bytes=64MiB']
  const pipeline = await load(folder, { set, out: 'elsewhere' })
  expect(pipeline.sources[0]!.paths.map(({ pattern }) => pattern)).toEqual([`${folder}/a.txt`, `${folder}/b.txt`])
  expect(pipeline.stages[1]!.config).toEqual({ 'min-words': 8, mode: 'plain' })
  expect(pipeline.output).toMatchObject({ shardBytes: 64 * 2 ** 20, dataset: join(process.cwd(), 'elsewhere') })
})

test('rules hold what decides a result and nothing else', async () => {
  const folder = temporaryFolder({ ...files, 'nightly.yaml': good })
  const rules = canonicalJson((await load(folder)).rules)
  const same = async (options: object) => canonicalJson((await load(folder, options)).rules) === rules
  expect(await same({ out: 'elsewhere', set: ['sources.0.paths=[x]', 'tests=[]', 'name=other'] })).toBe(true)
  expect(await same({ set: ['stages.word-count.min-words=4'] })).toBe(false)
  expect(await same({ set: ['sources.0.name=other'] })).toBe(false)
  // The same tokenizer at another path is the same pipeline; another tokenizer at the same path is not.
  mkdirSync(join(folder, 'deep'))
  renameSync(join(folder, 'tokenizer.json'), join(folder, 'deep/t.json'))
  expect(await same({ set: ['stages.tokenize.tokenizer=deep/t.json'] })).toBe(true)
  const other = temporaryFolder({ ...files, 'tokenizer.json': '{ }', 'nightly.yaml': good })
  expect(canonicalJson((await load(other)).rules)).not.toBe(rules)
  const german = temporaryFolder({ ...files, 'nightly.yaml': good, 'languages/de.yaml': 'language: de\nfilters: {word-count: {min-words: 9}}\n' })
  expect(canonicalJson((await load(german)).rules)).not.toBe(rules)
})

test("a pipeline's own language files go before those that come with Quern", async () => {
  const folder = temporaryFolder({ ...files, 'nightly.yaml': good, 'languages/de.yaml': 'language: de\nfilters: {word-count: {min-words: 9}}\n' })
  const { context } = await load(folder)
  expect(context.language('de')?.filters).toEqual({ 'word-count': { 'min-words': 9 } })
  expect(context.language('xx')).toBeUndefined()
})

test('files come in the order of patterns, then of paths, each once; hidden ones do not', async () => {
  const folder = temporaryFolder({ 'b/2.txt': 'bb', 'b/10.txt': '', 'a/1.txt': '', 'a/.hidden.txt': '', 'c[1]/x.txt': 'x', 'nightly.yaml': '' })
  const source = (paths: readonly string[]) => ({
    component: fixtures.sources['lines']!,
    name: 's',
    licence: '',
    config: {},
    paths: paths.map((path) => ({ ...splitGlob(path, folder), place: { file: '', line: 1, column: 1 } })),
  })
  expect((await sourceFiles(source(['b/*.txt', '**/*.txt']))).map(({ path, bytes }) => [path, bytes])).toEqual([
    ['10.txt', 0],
    ['2.txt', 2],
    ['a/1.txt', 0],
    ['c[1]/x.txt', 1],
  ])
  await expect(sourceFiles(source(['b/2.txt', 'b/*.text']))).rejects.toThrow(/no file matches/)
  const twins = temporaryFolder({ 'a/1.txt': '', 'b/1.txt': '' })
  const both = source([`${twins}/a/*.txt`, `${twins}/b/*.txt`])
  await expect(sourceFiles(both)).rejects.toThrow(/are both "1\.txt"/)
})

test('only what is written in the pipeline is a glob', () => {
  expect(splitGlob('../data/*/x.txt', '/runs[1]/pipelines')).toEqual({ base: '/runs[1]/data', pattern: '/runs[1]/data/*/x.txt' })
  expect(splitGlob('x (1).txt', '/p')).toEqual({ base: '/p', pattern: '/p/x (1).txt' })
  expect(splitGlob('/a/b.txt', '/p')).toEqual({ base: '/a', pattern: '/a/b.txt' })
  expect(splitGlob('/*.txt', '/p')).toEqual({ base: '/', pattern: '/*.txt' })
})
