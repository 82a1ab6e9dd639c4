import * as z from 'zod'
import { textOf } from '../../core/batch.ts'
import { definePrepareStage } from '../../core/component.ts'
import { decide, type LimitRules, saysOf } from '../../core/decide.ts'
import { measureRepetition } from '../../native/gopher.ts'
import { languageField, languageFiles, limitField } from './language-limits.ts'

/** Rae et al. 2021, Table A1: in force for languages whose file says nothing else. */
const general = {
  'max-duplicate-paragraphs': 0.3,
  'max-duplicate-paragraph-characters': 0.2,
  'max-duplicate-lines': 0.3,
  'max-duplicate-line-characters': 0.2,
  'max-top-2-gram': 0.2,
  'max-top-3-gram': 0.18,
  'max-top-4-gram': 0.16,
  'max-duplicate-5-grams': 0.15,
  'max-duplicate-6-grams': 0.14,
  'max-duplicate-7-grams': 0.13,
  'max-duplicate-8-grams': 0.12,
  'max-duplicate-9-grams': 0.11,
  'max-duplicate-10-grams': 0.1,
} as const

const rules: LimitRules = {
  'duplicate-paragraphs': {
    measure: 'duplicate_paragraph_share',
    above: 'max-duplicate-paragraphs',
    says: 'A larger share of paragraphs than `max-duplicate-paragraphs` stood before in the document.',
  },
  'duplicate-paragraph-characters': {
    measure: 'duplicate_paragraph_character_share',
    above: 'max-duplicate-paragraph-characters',
    says: 'Paragraphs that stood before hold a larger share of the characters than `max-duplicate-paragraph-characters`.',
  },
  'duplicate-lines': {
    measure: 'duplicate_line_share',
    above: 'max-duplicate-lines',
    says: 'A larger share of lines than `max-duplicate-lines` stood before in the document.',
  },
  'duplicate-line-characters': {
    measure: 'duplicate_line_character_share',
    above: 'max-duplicate-line-characters',
    says: 'Lines that stood before hold a larger share of the characters than `max-duplicate-line-characters`.',
  },
  ...Object.fromEntries(
    [2, 3, 4].map((n) => [
      `top-${n}-gram`,
      {
        measure: `top_${n}_gram_share`,
        above: `max-top-${n}-gram`,
        says: `The most frequent run of ${n} words fills a larger share of the characters than \`max-top-${n}-gram\`.`,
      },
    ]),
  ),
  ...Object.fromEntries(
    [5, 6, 7, 8, 9, 10].map((n) => [
      `duplicate-${n}-grams`,
      {
        measure: `duplicate_${n}_gram_share`,
        above: `max-duplicate-${n}-grams`,
        says: `Runs of ${n} words that stood before fill a larger share of the characters than \`max-duplicate-${n}-grams\`.`,
      },
    ]),
  ),
}

const config = z.strictObject({
  language: languageField,
  'max-duplicate-paragraphs': limitField('Largest share of paragraphs (parted by empty lines) that stood before, 0 to 1.'),
  'max-duplicate-paragraph-characters': limitField('Largest share of characters in such paragraphs, 0 to 1.'),
  'max-duplicate-lines': limitField('Largest share of lines that stood before, 0 to 1.'),
  'max-duplicate-line-characters': limitField('Largest share of characters in such lines, 0 to 1.'),
  'max-top-2-gram': limitField('Largest share of characters in the most frequent run of 2 words, 0 to 1.'),
  'max-top-3-gram': limitField('Largest share of characters in the most frequent run of 3 words, 0 to 1.'),
  'max-top-4-gram': limitField('Largest share of characters in the most frequent run of 4 words, 0 to 1.'),
  'max-duplicate-5-grams': limitField('Largest share of characters in runs of 5 words that stood before, 0 to 1.'),
  'max-duplicate-6-grams': limitField('Largest share of characters in runs of 6 words that stood before, 0 to 1.'),
  'max-duplicate-7-grams': limitField('Largest share of characters in runs of 7 words that stood before, 0 to 1.'),
  'max-duplicate-8-grams': limitField('Largest share of characters in runs of 8 words that stood before, 0 to 1.'),
  'max-duplicate-9-grams': limitField('Largest share of characters in runs of 9 words that stood before, 0 to 1.'),
  'max-duplicate-10-grams': limitField('Largest share of characters in runs of 10 words that stood before, 0 to 1.'),
})

