import * as z from 'zod'
import { textOf } from '../../core/batch.ts'
import { type Context, definePrepareStage } from '../../core/component.ts'
import { decide, type LimitRules, saysOf } from '../../core/decide.ts'
import { languageField, languageFiles, limitField } from './language-limits.ts'
import { lineLimits, linePhrases, phraseLists } from './phrase-lists.ts'

const keys = ['lines', 'policies'] as const

/** Paragraphs: as NeMo Curator's filter of boilerplate strings, 0.4. The others have no model; they keep imprints of sites out and laws in. */
const general = { 'max-boilerplate-lines': 0.5, 'max-boilerplate-characters': 0.3, 'max-policy-paragraphs': 0.4 } as const

const rules: LimitRules = {
  'boilerplate-lines': {
    measure: 'boilerplate_line_share',
    above: 'max-boilerplate-lines',
    says: 'A larger share of lines than `max-boilerplate-lines` are what every site has: buttons, notices, menus of legal pages.',
  },
  'boilerplate-characters': {
    measure: 'boilerplate_character_share',
    above: 'max-boilerplate-characters',
    says: 'Such lines hold a larger share of the characters than `max-boilerplate-characters`.',
  },
  'policy-paragraphs': {
    measure: 'policy_paragraph_share',
    above: 'max-policy-paragraphs',
    says: 'A larger share of paragraphs than `max-policy-paragraphs` speak of cookies, privacy or terms of use.',
  },
}

const config = z.strictObject({
  language: languageField,
  'longest-line': z.int().positive().max(10_000).default(200).describe('Longest line, in characters, that is boilerplate for a phrase in it.'),
  'max-boilerplate-lines': limitField('Largest share of lines, 0 to 1.'),
  'max-boilerplate-characters': limitField('Largest share of characters in such lines, white space aside, 0 to 1.'),
  'max-policy-paragraphs': limitField('Largest share of paragraphs, 0 to 1.'),
})

const prose = 'Der Müller steht früh auf und geht zur Mühle am Fluss.'

type Config = z.infer<typeof config>

function filesFor(config: Config, context: Context) {
  return languageFiles('boilerplate-ratio', general, keys, config.language, context)
}

export default definePrepareStage<Config>({
  name: 'boilerplate-ratio',
  group: 'filters',
  summary:
    "Drops documents that are mostly what every site has, by phrases of the language's file: those of `line-rules`, and `lines` and `policies` of this filter.",
  version: 1,
  config,
  reads: ['text'],
  writes: [],
  measures: {
    boilerplate_lines: 'Lines that are boilerplate.',
    boilerplate_line_share: 'Share of lines that are boilerplate, blank ones aside, 0 to 1.',
    boilerplate_character_share: 'Share of the characters in such lines, white space aside, 0 to 1.',
    policy_paragraph_share: 'Share of paragraphs that speak of cookies, privacy or terms of use, 0 to 1; not known for fewer than three.',
  },
  rules: saysOf(rules),
  limits: {
    rules,
    of: (config, context) => {
      const files = filesFor(config, context)
      return (batch) => files.limitsOf(batch, config)
    },
  },
  examples: [
    { text: `${prose}\n${prose} Am Abend kehrt er heim.\nWeiterlesen\nDatenschutz`, language: 'de' },
    { text: `${prose} ${prose}\nAnmelden\nImpressum\nDatenschutz`, language: 'de', drops: 'boilerplate-lines' },
    {
      text: `${prose}\nEin Satz noch.\nAlle Rechte vorbehalten\nWir verwenden Cookies, um Ihnen den Besuch zu erleichtern.`,
      language: 'de',
      drops: 'boilerplate-characters',
    },
    {
      text: 'We care about your data.\n\nAsk us.\n\nThis site, its partners and their partners make use of cookies and of what else your browser lets them keep, so that they know tomorrow which pages you have read today, how long you stayed on each of them, and what you may want to buy.\n\nHow long they keep what they know is told in the privacy policy of each of them, which may be found on their pages, in the language of the country where they pay their taxes, if they have got one there.',
      language: 'en',
      drops: 'policy-paragraphs',
    },
  ],
  open: async (config, context) => {
    const lines = languageFiles('line-rules', lineLimits, linePhrases, config.language, context)
    const files = filesFor(config, context)
    const lists = phraseLists(
      [
        { stage: 'line-rules', keys: linePhrases, ofRows: lines.ofRows },
        { stage: 'boilerplate-ratio', keys, ofRows: files.ofRows },
      ],
      context,
    )
    const policies = 1 << (linePhrases.length + 1)
    return (batch) => {
      const { phrases, listOfRow } = lists(batch)
      const found = phrases.boilerplate(textOf(batch, 'text'), listOfRow, config['longest-line'], policies - 1, policies)
      const measures = {
        boilerplate_lines: found.lines,
        boilerplate_line_share: found.lineShare,
        boilerplate_character_share: found.characterShare,
        policy_paragraph_share: found.paragraphShare,
      }
      return { measures, verdict: decide(batch.rows, rules, measures, files.limitsOf(batch, config)) }
    }
  },
})
