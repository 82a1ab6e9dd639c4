import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { textColumn } from '../../src/core/batch.ts'
import type { Context, Encoder } from '../../src/core/component.ts'
import stage from '../../src/stages/tokenize/tokenize.ts'

const samples = fileURLToPath(new URL('../../data-samples/', import.meta.url))
const context: Context = { file: (path) => samples + path, language: () => undefined }

async function open(config: object): Promise<Encoder> {
  return stage.open(stage.config.parse({ tokenizer: 'tokenizer.json', ...config }), context)
}

const plain = await open({})

describe('tokenize', () => {
  it('names the tokenizer file as what its result depends on', () => {
    expect(stage.assets?.(stage.config.parse({ tokenizer: 'tokenizer.json' }), context)).toEqual([`${samples}tokenizer.json`])
  })

  it('states the facts that a shard records', async () => {
    const { facts } = await open({})
    expect(facts).toMatchObject({
      name: 'tokenizer.json',
      vocabularySize: 16_384,
      dtype: 'uint16',
      endOfDocument: null,
      special: { '<|endoftext|>': 0 },
    })
    expect(facts.sha256).toMatch(/^[0-9a-f]{64}$/)
  })

  it('adds an end of document only when asked', async () => {
    const text = textColumn(['Guten Tag', ''])
    const plain = (await open({})).encode(text)
    const ended = (await open({ 'end-of-document': true })).encode(text)
    const named = (await open({ 'end-of-document': '<|endoftext|>' })).encode(text)
    expect(plain.ids).toBeInstanceOf(Uint16Array)
    expect([...ended.ids]).toEqual([...plain.ids, 0, 0])
    expect([...ended.offsets]).toEqual([...plain.offsets].map((offset, i) => offset + i))
    expect(named).toEqual(ended)
  })

  it('refuses an end of document that the file does not have', async () => {
    await expect(open({ 'end-of-document': '</s>' })).rejects.toMatchObject({ code: 'bad-pipeline', message: expect.stringContaining('"</s>"') })
  })

  it('names a file that is not there', async () => {
    await expect(open({ tokenizer: 'none.json' })).rejects.toMatchObject({ code: 'missing-file', message: expect.stringContaining('none.json') })
  })

  it('gives each placeholder of redaction one id behind the vocabulary, and says so', async () => {
    const encoder = await open({ 'redaction-tokens': ['iban', 'email'] })
    expect(encoder.facts).toMatchObject({ vocabularySize: 16_386, special: { '<|endoftext|>': 0, '<|pii:iban|>': 16_384, '<|pii:email|>': 16_385 } })
    const parts = ['Post an ', ' oder ', ', <|pii:phone|>'].map((part) => [...plain.encode(textColumn([part])).ids])
    const { ids } = encoder.encode(textColumn(['Post an <|pii:email|> oder <|pii:iban|>, <|pii:phone|>']))
    expect([...ids]).toEqual([...parts[0]!, 16_385, ...parts[1]!, 16_384, ...parts[2]!])
    // Whatever is no placeholder is as it was: a broken bar, another name, the end of a document.
    for (const text of ['<\u00A6pii:email|>', '<|pii:emails|>', '<|endoftext|>'])
      expect([...encoder.encode(textColumn([text])).ids]).toEqual([...plain.encode(textColumn([text])).ids])
  })

  it('refuses a key that it does not know', () => {
    expect(stage.config.safeParse({ tokenizer: 'tokenizer.json', eos: true }).success).toBe(false)
    expect(stage.config.safeParse({ tokenizer: 'tokenizer.json', 'end-of-document': false }).success).toBe(false)
  })
})