/** Words that repeat nothing, for the examples. */
const prose =
  'Der Müller öffnet am Morgen das Wehr, und das Wasser treibt langsam den schweren Stein. Danach schüttet er Roggen in den Trichter; ' +
  'feines Mehl rieselt unten heraus.'
const phrase = (words: number) => 'weißer Weizen braucht guten Boden sowie genügend Regen vor jeder Ernte'.split(' ').slice(0, words).join(' ')
const only = (key: string) => ({ ...Object.fromEntries(Object.keys(general).map((other) => [other, 'off'])), [key]: 'language' })

export default definePrepareStage<z.infer<typeof config>>({
  name: 'gopher-repetition',
  group: 'filters',
  summary: 'Drops documents that repeat themselves, by the rules of Gopher as datatrove 0.10 computes them.',
  version: 1,
  config,
  reads: ['text'],
  writes: [],
  measures: {
    duplicate_paragraph_share: 'Share of paragraphs that stood before in the document, 0 to 1.',
    duplicate_paragraph_character_share: 'Code points in such paragraphs, as a share of the text.',
    duplicate_line_share: 'Share of lines that stood before in the document, 0 to 1; an empty first or last line counts.',
    duplicate_line_character_share: 'Code points in such lines, as a share of the text.',
    ...Object.fromEntries(
      [2, 3, 4].map((n) => [
        `top_${n}_gram_share`,
        `Length of the most frequent run of ${n} words, joined by spaces, times its count, as a share of the text.`,
      ]),
    ),
    ...Object.fromEntries(
      [5, 6, 7, 8, 9, 10].map((n) => [
        `duplicate_${n}_gram_share`,
        `Code points in runs of ${n} words that stood before, read from the start and jumping over each one found, as a share of the text.`,
      ]),
    ),
  },
  rules: saysOf(rules),
  examples: [
    { text: prose },
    { text: 'The same four words\n'.repeat(4).trim(), drops: 'duplicate-lines' },
    { text: 'The same four words\n\n'.repeat(4).trim(), drops: 'duplicate-paragraphs' },
    {
      text: ['first part', 'second part', 'third part', 'x'.repeat(30), 'x'.repeat(30)].join('\n\n'),
      config: only('max-duplicate-paragraph-characters'),
      drops: 'duplicate-paragraph-characters',
    },
    {
      text: ['first', 'second', 'third', 'x'.repeat(40), 'x'.repeat(40)].join('\n'),
      config: only('max-duplicate-line-characters'),
      drops: 'duplicate-line-characters',
    },
    ...[2, 3, 4].map((n) => ({
      text: `${phrase(n)}. `.repeat(4) + prose,
      language: 'de',
      config: only(`max-top-${n}-gram`) as never,
      drops: `top-${n}-gram`,
    })),
    ...[5, 6, 7, 8, 9, 10].map((n) => ({
      text: `${phrase(n)} `.repeat(4) + prose,
      language: 'de',
      config: only(`max-duplicate-${n}-grams`) as never,
      drops: `duplicate-${n}-grams`,
    })),
  ],
  open: async (config, context) => {
    const files = languageFiles('gopher-repetition', general, [], config.language, context)
    return (batch) => {
      const measures = measureRepetition(textOf(batch, 'text'), files.languagesOf(batch))
      return { measures, verdict: decide(batch.rows, rules, measures, files.limitsOf(batch, config)) }
    }
  },
})
