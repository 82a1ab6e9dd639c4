import * as z from 'zod'
import { emptyVerdict, textOf } from '../../src/core/batch.ts'
import { definePrepareStage, definePressStage, defineSequenceStage, defineSource } from '../../src/core/component.ts'
import { QuernError } from '../../src/core/errors.ts'
import type { Registry } from '../../src/core/pipeline.ts'
import { byteSize } from '../../src/core/sizes.ts'

/** Small components of every kind: what configuration is checked against, without the native core. */

const lines = defineSource({
  name: 'lines',
  summary: 'Reads one document a line.',
  version: 1,
  config: z.strictObject({ window: byteSize({ min: 1024, default: 65_536 }).describe('Bytes of a part.') }),
  writes: ['text', 'url', 'offset', 'length'],
  rules: { 'unreadable/record': 'A line that cannot be read.' },
  windows: async (file) => [{ start: 0, end: file.bytes }],
  // eslint-disable-next-line require-yield
  async *read(_input, _file, window) {
    return { first: window.start, end: window.end }
  },
})

const pages = defineSource({ ...lines, name: 'pages', config: z.strictObject({}), writes: ['payload', 'content_type', 'url', 'offset', 'length'] })

const pass = { version: 1, measures: {}, rules: {}, reads: ['text'], writes: [], examples: [] }

const extract = definePrepareStage({
  ...pass,
  name: 'extract',
  group: 'extract',
  summary: 'Takes the text out of a page.',
  config: z.strictObject({}),
  reads: ['payload', 'content_type', 'text'],
  writes: ['text', 'title'],
  open: async () => () => ({}),
})

const language = definePrepareStage({
  ...pass,
  name: 'language',
  group: 'language',
  summary: 'Tells the language.',
  config: z.strictObject({
    keep: z.array(z.string()).default(['de', 'fr']).describe('Languages to keep.'),
    model: z.string().default('').describe('The model file.'),
  }),
  writes: ['language'],
  rules: { 'not-kept': 'A language that is not in `keep`.' },
  assets: ({ model }, context) => (model === '' ? [] : [context.file(model)]),
  open: async ({ keep }) => {
    const unknown = keep.find((code) => !['de', 'fr', 'pl'].includes(code))
    if (unknown !== undefined)
      throw new QuernError('bad-config', `the model does not know the language "${unknown}"`, { remedy: 'It knows de, fr, pl.' })
    return () => ({})
  },
})

const wordCount = definePrepareStage<{ 'min-words': number; mode: 'plain' | 'strict' }>({
  ...pass,
  name: 'word-count',
  group: 'filters',
  summary: 'Drops short documents.',
  config: z.strictObject({
    'min-words': z.int().nonnegative().max(1000).default(3).describe('Fewest words a kept document may have.'),
    mode: z.enum(['plain', 'strict']).default('plain').describe('How words are counted.'),
  }),
  reads: ['text', 'language'],
  measures: { words: 'Words, apart at spaces.' },
  rules: { 'too-few-words': 'Fewer than `min-words` words.' },
  examples: [{ text: 'zu kurz', drops: 'too-few-words' }, { text: 'drei kurze Wörter' }],
  open:
    async ({ 'min-words': least }) =>
    (batch) => {
      const { values, offsets } = textOf(batch, 'text')
      const words = new Float64Array(batch.rows)
      const verdict = emptyVerdict(batch.rows)
      for (let row = 0; row < batch.rows; row++) {
        const end = offsets[row + 1]!
        for (let at = offsets[row]!; at < end; at++) {
          if (values[at]! > 32 && (at + 1 === end || values[at + 1]! <= 32)) words[row]! += 1
        }
        if (words[row]! >= least) continue
        verdict.rule[row] = 0
        verdict.measured[row] = words[row]!
        verdict.limit[row] = least
      }
      return { measures: { words }, verdict }
    },
})

/** Reads no column but text, as filters do that look up the language where there is one. */
const length = definePrepareStage({ ...wordCount, name: 'length', config: z.strictObject({}), reads: ['text'], measures: {} })

const redact = definePrepareStage({
  ...pass,
  name: 'redact',
  group: 'redact',
  summary: 'Masks what should not be read.',
  config: z.strictObject({}),
  writes: ['text'],
  open: async () => () => ({}),
})

const duplicates = defineSequenceStage({
  ...pass,
  name: 'near-duplicates',
  group: 'duplicates',
  summary: 'Drops what was there before.',
  config: z.strictObject({ similarity: z.number().min(0.5).max(1).default(0.8).describe('Least similarity of duplicates.') }),
  rules: { duplicate: 'Like an earlier document.' },
})

const tokenize = definePressStage<{ tokenizer: string }>({
  ...pass,
  name: 'tokenize',
  group: 'tokenize',
  summary: 'Makes tokens.',
  config: z.strictObject({ tokenizer: z.string().describe('The tokenizer.json.') }),
  assets: ({ tokenizer }, context) => [context.file(tokenizer)],
  open: async () => {
    throw new QuernError('unsupported-tokenizer', 'reading the tokenizer: its model is of the kind Unigram', { remedy: 'Use a byte-level BPE.' })
  },
})

const named = <T extends { name: string }>(list: readonly T[]) => Object.fromEntries(list.map((one) => [one.name, one]))

export const fixtures: Registry = {
  sources: named([lines, pages]),
  stages: named([extract, language, wordCount, length, redact, duplicates, tokenize]),
}
