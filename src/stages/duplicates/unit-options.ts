import * as z from 'zod'
import { normalForms } from '../../native/document-keys.ts'
import { indexMemory } from './index-memory.ts'

/** Options of the stages that cut repeated units; the smallest unit differs. */
export function unitOptions(minCharacters: number) {
  return {
    normalise: z
      .enum(normalForms)
      .default('whitespace')
      .describe(
        'When two of them are the same. "none": byte for byte. "whitespace": every run of Unicode White_Space is one space, none at the ends. ' +
          '"fold": letters without case and marks, digits as they are, every run of anything else one space.',
      ),
    'min-characters': z
      .int()
      .min(1)
      .max(100_000)
      .default(minCharacters)
      .describe('Shorter ones, in code points of the normal form, are never cut: a short line comes again by chance.'),
    repeats: z.int().min(1).max(255).default(1).describe('How many kept documents may hold one before later documents lose it.'),
    'min-left': z.int().min(0).default(200).describe('A document that loses something must keep this many code points, or it is dropped.'),
    'max-cut': z.number().min(0).max(1).default(0.8).describe('Largest share of its code points that a document may lose, or it is dropped.'),
    memory: indexMemory,
  }
}

/** What both stages drop; what they cut is noted in `cut_bytes`, `cut_by` and `cut_from` of the ledger. */
export const unitRules = {
  'too-little-left':
    'Something was repeated from kept documents, and without it fewer than `min-left` code points would be left. The survivor is the kept document that holds most of it.',
  'mostly-repeated':
    'More than the share `max-cut` of its code points is repeated from kept documents. The survivor is the kept document that holds most of it.',
}
