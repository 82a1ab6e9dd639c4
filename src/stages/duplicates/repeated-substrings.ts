import * as z from 'zod'
import { defineSequenceStage } from '../../core/component.ts'

export default defineSequenceStage({
  name: 'repeated-substrings',
  summary:
    'Cuts runs of words that an earlier kept document of the same part holds byte for byte, or the same document further up, and drops documents of ' +
    'which too little is left. The other duplicate stages compare the text before the cut.',
  version: 1,
  group: 'duplicates',
  config: z.strictObject({
    words: z
      .int()
      .min(5)
      .max(1000)
      .default(50)
      .describe(
        'Fewest words of a run. A word goes up to the next one, so that spaces and marks are compared too; an ideograph or kana is a word of its own. ' +
          'Lee et al. 2022 take 50 tokens.',
      ),
    'block-mib': z
      .int()
      .min(1)
      .max(1024)
      .default(32)
      .describe(
        'Text that is compared at once, in MiB: documents of one part, in order, up to this much. A worker needs 5 to 10 times as much memory. ' +
          'It decides what is found: what lies in two blocks is not compared.',
      ),
    'min-left': z.int().min(1).default(50).describe('A document that loses something must keep this many words, or it is dropped.'),
    'max-cut': z.number().min(0).max(1).default(0.8).describe('Largest share of its words that a document may lose, or it is dropped.'),
  }),
  reads: ['text'],
  writes: [],
  measures: {},
  rules: {
    'too-little-left':
      'Runs of it stand in other documents, and without them fewer than `min-left` words would be left. The survivor is the kept document that holds most of it.',
    'mostly-repeated':
      'More than the share `max-cut` of its words is repeated, and some of it stands in other documents. The survivor is the kept document that holds most of it.',
  },
})
