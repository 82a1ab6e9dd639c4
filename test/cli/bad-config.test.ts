import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { quern, scratch } from '../quern.ts'

/** The mistakes of test/config once more where they meet a person: the real command, the real components. Lines are counted on. */
const good = `name: nightly
sources:
  - use: jsonl
    name: news
    licence: CC0-1.0
    paths: ["*.jsonl"]
stages:
  - use: language
    keep: [de, fr]
  - use: gopher-quality
    min-words: 3
  - use: near-duplicates
    similarity: 0.8
  - use: tokenize
    tokenizer: tokenizer.json
output:
  dataset: out
`

interface Mistake {
  readonly what: string
  readonly change: readonly [from: string, to: string]
  readonly code?: string
  readonly at: string | null
  readonly says: RegExp
}

const table: readonly Mistake[] = [
  { what: 'an unknown key', change: ['similarity:', 'similarty:'], at: '13:5', says: /unknown key "similarty"[\s\S]*Did you mean "similarity"/ },
  { what: 'an unknown top-level key', change: ['output:', 'outptu:\n  dataset: out\noutput:'], at: '16:1', says: /Did you mean "output"/ },
  { what: 'an unknown key of the source', change: ['licence:', 'license:'], at: '5:5', says: /Did you mean "licence"/ },
  { what: 'a wrong type', change: ['0.8', 'high'], at: '13:17', says: /a number from 0\.5 to 1, got "high"/ },
  { what: 'a number out of range', change: ['0.8', '80'], at: '13:17', says: /got 80/ },
  { what: 'a wrong type in a list', change: ['[de, fr]', '[de, 3]'], at: '9:16', says: /got 3/ },
  { what: 'an unknown stage', change: ['gopher-quality', 'gopher-qualiti'], at: '10:10', says: /Did you mean "gopher-quality"/ },
  { what: 'an unknown source', change: ['jsonl\n', 'json\n'], at: '3:10', says: /no source "json"/ },
  {
    what: "datatrove's buckets of characters",
    change: ['similarity: 0.8', 'shingles: characters\n    compatible: datatrove'],
    code: 'bad-pipeline',
    at: '13:15',
    says: /compares runs of five words.*"shingles" is characters[\s\S]*Remove "shingles"/,
  },
  {
    what: "datatrove's buckets of other runs of words",
    change: ['similarity: 0.8', 'shingle-size: 6\n    compatible: datatrove'],
    code: 'bad-pipeline',
    at: '13:19',
    says: /"shingle-size" is 6/,
  },
  {
    what: "datatrove's buckets by language",
    change: ['similarity: 0.8', 'within: language\n    compatible: datatrove'],
    code: 'bad-pipeline',
    at: '13:13',
    says: /"within" is language/,
  },
  {
    what: 'shingles of too many words',
    change: ['similarity: 0.8', 'shingle-size: 24'],
    code: 'bad-pipeline',
    at: '13:19',
    says: /a shingle of 24 words: it has 1 to 16[\s\S]*shingles: characters/,
  },
  {
    what: 'duplicates by language without languages',
    change: [
      '  - use: language\n    keep: [de, fr]\n  - use: gopher-quality\n    min-words: 3\n  - use: near-duplicates\n    similarity: 0.8',
      '  - use: near-duplicates\n    within: language',
    ],
    code: 'bad-pipeline',
    at: '9:13',
    says: /no stage above it tells languages[\s\S]*Put the language stage above it/,
  },
  { what: 'a missing file', change: ['tokenizer.json', 'tokenizers.json'], code: 'missing-file', at: '15:16', says: /there is no such file/ },
  {
    what: 'a tokenizer of an unknown kind',
    change: ['tokenizer.json', 'wordlevel.json'],
    code: 'unsupported-tokenizer',
    at: '15:16',
    says: /WordLevel/,
  },
  { what: 'a tokenizer that is no JSON', change: ['tokenizer.json', 'one.jsonl.gz'], at: '15:16', code: 'unsupported-tokenizer', says: /./ },
  { what: 'an unknown language', change: ['[de, fr]', '[de, qq]'], at: '9:16', says: /qq/ },
  { what: 'paths that match nothing', change: ['*.jsonl', '*.json1'], code: 'missing-file', at: '6:13', says: /no file matches/ },
  {
    what: 'no tokenizer',
    change: ['  - use: tokenize\n    tokenizer: tokenizer.json\n', ''],
    code: 'bad-pipeline',
    at: '12:5',
    says: /no stage makes tokens/,
  },
  {
    what: 'two tokenizers',
    change: ['  - use: near-', '  - use: tokenize\n    tokenizer: tokenizer.json\n  - use: near-'],
    code: 'bad-pipeline',
    at: '16:5',
    says: /second/,
  },
  {
    what: 'a filter after duplicates',
    change: ['  - use: tokenize', '  - use: gopher-repetition\n  - use: tokenize'],
    code: 'bad-pipeline',
    at: '14:5',
    says: /Move gopher-repetition above/,
  },
  {
    what: 'a filter before its language',
    change: ['  - use: language', '  - use: gopher-repetition\n  - use: language'],
    code: 'bad-pipeline',
    at: '8:5',
    says: /Move language above/,
  },
  {
    what: 'extraction without pages',
    change: ['  - use: language', '  - use: extract-html\n  - use: language'],
    code: 'bad-pipeline',
    at: '8:5',
    says: /payload/,
  },
  {
    what: 'a stage twice',
    change: ['  - use: near-', '  - use: gopher-quality\n  - use: near-'],
    code: 'bad-pipeline',
    at: '12:5',
    says: /stands twice/,
  },
  {
    what: 'two sources of one name',
    change: ['stages:', '  - use: jsonl\n    name: news\n    paths: ["*.jsonl"]\nstages:'],
    at: '8:11',
    says: /named "news" too/,
  },
  { what: 'an output in the way', change: ['dataset: out', 'dataset: one.jsonl'], code: 'output-not-writable', at: '17:12', says: /is a file/ },
  { what: 'a negative size', change: ['dataset: out', 'dataset: out\n  shard-bytes: -1'], at: '18:16', says: /at least .*, got -1/ },
  { what: 'a tab', change: ['    name: news', '\tname: news'], at: '4:1', says: /Tabs/ },
  { what: 'a key twice', change: ['name: nightly', 'name: nightly\nname: daily'], at: '2:1', says: /twice/ },
  { what: 'an empty file', change: [good, ''], at: '1:1', says: /empty/ },
  { what: 'no YAML', change: ['[de, fr]', '[de, fr'], at: '10:3', says: /not YAML/ },
  {
    what: 'a test of an unknown rule',
    change: ['  dataset: out\n', '  dataset: out\ntests:\n  - name: x\n    given: short.txt\n    dropped-by: gopher-quality/too-few-word\n'],
    at: '21:17',
    says: /Did you mean "gopher-quality\/too-few-words"/,
  },
]

