import * as z from 'zod'
import { defineSequenceStage } from '../../core/component.ts'
import { unitOptions, unitRules } from './unit-options.ts'

export default defineSequenceStage({
  name: 'duplicate-paragraphs',
  summary:
    'Cuts paragraphs (lines between blank lines) that kept earlier documents hold, of this run or any before it, and drops documents of which too little is left. ' +
    'The other duplicate stages compare the text before the cut.',
  version: 1,
  group: 'duplicates',
  config: z.strictObject({ ...unitOptions(40) }),
  reads: ['text'],
  writes: [],
  measures: {},
  rules: unitRules,
})
