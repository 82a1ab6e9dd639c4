import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadPipeline } from '../../src/config/pipeline-file.ts'
import { fixtures } from './fixture-registry.ts'
import { temporaryFolder } from './temporary.ts'
import { tellsMistakes, mistakesOf, good, files } from './mistake.ts'

tellsMistakes([
  { what: 'an unknown top-level key', change: [['output:', 'outputs: {}\noutput:']], at: '16:1', says: /unknown key "outputs"/, remedy: /"output"/ },
  {
    what: 'an unknown key of a stage',
    change: [['similarity', 'similarty']],
    at: '13:5',
    says: /stages\.2\.similarty/,
    remedy: /Did you mean "similarity"/,
  },
  { what: 'an unknown key of a source', change: [['licence', 'license']], at: '5:5', says: /unknown key "license"/, remedy: /"licence"/ },
  {
    what: 'an unknown key of the output',
    change: [['dataset: out', 'dataset: out\n  retain-droped: all']],
    at: '18:3',
    says: /retain-droped/,
    remedy: /"retain-dropped"/,
  },
  {
    what: 'a wrong type',
    change: [['0.8', 'high']],
    at: '13:17',
    says: /expected a number from 0\.5 to 1, got "high"/,
    remedy: /Least similarity.*Default: 0\.8/,
  },
  { what: 'a number out of range', change: [['0.8', '80']], at: '13:17', says: /from 0\.5 to 1, got 80/, remedy: /Least similarity/ },
  { what: 'a negative count', change: [['min-words: 3', 'min-words: -1']], at: '11:16', says: /got -1/, remedy: /Fewest words/ },
  {
    what: 'a fraction of a count',
    change: [['min-words: 3', 'min-words: 2.5']],
    at: '11:16',
    says: /a whole number from 0 to 1000, got 2\.5/,
    remedy: /Fewest/,
  },
  {
    what: 'not one of the choices',
    change: [['min-words: 3', 'mode: lax']],
    at: '11:11',
    says: /one of plain, strict, got "lax"/,
    remedy: /How words are counted/,
  },
  { what: 'an unknown stage', change: [['word-count\n', 'word-cuont\n']], at: '10:10', says: /no stage "word-cuont"/, remedy: /"word-count"/ },
  { what: 'an unknown source', change: [['use: lines', 'use: line']], at: '3:10', says: /no source "line"/, remedy: /"lines"/ },
  {
    what: 'a source among the stages',
    change: [['use: language\n    keep: [de, fr]', 'use: lines']],
    at: '8:10',
    says: /no stage "lines"/,
    remedy: /move it to "sources"/,
  },
  { what: 'an entry without use', change: [['use: language\n    keep', 'keep']], at: '8:5', says: /"use" is missing/, remedy: /Add "use/ },
  { what: 'an entry that is a word', change: [['- use: language\n    keep: [de, fr]', '- language']], at: '8:5', says: /a block/, remedy: /./ },
  {
    what: 'no stages',
    change: [[good.slice(good.indexOf('stages:'), good.indexOf('output:')), 'stages: []\n']],
    at: '7:9',
    says: /at least 1 entries/,
    remedy: /./,
  },
  {
    what: 'no sources key',
    change: [[good.slice(good.indexOf('sources:'), good.indexOf('stages:')), '']],
    at: '1:1',
    says: /sources: is missing/,
    remedy: /Add "sources/,
  },
  {
    what: 'no output',
    change: [['output:\n  dataset: out\n', '']],
    at: '1:1',
    says: /output\.dataset: is missing|output: is missing/,
    remedy: /Add/,
  },
  {
    what: 'a missing asset',
    change: [['tokenizer.json', 'no.json']],
    code: 'missing-file',
    at: '15:16',
    says: /no\.json: there is no such file/,
    remedy: /relative to the pipeline file/,
  },
  {
    what: 'a tokenizer of an unknown kind',
    code: 'unsupported-tokenizer',
    at: '15:16',
    says: /stages\.3\.tokenizer: .*Unigram/,
    remedy: /byte-level/,
  },
  { what: 'an unknown language', change: [['de, fr', 'de, xx']], at: '9:16', says: /language "xx"/, remedy: /de, fr, pl/ },
  {
    what: 'paths that match nothing',
    change: [['*.txt', '*.text']],
    code: 'missing-file',
    at: '6:13',
    says: /no file matches .*\*\.text/,
    remedy: /relative to the pipeline file/,
  },
  { what: 'a folder as input', change: [['"*.txt"', '.']], code: 'missing-file', at: '6:13', says: /is a folder/, remedy: /\/\*/ },
  { what: 'paths that are no list', change: [['["*.txt"]', '"*.txt"']], at: '6:12', says: /a list of text, got/, remedy: /Input files/ },
  { what: 'an input on another kind of storage', change: [['*.txt', 'ftp://host/*.txt']], at: '6:13', says: /from ftp:\/\//, remedy: /Copy/ },
  { what: 'an input that is a whole bucket', change: [['*.txt', 's3://bucket']], at: '6:13', says: /no objects/, remedy: /s3:\/\/bucket\/prefix/ },
  {
    what: 'two sources of one name',
    change: [['stages:', '  - use: lines\n    name: news\n    paths: [a]\nstages:']],
    at: '8:11',
    says: /named "news" too/,
    remedy: /name of its own/,
  },
  { what: 'a name with spaces', change: [['nightly', 'every night']], at: '1:7', says: /expected 1 to 64/, remedy: /name of the pipeline/ },
])

test('all mistakes of a file are told at once, in the order of its lines', async () => {
  const found = await mistakesOf({
    what: '',
    at: null,
    says: /./,
    remedy: /./,
    change: [
      ['nightly', 'every night'],
      ['0.8', 'high'],
      ['min-words', 'min-word'],
      ['dataset: out', 'dataset: 3'],
      ['too-few-words', 'too-few'],
    ],
  })
  expect(found.map(({ place }) => place?.line)).toEqual([1, 11, 13, 17, 21])
})

// Root may write anywhere, so this says something only for other users.
test.skipIf(process.getuid?.() === 0)('a folder without permission', async () => {
  const folder = temporaryFolder({ ...files, 'nightly.yaml': good })
  chmodSync(folder, 0o555)
  await expect(loadPipeline(join(folder, 'nightly.yaml'), fixtures)).rejects.toThrow(/may not write into/)
})
