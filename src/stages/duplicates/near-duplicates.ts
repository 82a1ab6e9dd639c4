import * as z from 'zod'
import { defineSequenceStage } from '../../core/component.ts'

export default defineSequenceStage({
  name: 'near-duplicates',
  summary: 'Drops documents that are nearly the same as a kept earlier one, of this run or any before it.',
  version: 1,
  group: 'duplicates',
  config: z.strictObject({
    similarity: z
      .number()
      .min(0.5)
      .max(1)
      .default(0.8)
      .describe(
        'Least similarity to one kept document: the share of word 5-grams in common (Jaccard), estimated with a standard error of at most 0.031.',
      ),
    'bucket-members': z
      .int()
      .min(1)
      .max(1024)
      .default(32)
      .describe('How many kept documents of one bucket a document is compared with, the earliest first. Bounds the cost of templates.'),
    keep: z.literal('first').default('first').describe('Which of several similar documents is kept: the first in input order.'),
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