function pipelineWith(change: readonly [string, string]): string {
  const folder = scratch()
  const files = {
    'nightly.yaml': good.replace(...change),
    'one.jsonl': '{"text": "Eins"}\n',
    'one.jsonl.gz': 'not even gzip',
    'short.txt': 'zu kurz',
    'tokenizer.json': '{}',
    'wordlevel.json':
      '{"version": "1.0", "added_tokens": [], "normalizer": null, "pre_tokenizer": null, "post_processor": null, "decoder": null, "model": {"type": "WordLevel", "vocab": {}}}',
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return join(folder, 'nightly.yaml')
}

interface Told {
  readonly code: string
  readonly message: string
  readonly place: { readonly file: string; readonly line: number; readonly column: number } | null
  readonly remedy: string | null
}

test.each(table)('$what: exit 2, the place, a remedy', ({ change, code, at, says }) => {
  const file = pipelineWith(change)
  const { status, out, err } = quern(['check', file, '--json'])
  expect(status, err).toBe(2)
  const { error, errors = [error] } = JSON.parse(out) as { error: Told; errors?: readonly Told[] }
  const told = errors.find(({ code: one }) => one === (code ?? 'bad-config'))
  expect(told, err).toBeDefined()
  expect(told!.place && `${told!.place.line}:${told!.place.column}`).toBe(at)
  expect(`${told!.message}\n${told!.remedy}`).toMatch(says)
  expect(told!.remedy).toMatch(/\w/)
  expect(err).toContain(`${file}:${at} `)
  expect(err).not.toMatch(/\n\s+at /)
})

test.each(['run', 'check', 'test'])('quern %s tells every mistake of a file at once', (command) => {
  const file = pipelineWith(['name: nightly', 'name: every night\nnames: 3'])
  const { status, err } = quern([command, file])
  expect(status).toBe(2)
  expect(err.match(/^\S+:\d+:\d+ .*\[bad-config\]$/gm)).toHaveLength(2)
})
