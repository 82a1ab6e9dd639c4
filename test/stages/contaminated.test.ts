import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { rowText, type LabelColumn, type TextColumn } from '../../src/core/batch.ts'
import contaminated from '../../src/stages/duplicates/contaminated.ts'
import { runPython } from '../python.ts'
import { context, runStage } from './run-stage.ts'

const folder = mkdtempSync(join(tmpdir(), 'quern-evaluation-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

const question = 'A baker needs 12 sacks of flour every week; how many sacks does she need in a year of 52 weeks?'
const answer = 'She needs 12 sacks for each of 52 weeks, which makes 12 * 52 = 624 sacks of flour.'

async function judged(benchmarks: unknown, text: string, more: object = {}) {
  const config = { benchmarks, ...more }
  const result = await runStage(contaminated, config, [{ text }])
  const { indices, labels } = result.columns!['benchmark'] as LabelColumn
  return {
    dropped: result.dropped[0],
    benchmark: labels[indices[0]!],
    item: result.measures!['contaminated_item']![0],
    text: rowText(result.columns!['text'] as TextColumn, 0),
  }
}

describe('items of files', () => {
  const jsonl = `{"q": "short", "a": ["one", "two"]}\n\n${JSON.stringify({ q: question, a: [answer] })}\n`
  test.each([
    ['JSON lines', 'a.jsonl', jsonl, ['q', 'a'], 3],
    ['packed by gzip', 'b.jsonl.gz', gzipSync(jsonl), ['q', 'a'], 3],
    ['plain lines', 'c.txt', `short\n${question}\n`, [], 2],
    ['a list of objects', 'd.jsonl', JSON.stringify({ turns: [{ content: 'short' }, { content: question }] }), ['turns.content'], 1],
    ['with a mark of byte order', 'e.jsonl', `\uFEFF${JSON.stringify({ q: question })}`, ['q'], 1],
  ])('%s', async (_, name, content, fields, item) => {
    const found = await judged([{ name: 'bakery', files: [file(name, content)], fields }], `Last week we asked: ${question.toUpperCase()}`)
    expect(found).toMatchObject({ dropped: 'shared-ngrams', benchmark: 'bakery', item })
  })

  test('Parquet as pyarrow writes it, items counted through the files of a benchmark', async () => {
    const path = join(folder, 'set.parquet')
    runPython(
      `
import sys, pyarrow as pa, pyarrow.parquet as pq
pq.write_table(pa.table({'id': [1, 2], 'question': ['short', sys.argv[2]], 'choices': [{'text': ['a', 'b']}, {'text': ['c', None]}]}), sys.argv[1], row_group_size=1)`,
      [path, question],
    )
    const first = file('first.jsonl', '{"question": "one", "choices": {"text": ["x"]}}\n')
    const found = await judged([{ name: 'both', files: [first, path], fields: ['question', 'choices.text'] }], `${question} c`)
    expect(found).toMatchObject({ dropped: 'shared-ngrams', benchmark: 'both', item: 3 })
  })

  test.each([
    ['no JSON', 'w1.jsonl', '{"q": "a"}\nnonsense\n', ['q'], /w1\.jsonl:2: the line is not JSON: expected ident at line 1 column 2/],
    [
      'a field that is not there',
      'w2.jsonl',
      '{"q": "a"}\n{"question": "b", "id": 1}\n',
      ['q'],
      /w2\.jsonl:2: there is no field "q"; it has "id", "question"/,
    ],
    ['no UTF-8', 'w3.txt', Buffer.from([0x61, 0x0a, 0xff, 0xfe]), [], /w3\.txt:2: the line is not UTF-8/],
    ['an array of JSON', 'w4.jsonl', '[\n{"q": "a"}\n]', ['q'], /w4\.jsonl:1: the line is not JSON/],
    ['a truncated gzip', 'w5.jsonl.gz', gzipSync('{"q": "a"}\n'.repeat(1000)).subarray(0, 40), ['q'], /w5\.jsonl\.gz:\d+: /],
    ['a damaged Parquet', 'w6.parquet', 'PAR1nothing', ['q'], /w6\.parquet: row 1: /],
    ['a long line', 'w7.txt', 'a'.repeat((16 << 20) + 2), [], /w7\.txt:1: the line is longer than 16 MiB/],
    ['no item that is long enough', 'w8.txt', 'one two\nthree\n', [], /none of the 2 items has 8 words/],
  ])('%s is told with file and line', async (_, name, content, fields, message) => {
    await expect(judged([{ name: 'wrong', files: [file(name, content)], fields }], 'text')).rejects.toThrow(message)
  })

  test('a packed bomb ends at a gigabyte', { timeout: 60_000 }, async () => {
    const member = gzipSync(`${'a'.repeat((1 << 20) - 1)}\n`)
    const bomb = Buffer.concat(Array.from({ length: 1100 }, () => member))
    await expect(judged([{ name: 'bomb', files: [file('bomb.txt.gz', bomb)] }], 'text')).rejects.toThrow(/bomb\.txt\.gz:1025: .* more than 1 GiB/)
  })

  test('no set, and a name that stands twice, are mistakes of the pipeline', () => {
    const assets = (benchmarks: unknown) => contaminated.assets!(contaminated.config.parse({ benchmarks }), context)
    expect(() => assets([])).toThrow(/no evaluation set/)
    expect(() => assets([1, 2].map(() => ({ name: 'same', files: ['a'] })))).toThrow(/"same" stands twice/)
    expect(() => assets([{ name: 'no-fields', files: ['a.jsonl.gz'] }])).toThrow(/has fields, and none is named/)
    expect(contaminated.config.safeParse({ benchmarks: [{ name: '__proto__', files: ['a'] }] }).success).toBe(false)
  })
})

test('a cut leaves the other sentences as they were', async () => {
  const before = 'The mill is old. It stands at the river.\n'
  const after = 'Nobody knows who built it, or when, or why it stands there.'
  const benchmarks = [{ name: 'bakery', files: [file('cut.txt', question)] }]
  const found = await judged(benchmarks, `${before}${question} ${after}`, { remove: 'span', 'min-left': 5 })
  expect(found).toMatchObject({ dropped: undefined, benchmark: 'bakery', text: `${before}${after}` })
})

/**
 * The indexer and the filter of datatrove 0.10 themselves; only lighteval, from which it can load tasks, is left out, and its hash is
 * SHA-1 (its default does not take the strings that it passes to xxhash 4). It replaces numbers and names of days, so the texts have none: then the same n must find the same documents.
 */
test('finds the documents that datatrove finds', { timeout: 120_000 }, async () => {
  const script = `
import json, sys, tempfile
import numpy as np
from datatrove.data import Document
from datatrove.pipeline.decont.n_grams import NGramsDecontConfig, NGramsDecontFilter, NGramsDecontIndexer
from datatrove.utils.hashing import HashConfig
NGramsDecontIndexer._requires_dependencies = []
item, texts = json.loads(sys.argv[1])
folder = tempfile.mkdtemp()
config = NGramsDecontConfig(hash_config=HashConfig(hash_fc='sha1'))
hashes = NGramsDecontIndexer(folder, config=config).compute_hashes(item)
np.array(hashes, dtype='<u8').tofile(folder + '/mills.index.hashes')
decont = NGramsDecontFilter(folder, config=config)
print(json.dumps([decont.filter(Document(text=text, id=str(i))) is not True for i, text in enumerate(texts)]))
`
  const item = 'which of the two mills beside the long river grinds the rye of the farmers from the hills in winter, and why?'
  const words = item.split(' ')
  const texts = words.flatMap((_, i) => [
    `Before it, ${words
      .slice(0, i + 1)
      .join(' ')
      .toUpperCase()} and so on it goes.`,
    `And ${words.slice(i).join('  ')} Nobody; could say.`,
    `It was asked: ${words.map((word, at) => (at === i ? 'barley' : word)).join(' ')}`,
  ])
  const theirs = JSON.parse(runPython(script, [JSON.stringify([item, texts])])) as readonly boolean[]
  expect(new Set(theirs).size).toBe(2)
  const config = { benchmarks: [{ name: 'mills', files: [file('mills.txt', item)] }], ngram: 12 }
  const { dropped } = await runStage(
    contaminated,
    config,
    texts.map((text) => ({ text })),
  )
  expect(dropped.map((rule) => rule !== undefined)).toEqual(theirs)
})
