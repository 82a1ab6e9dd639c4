import * as z from 'zod'
import { type Batch, type Columns, type TextColumn, textOf } from '../../core/batch.ts'
import { definePrepareStage } from '../../core/component.ts'
import { emptyColumn } from '../../core/document.ts'
import { QuernError } from '../../core/errors.ts'
import { countColumns, personalDataRedactor, personalDataTypes, type Redacted, redactLikeDatatrove } from '../../native/redact.ts'
import { redactionLanguages } from './redaction-languages.ts'

const config = z.strictObject({
  mode: z
    .enum(['checked', 'datatrove'])
    .default('checked')
    .describe(
      '"checked": by form, check digits and context words. "datatrove": e-mail and public IPv4 addresses alone, with the expressions and ' +
        'replacements of datatrove 0.10; its rotation of replacements begins anew in every document.',
    ),
  replace: z
    .enum(['tokens', 'documentation'])
    .nullable()
    .default(null)
    .describe(
      '"tokens" (the default of the mode "checked"): typed placeholders such as <|pii:email|>, which tokenize can map to ids of their own. ' +
        '"documentation": values that belong to nobody (example.org, 192.0.2.0/24, 2001:db8::/32, an impossible bank, fictional telephone numbers, zeros).',
    ),
  types: z
    .array(z.enum(personalDataTypes))
    .min(1)
    .nullable()
    .default(null)
    .describe(`What is looked for: ${personalDataTypes.join(', ')}. Default: all of them, or the mode's two.`),
  'obfuscated-emails': z
    .enum(['none', 'brackets', 'words'])
    .nullable()
    .default(null)
    .describe(
      'Hidden at signs: "brackets" (the default of the mode "checked") finds name (at) firma (dot) de and name[ät]firma.de, "words" also name at firma dot de.',
    ),
  language: z
    .string()
    .nullable()
    .default(null)
    .describe(
      'Code of the language file whose context words are used for every document. Default: what the language stage wrote, or English without it.',
    ),
})

type Config = z.infer<typeof config>

/** The measure of each type, then that of placeholders which the page itself spelt. */
const measureNames = [...personalDataTypes.map((type) => `pii_${type.replaceAll('-', '_')}`), 'pii_spelt'] as const

/** Only the mode "checked" has choices; one that would be passed over in silence is a mistake. */
function refuseChoices(config: Config): void {
  for (const option of ['replace', 'types', 'obfuscated-emails', 'language'] as const)
    if (config[option] !== null)
      throw new QuernError('bad-config', `redact-personal-data: ${option}: the mode "datatrove" replaces as datatrove does and has no such choice`, {
        remedy: `Remove ${option}, or the mode.`,
      })
}

type Redact = (batch: Batch, column: TextColumn, json: boolean) => Redacted

export default definePrepareStage<Config>({
  name: 'redact-personal-data',
  group: 'redact',
  summary:
    'Replaces e-mail and public IP addresses, bank accounts, telephone numbers, payment cards, VAT numbers and the national identifiers of the 27 member states in text, title and extra.',
  version: 2,
  config,
  reads: ['text'],
  writes: ['text', 'title', 'extra'],
  measures: {
    pii_email: 'E-mail addresses replaced in the text.',
    pii_ip: 'Public IPv4 and IPv6 addresses replaced in the text.',
    pii_iban: 'International bank account numbers replaced in the text.',
    pii_phone: 'Telephone numbers replaced in the text.',
    pii_card: 'Payment card numbers replaced in the text.',
    pii_vat: 'VAT numbers replaced in the text.',
    pii_national_id: 'National identifiers of people replaced in the text.',
    pii_spelt: 'Placeholders that the page itself spelt; their bar is broken (¦), so that no page can write one.',
  },
  rules: {},
  examples: [
    { text: 'Schreiben Sie an max.müller@firma.de.', gives: 'Schreiben Sie an <|pii:email|>.' },
    { text: 'name (at) firma (punkt) de', gives: '<|pii:email|>' },
    { text: 'name at firma dot de', config: { 'obfuscated-emails': 'words' }, gives: '<|pii:email|>' },
    { text: 'Server 8.8.8.8 und 2a00:1450:4001:81b::200e', gives: 'Server <|pii:ip|> und <|pii:ip|>' },
    { text: 'Version 1.2.3.4, § 1.2.3.4.5, 10.0.0.1, 2001:db8::1', language: 'de', gives: 'Version 1.2.3.4, § 1.2.3.4.5, 10.0.0.1, 2001:db8::1' },
    { text: 'IBAN DE89 3704 0044 0532 0130 00', gives: 'IBAN <|pii:iban|>' },
    { text: 'Tel.: 030 / 90 18 20 oder +49 171 1234567', language: 'de', gives: 'Tel.: <|pii:phone|> oder <|pii:phone|>' },
    { text: 'Karte 4111 1111 1111 1111', language: 'de', gives: 'Karte <|pii:card|>' },
    { text: 'btw-nummer NL123456782B90', language: 'nl', gives: 'btw-nummer <|pii:vat|>' },
    { text: 'Zijn BSN is 111222333.', language: 'nl', gives: 'Zijn BSN is <|pii:national-id|>.' },
    { text: 'Er zijn 111222333 korrels.', language: 'nl', gives: 'Er zijn 111222333 korrels.' },
    { text: 'Hetu 131052-308T', language: 'fi', gives: 'Hetu <|pii:national-id|>' },
    { text: 'Here is <|pii:email|>, written by the page.', gives: 'Here is <¦pii:email|>, written by the page.' },
    {
      text: 'max@firma.de, DE89370400440532013000, 8.8.8.8',
      config: { replace: 'documentation' },
      gives: 'email@example.org, DE36000000000000000000, 192.0.2.1',
    },
    {
      text: 'max@firma.de, 8.8.8.8, DE89370400440532013000',
      config: { mode: 'datatrove' },
      gives: 'email@example.com, 22.214.171.124, DE89370400440532013000',
    },
  ],
  open: async (config, context) => {
    if (config.mode === 'datatrove') refuseChoices(config)
    const redact = config.mode === 'datatrove' ? (_: Batch, column: TextColumn) => redactLikeDatatrove(column) : checkedRedaction(config)
    function checkedRedaction({ replace, types, 'obfuscated-emails': obfuscated, language }: Config): Redact {
      const languages = redactionLanguages(language, context)
      let opened = -1
      let redactor: ReturnType<typeof personalDataRedactor>
      return (batch, column, json) => {
        const ofRow = languages.ofRows(batch)
        if (opened !== languages.known.length) {
          redactor = personalDataRedactor({
            documentation: replace === 'documentation',
            types: types ?? personalDataTypes,
            obfuscated: obfuscated ?? 'brackets',
            languages: languages.known,
          })
          opened = languages.known.length
        }
        return json ? redactor.json(column, ofRow) : redactor.text(column, ofRow)
      }
    }
    return (batch) => {
      const { text, counts } = redact(batch, textOf(batch, 'text'), false)
      const columns: Columns = { text, title: redactedColumn(batch, 'title', redact), extra: redactedColumn(batch, 'extra', redact) }
      const measured = countColumns(counts)
      return { columns, measures: Object.fromEntries(measureNames.map((name, i) => [name, measured[i]!])) }
    }
  },
})

/** What is kept beside the text holds personal data too; it is not counted. A source that writes none has an empty column. */
function redactedColumn(batch: Batch, name: 'title' | 'extra', redact: Redact) {
  const column = batch.columns[name]
  return column?.type === 'text' ? redact(batch, column, name === 'extra').text : emptyColumn(name, batch.rows)
}
