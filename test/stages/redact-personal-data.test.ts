import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { rowText, textColumn } from '../../src/core/batch.ts'
import { redactLikeDatatrove } from '../../src/native/redact.ts'
import stage from '../../src/stages/redact/redact-personal-data.ts'
import { context, type Row, runStage } from './run-stage.ts'

async function redacted(rows: readonly Row[], config: object = {}): Promise<readonly string[]> {
  const { columns } = await runStage(stage, config, rows)
  const text = columns!['text']
  if (text?.type !== 'text') throw new TypeError('no text')
  return rows.map((_, row) => rowText(text, row))
}

/** Examples of the IBAN registry of SWIFT, as it prints them. */
const accounts = [
  'AT61 1904 3002 3457 3201', 'BE68 5390 0754 7034', 'BG80 BNBG 9661 1020 3456 78', 'HR12 1001 0051 8630 0016 0', 'CY17 0020 0128 0000 0012 0052 7600',
  'CZ65 0800 0000 1920 0014 5399', 'DK50 0040 0440 1162 43', 'EE38 2200 2210 2014 5685', 'FI21 1234 5600 0007 85', 'FR14 2004 1010 0505 0001 3M02 606',
  'DE89 3704 0044 0532 0130 00', 'GR16 0110 1250 0000 0001 2300 695', 'HU42 1177 3016 1111 1018 0000 0000', 'IE29 AIBK 9311 5212 3456 78',
  'IT60 X054 2811 1010 0000 0123 456', 'LV80 BANK 0000 4351 9500 1', 'LT12 1000 0111 0100 1000', 'LU28 0019 4006 4475 0000',
  'MT84 MALT 0110 0001 2345 MTLC AST0 01S', 'NL91 ABNA 0417 1643 00', 'PL61 1090 1014 0000 0712 1981 2874', 'PT50 0002 0123 1234 5678 9015 4',
  'RO49 AAAA 1B31 0075 9384 0000', 'SK31 1200 0000 1987 4263 7541', 'SI56 2633 0001 2039 086', 'ES91 2100 0418 4502 0005 1332', 'SE45 5000 0000 0583 9825 7466',
] // prettier-ignore

describe('accounts of the 27 member states', () => {
  test.each(accounts)('%s', async (account) => {
    const compact = account.replaceAll(' ', '')
    const forms = [
      account,
      compact,
      compact.toLowerCase(),
      account.replaceAll(' ', '\u00A0'),
      account.replaceAll(' ', '\u202F'),
      account.replaceAll(' ', '-'),
    ]
    const rows = forms.map((form) => ({ text: `IBAN: ${form}, BIC`, language: 'de' }))
    expect(await redacted(rows)).toEqual(forms.map(() => 'IBAN: <|pii:iban|>, BIC'))
    // One digit changed: the check digits no longer fit.
    const wrong = `${account.slice(0, 3)}${account[3] === '9' ? '0' : Number(account[3]) + 1}${account.slice(4)}`
    expect((await redacted([{ text: wrong, language: 'mt' }]))[0]).not.toContain('iban')
  })
})

describe('context words come from the language file', () => {
  test('each in its own language', async () => {
    const rows = [
      { text: 'tālr. 67 123 456', language: 'lv' },
      { text: 'τηλ. 210 1234567', language: 'el' },
      { text: 'тел. 02 123 4567', language: 'bg' },
      { text: 'tālr. 67 123 456', language: 'de' },
      { text: 'phone 01 234 5678', language: undefined },
    ]
    const phones = (await redacted(rows)).map((text) => text.includes('<|pii:phone|>'))
    expect(phones).toEqual([true, true, true, false, true])
  })

  test('one language for all, when asked', async () => {
    expect(await redacted([{ text: 'BSN 111222333', language: 'de' }], { language: 'nl' })).toEqual(['BSN <|pii:national-id|>'])
    await expect(redacted([{ text: '' }], { language: 'qq' })).rejects.toMatchObject({ code: 'bad-config', message: expect.stringContaining('"qq"') })
  })

  test('a mistake in a file is told', async () => {
    const files = (words: object) =>
      ({ ...context, language: () => ({ language: 'de', filters: { 'redact-personal-data': words } }) }) as typeof context
    const run = (words: object) => runStage(stage, {}, [{ text: 'x', language: 'de' }], files(words))
    await expect(run({ fone: ['Tel'] })).rejects.toMatchObject({ code: 'bad-config', message: expect.stringContaining('fone') })
    await expect(run({ phone: 'Tel' })).rejects.toMatchObject({ code: 'bad-config', message: expect.stringContaining('list of words') })
  })
})

test('counts are a number a row and type', async () => {
  const { measures } = await runStage(stage, {}, [{ text: 'a@b.de c@d.de 8.8.8.8 <|pii:ip|>' }, { text: 'nothing' }])
  const at = (name: string) => [...measures![name]!]
  expect([at('pii_email'), at('pii_ip'), at('pii_iban'), at('pii_spelt')]).toEqual([
    [2, 0],
    [1, 0],
    [0, 0],
    [1, 0],
  ])
})

test('title and extra are redacted too, and extra stays JSON', async () => {
  const run = await stage.open(stage.config.parse({}), context)
  const extra = { mail: 'max@firma.de', n: 378_282_246_310_005, deep: ['DE89370400440532013000'] }
  const { columns } = (stage.phase === 'prepare' ? run : undefined)!({
    rows: 1,
    columns: { text: textColumn(['']), title: textColumn(['max@firma.de']), extra: textColumn([JSON.stringify(extra)]) },
  } as never) as { columns: Record<string, ReturnType<typeof textColumn>> }
  expect(rowText(columns['title']!, 0)).toBe('<|pii:email|>')
  expect(JSON.parse(rowText(columns['extra']!, 0))).toEqual({ mail: '<|pii:email|>', n: 378_282_246_310_005, deep: ['<|pii:iban|>'] })
})

test('the mode "datatrove" replaces as datatrove 0.10 does in a document of its own', () => {
  const { cases } = JSON.parse(readFileSync(new URL('redaction-datatrove.json', import.meta.url), 'utf8')) as { cases: readonly [string, string][] }
  expect(cases.length).toBeGreaterThan(500)
  const { text } = redactLikeDatatrove(textColumn(cases.map(([given]) => given)))
  expect(cases.map((_, row) => rowText(text, row))).toEqual(cases.map(([, theirs]) => theirs))
})

test('the mode "datatrove" has no choices', async () => {
  const open = (config: object) => stage.phase === 'prepare' && stage.open(stage.config.parse({ mode: 'datatrove', ...config }), context)
  await expect(open({ replace: 'tokens' })).rejects.toMatchObject({ code: 'bad-config', message: expect.stringContaining('replace') })
})

/** 10 MB each; a quadratic walk would take minutes. The test's own time limit is the assertion. */
describe('hostile texts', () => {
  const size = 10_000_000
  const pieces = [
    '1',
    '1 ',
    '12-',
    '1.',
    '@',
    ':',
    '1:',
    'a.',
    'a@',
    '(at)',
    ' at a dot',
    '+1',
    '00 1',
    'A1',
    'DE89 ',
    '<|pii:',
    '"@',
    '1(',
    'é1',
    'Tel 123 ',
    '.@a',
  ]
  test.each(pieces)('%j', async (piece) => {
    const text = piece.repeat(Math.ceil(size / piece.length)).slice(0, size)
    const [out] = await redacted([{ text, language: 'de' }], { 'obfuscated-emails': 'words' })
    expect(out!.length).toBeGreaterThan(0)
  })
})
