import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { textColumn } from '../../src/core/batch.ts'
import { Tokenizer } from '../../src/native/tokenizer.ts'
import { mistral, published, ranks, trained, trainedModel, unigramJson, wordPieceJson, type TokenizerFile } from './tokenizer-files.ts'
import { expectSameIds } from './tokenizer-reference.ts'
import { codePointTexts, fuzzedTexts, isFull, realTexts, runTexts } from './tokenizer-texts.ts'

/**
 * Ids against the reference libraries, on the files that trainers use. They lie in npm and Python packages;
 * QUERN_TEST_TOKENIZERS names a folder that has tokenizer.json files as `llama3/models/tokenizer.json` and so on instead.
 * QUERN_TEST_BUDGET=full takes every code point, 10,000,000 bytes of fuzzed text and the texts of QUERN_TEST_TEXTS.
 */
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

const files: Record<string, () => TokenizerFile> = {
  ...Object.fromEntries(['llama3', 'gpt4o', 'qwen3', 'mistral_nemo', 'claude', 'llama2', 'gemma3'].map((name) => [name, () => published(name)])),
  'a Unigram tokenizer.json': unigramJson,
  'a WordPiece tokenizer.json': wordPieceJson,
  'Mistral v1 (SentencePiece)': () => mistral('tokenizer.model.v1'),
  'Mistral v3 (SentencePiece)': () => mistral('mistral_instruct_tokenizer_240323.model.v3'),
  'Mistral Nemo (tekken.json)': () => mistral('tekken_240718.json'),
  cl100k_base: () => ranks('cl100k_base'),
  o200k_base: () => ranks('o200k_base'),
}

/** Texts without those that make the reference break its own rule; `a special token is text` below holds ours on them. */
function withoutBreaks(file: TokenizerFile, texts: readonly string[]): string[] {
  return texts.map((text) => (file.breaksOn ?? []).reduce((some, token) => some.replaceAll(token, ''), text))
}

describe.each(Object.entries(files))('ids of %s', (_, open) => {
  const compare = (texts: readonly string[]) => {
    const file = open()
    expectSameIds(file, withoutBreaks(file, texts))
  }
  it('equal the reference on every code point', () => compare(codePointTexts()))
  it('equal the reference on fuzzed text, long runs and real text', () =>
    compare([...fuzzedTexts(isFull ? 180_000 : 6_000), ...runTexts(), ...realTexts()]))
})

describe.each(Object.keys(trained))('ids of a trained SentencePiece model, %s', (name) => {
  it('equal the reference', () => expectSameIds(trainedModel(name), ['', ' ', '  ', '▁', ...fuzzedTexts(3_000), ...runTexts(), ...realTexts()]))
})

describe.each(Object.entries(files))('%s', (_, open) => {
  const file = open()
  const tokenizer = new Tokenizer(readFileSync(file.path), file.path, { encoding: file.encoding })

  it('makes no special token of a text, unless asked to', () => {
    const special = [...tokenizer.special].filter(([content]) => content !== '<unk>' && content !== '[UNK]').slice(0, 50)
    const asked = new Tokenizer(readFileSync(file.path), file.path, { encoding: file.encoding, specialTokens: 'tokens' })
    for (const [content, id] of special) {
      const text = textColumn([`a${content} b`])
      expect([...tokenizer.encode(text).ids], content).not.toContain(id)
      expect([...asked.encode(text).ids], content).toContain(id)
    }
  })

  it('gives the ranges of tokens in the text', () => {
    for (const text of [...fuzzedTexts(500), ...realTexts().slice(0, 5)]) {
      const bytes = Buffer.from(text)
      const { ids, starts, ends } = tokenizer.encodeWithSpans(bytes)
      expect([...ids]).toEqual([...tokenizer.encode(textColumn([text])).ids])
      starts.forEach((start, i) => {
        const end = ends[i] ?? 0
        if (start > end || end > bytes.length) expect.fail(`token ${i} of ${JSON.stringify(text)} has the range ${start} to ${end}`)
      })
    }
  })
})

describe.each(['llama3', 'gpt4o', 'mistral_nemo', 'llama2', 'gemma3', 'Mistral v1 (SentencePiece)', 'Mistral Nemo (tekken.json)', 'cl100k_base'])(
  '%s, which loses nothing',
  (name) => {
    const file = files[name]?.()
    if (file === undefined) throw new Error(`no file is called ${name}`)
    const tokenizer = new Tokenizer(readFileSync(file.path), file.path, { encoding: file.encoding })

    it('decodes to the text and cuts it into ranges end to end', () => {
      // U+2581 is how these pieces write a space.
      const texts = [...fuzzedTexts(1_000), ...runTexts(), ...realTexts()].map((text) => text.replaceAll('▁', ''))
      const { ids, offsets } = tokenizer.encode(textColumn(texts))
      texts.forEach((text, i) => {
        expect(Buffer.from(tokenizer.decode(ids.subarray(offsets[i], offsets[i + 1]))).toString()).toBe(text)
      })
      for (const text of texts.slice(0, 300)) {
        const { starts, ends } = tokenizer.encodeWithSpans(Buffer.from(text))
        expect([0, ...ends.subarray(0, -1)]).toEqual([...starts])
        expect(ends.at(-1)).toBe(Buffer.byteLength(text))
      }
    })
  },
)

describe('ids of the sample tokenizer', () => {
  const file = { path: sample, library: 'tokenizers' } as const
  it('equal the reference', () => expectSameIds(file, [...fuzzedTexts(3_000), ...runTexts(), ...realTexts()]))

  it.each(Object.entries(variants))('equal the reference as %s', (_, change) => {
    const folder = mkdtempSync(join(tmpdir(), 'quern-variant-'))
    try {
      const json = JSON.parse(readFileSync(sample, 'utf8')) as SampleFile
      change(json)
      writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(json))
      expectSameIds({ path: join(folder, 'tokenizer.json'), library: 'tokenizers' }, ['', ' ', 'a', ...fuzzedTexts(3_000), ...runTexts()])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
