import * as z from 'zod'
import { defineSequenceStage } from '../../core/component.ts'
import { unitOptions, unitRules } from './unit-options.ts'

export default defineSequenceStage({
  name: 'duplicate-lines',
  summary:
    'Cuts lines, or spans of three sentences, that kept earlier documents hold, of this run or any before it, and drops documents of which too little is left. ' +
    'The other duplicate stages compare the text before the cut.',
  version: 1,
  group: 'duplicates',
  config: z.strictObject({
    unit: z
      .enum(['line', 'sentences-3'])
      .default('line')
      .describe('"line": what stands between line breaks. "sentences-3": every three sentences in a row (UAX #29), which C4 cuts by.'),
    ...unitOptions(20),
  }),
  reads: ['text'],
  writes: [],
  measures: {},
  rules: unitRules,
})
