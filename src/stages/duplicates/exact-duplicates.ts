import * as z from 'zod'
import { defineSequenceStage } from '../../core/component.ts'
import { normalForms } from '../../native/document-keys.ts'
import { indexMemory } from './index-memory.ts'

export default defineSequenceStage({
  name: 'exact-duplicates',
  summary: 'Drops documents whose text, or another column, is the same as that of a kept earlier one, of this run or any before it.',
  version: 1,
  group: 'duplicates',
  config: z.strictObject({
    normalise: z
      .enum(normalForms)
      .default('none')
      .describe(
        'When two values are the same. "none": byte for byte. "whitespace": every run of Unicode White_Space is one space, none at the ends. ' +
          '"fold": letters without case and marks, digits as they are, every run of anything else one space.',
      ),
    key: z
      .enum(['text', 'title', 'url', 'author', 'published', 'date', 'extra'])
      .default('text')
      .describe('The column that is compared. Documents in which it is empty are not compared.'),
    memory: indexMemory,
  }),
  reads: ['text'],
  writes: [],
  measures: {},
  rules: { copy: 'The key equals that of a kept document (128-bit digest), which the ledger names as `survivor`.' },
})
