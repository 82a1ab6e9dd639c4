import { suppressionRules } from '../dataset/criteria.ts'

/** Outcomes that name a kept document; the first two are the sequence index's own. Codes go into placements: another order raises `millVersion`. */
const duplicateRules = [
  '',
  'exact-duplicates/copy',
  'near-duplicates/similar',
  'url-duplicates/same-page',
  'duplicate-lines/too-little-left',
  'duplicate-lines/mostly-repeated',
  'duplicate-paragraphs/too-little-left',
  'duplicate-paragraphs/mostly-repeated',
  'repeated-substrings/too-little-left',
  'repeated-substrings/mostly-repeated',
] as const

/** First outcome that is a suppression: it names no survivor. */
export const firstSuppressed = duplicateRules.length

/** Names of the outcomes of the sequence phase, by their codes; 0 is kept. */
export const sequenceRules = [...duplicateRules, ...suppressionRules.slice(1)] as const
