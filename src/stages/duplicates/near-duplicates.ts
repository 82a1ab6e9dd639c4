import * as z from 'zod'
import { defineSequenceStage } from '../../core/component.ts'

/** Languages whose words datatrove 0.10 takes from spaCy's blank tokenizers, which Quern's are tested against. */
const datatroveLanguages = [
  'bg',
  'bs',
  'ca',
  'cs',
  'da',
  'de',
  'el',
  'en',
  'es',
  'et',
  'eu',
  'fi',
  'fo',
  'fr',
  'ga',
  'hr',
  'hu',
  'is',
  'it',
  'lb',
  'lt',
  'lv',
  'mk',
  'nb',
  'nl',
  'nn',
  'pl',
  'pt',
  'ro',
  'ru',
  'sk',
  'sl',
  'sq',
  'sr',
  'sv',
  'tr',
  'uk',
] as const

export default defineSequenceStage({
  name: 'near-duplicates',
  summary: 'Drops documents that are nearly the same as a kept earlier one, of this run or any before it.',
  version: 2,
  group: 'duplicates',
  config: z.strictObject({
    similarity: z
      .number()
      .min(0.5)
      .max(1)
      .default(0.8)
      .describe(
        'Least similarity to one kept document: the share of shingles in common (Jaccard), estimated from 2,048 values with a standard error of 0.012 at 0.75.',
      ),
    shingles: z
      .enum(['words', 'characters'])
      .default('words')
      .describe(
        'What documents have in common: runs of words, or runs of characters. Both are of the same text, without case, marks and punctuation, a number being one 0: its words, or their characters (Unicode scalar values) with one space between words and none around an ideograph or kana, each of which is a word. A document with fewer of them than a shingle takes is never a near-duplicate.',
      ),
    'shingle-size': z
      .int()
      .min(1)
      .max(64)
      .nullable()
      .default(null)
      .describe('How many words (1 to 16) or characters (1 to 64) a shingle is long; null: 5 words, 24 characters.'),
    within: z
      .enum(['dataset', 'language'])
      .default('dataset')
      .describe(
        'Which documents are compared: all, or only those to which the language stage gave the same code (`und` being one). With `language` a text that was taken for two languages may stay twice; `exact-duplicates` compares all whatever this says.',
      ),
    'bucket-members': z
      .int()
      .min(1)
      .max(1024)
      .default(32)
      .describe('How many kept documents of one bucket a document is compared with, the earliest first. Bounds the cost of templates.'),
    keep: z
      .enum(['first', 'longest', 'best'])
      .default('first')
      .describe(
        'Which of several similar documents of one run is kept: the first in input order, the one with the longest text, or the best by a measure. Documents of earlier runs always stay. All but `first` hold the whole run on local disk before the first shard is written.',
      ),
    'best-by': z
      .string()
      .min(1)
      .default('web_docs_score')
      .describe('The measure whose highest value survives with `keep: best`; documents without it come last. A stage above must measure it.'),
    compatible: z
      .enum(['datatrove'])
      .nullable()
      .default(null)
      .describe(
        "Whose words and buckets: null for Quern's own; `datatrove` for those of `MinhashDedupSignature` of datatrove 0.10, bit for bit (word 5-grams, 14 buckets of 8 hashes, seed 1), the estimate then being of the same 5-grams. Goes with the default of `shingles`, `shingle-size` and `within` only. A pair that shares no bucket is not compared. Of those that do, only documents at or over `similarity` to the named survivor go: datatrove's clusters, which join what is only similar to something similar, are not followed.",
      ),
    'compatible-language': z
      .enum(datatroveLanguages)
      .default('en')
      .describe('With `compatible`: whose rules part the words of every document. datatrove takes English unless told.'),
    'compatible-hash': z
      .enum(['xxhash-64', 'xxhash-32', 'sha1-64', 'sha1-32'])
      .default('xxhash-64')
      .describe("With `compatible`: `hash_fc` and `precision` of datatrove's `HashConfig`. FineWeb was made with `sha1-64`."),
    memory: z
      .int()
      .min(1)
      .max(65_536)
      .default(256)
      .describe('MiB that newly kept documents may take before they are written as a run of the index. Changes the files, not what is dropped.'),
    'merge-runs': z
      .int()
      .min(2)
      .max(64)
      .default(4)
      .describe('How many runs of the index that are of about one size become one. Changes the files, not what is dropped.'),
  }),
  reads: ['text'],
  writes: [],
  measures: {},
  rules: { similar: 'The similarity to a kept document, which the ledger names as `survivor`, is `similarity` or more.' },
})
