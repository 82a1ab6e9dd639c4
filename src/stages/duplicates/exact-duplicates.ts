import * as z from 'zod'
import { defineSequenceStage } from '../../core/component.ts'

export default defineSequenceStage({
  name: 'exact-duplicates',
  summary: 'Drops documents whose text is, byte for byte, that of a kept earlier one, of this run or any before it.',
  version: 1,
  group: 'duplicates',
  config: z.strictObject({}),
  reads: ['text'],
  writes: [],
  measures: {},
  rules: { copy: 'The text equals that of a kept document (128-bit digest), which the ledger names as `survivor`.' },
})
