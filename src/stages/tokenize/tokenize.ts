import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import * as z from 'zod'
import { definePressStage } from '../../core/component.ts'
import { QuernError } from '../../core/errors.ts'
import { personalDataTypes } from '../../native/redact.ts'
import { Tokenizer, tokenizerKinds } from '../../native/tokenizer.ts'

/** What published files call the token that ends a document; few say which one it is. */
const endTokens = ['<|end_of_text|>', '<|endoftext|>', '</s>', '<eos>', '<|eos|>', '<EOT>', '<|end▁of▁sentence|>']

const config = z.strictObject({
  tokenizer: z
    .string()
    .min(1)
    .describe(
      'A tokenizer.json (byte-level BPE, BPE with byte fallback, Unigram, WordPiece), a SentencePiece `.model` (BPE, Unigram), a file of tiktoken ' +
        'ranks or a `tekken.json`: a path relative to the pipeline file, or `package:NAME/FILE` in an installed package. What a file asks for and the ' +
        'encoder does not do is refused with its place in the file.',
    ),
  kind: z
    .union([z.null(), z.enum(tokenizerKinds)])
    .default(null)
    .describe('The kind of file, where its content should not decide: null looks at the content.'),
  encoding: z
    .union([z.null(), z.string().min(1)])
    .default(null)
    .describe('For tiktoken ranks, whose file has no pattern: `cl100k_base`, `o200k_base`, `p50k_base` or `r50k_base`.'),
  'special-tokens': z
    .enum(['text', 'tokens'])
    .default('text')
    .describe(
      'What a special token is that stands literally in a text: `text`, encoded like any other, so that no page can write an end of document; or ' +
        '`tokens`, that token, for texts that were written with them.',
    ),
  'end-of-document': z
    .union([z.null(), z.literal(true), z.string().min(1)])
    .default(null)
    .describe(
      'A special token to put behind every document: its text as the tokenizer file writes it, `true` for the one special token of the file ' +
        `that is named as published files name it (${endTokens.join(' ')}), or null for none. No other special token is ever added.`,
    ),
  'redaction-tokens': z
    .union([z.array(z.enum(personalDataTypes)).min(1), z.literal('none')])
    .default('none')
    .describe(
      `Placeholders of redact-personal-data that become one id each, such as <|pii:email|>: a list of ${personalDataTypes.join(', ')}. ` +
        'Ids are those of special tokens of these names in the file, else they follow its vocabulary, which grows by them. "none": they are ordinary text.',
    ),
})

/** The id for `end-of-document`, or a refusal that says what the file has. */
function endOfDocument(wanted: string | true | null, tokenizer: Tokenizer, file: string): number | null {
  if (wanted === null) return null
  const names = wanted === true ? endTokens.filter((name) => tokenizer.special.has(name)) : [wanted]
  const id = names.length === 1 ? tokenizer.special.get(names[0] ?? '') : undefined
  if (id !== undefined) return id
  const has = [...tokenizer.special.keys()].slice(0, 20).join(' ') || 'none'
  const sought =
    wanted === true
      ? `end-of-document is true, and ${names.length === 0 ? 'none of the known names is' : `${names.join(' and ')} are`} among the special tokens of ${file}`
      : `end-of-document is ${JSON.stringify(wanted)}, which is no special token of ${file}`
  throw new QuernError('bad-pipeline', `opening tokenize: ${sought}`, { remedy: `Name one of its special tokens (${has}), or null for none.` })
}

export default definePressStage<z.infer<typeof config>>({
  name: 'tokenize',
  summary: 'Turns kept text into token ids with a tokenizer.json, a SentencePiece model, tiktoken ranks or a tekken.json, exact to their libraries.',
  version: 1,
  group: 'tokenize',
  config,
  reads: ['text'],
  writes: [],
  measures: {},
  rules: {},
  assets: ({ tokenizer }, context) => [context.file(tokenizer)],
  open: async (settings, context) => {
    const { tokenizer: path, kind, encoding, 'special-tokens': specialTokens, 'end-of-document': wanted, 'redaction-tokens': redaction } = settings
    const file = context.file(path)
    let bytes: Uint8Array
    try {
      bytes = readFileSync(file)
    } catch (cause) {
      throw new QuernError('missing-file', `reading the tokenizer ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
        remedy: 'Correct the path in the pipeline; it is relative to the pipeline file.',
        cause,
      })
    }
    const options = { kind: kind ?? undefined, encoding: encoding ?? undefined, specialTokens }
    const tokenizer = new Tokenizer(bytes, file, options, redaction === 'none' ? [] : [...new Set(redaction)])
    const end = endOfDocument(wanted, tokenizer, file)
    return {
      facts: {
        name: basename(path),
        sha256: tokenizer.sha256,
        vocabularySize: tokenizer.vocabularySize,
        dtype: tokenizer.narrow ? 'uint16' : 'uint32',
        endOfDocument: end,
        special: Object.fromEntries(tokenizer.special),
      },
      encode: (text) => tokenizer.encode(text, end),
    }
  },
})
