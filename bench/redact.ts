import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { parse } from 'yaml'
import { rowText, textColumn } from '../src/core/batch.ts'
import type { Context, LanguageSettings } from '../src/core/component.ts'
import { personalDataTypes } from '../src/native/redact.ts'
import stage from '../src/stages/redact/redact-personal-data.ts'
import { runPeerScript } from './peers/python.ts'
import type { Bench } from './run.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Of the 27 states: the examples of the IBAN registry of SWIFT, as it prints them. */
const accounts =
  `AT61 1904 3002 3457 3201,BE68 5390 0754 7034,BG80 BNBG 9661 1020 3456 78,HR12 1001 0051 8630 0016 0,CY17 0020 0128 0000 0012 0052 7600,CZ65 0800 0000 1920 0014 5399,DK50 0040 0440 1162 43,EE38 2200 2210 2014 5685,FI21 1234 5600 0007 85,FR14 2004 1010 0505 0001 3M02 606,DE89 3704 0044 0532 0130 00,GR16 0110 1250 0000 0001 2300 695,HU42 1177 3016 1111 1018 0000 0000,IE29 AIBK 9311 5212 3456 78,IT60 X054 2811 1010 0000 0123 456,LV80 BANK 0000 4351 9500 1,LT12 1000 0111 0100 1000,LU28 0019 4006 4475 0000,MT84 MALT 0110 0001 2345 MTLC AST0 01S,NL91 ABNA 0417 1643 00,PL61 1090 1014 0000 0712 1981 2874,PT50 0002 0123 1234 5678 9015 4,RO49 AAAA 1B31 0075 9384 0000,SK31 1200 0000 1987 4263 7541,SI56 2633 0001 2039 086,ES91 2100 0418 4502 0005 1332,SE45 5000 0000 0583 9825 7466`.split(
    ',',
  )

/** The language of a country's pages, and what stands before a number there. */
const sentences: Readonly<Record<string, readonly [language: string, vat: string, national: string, phone: string]>> = {
  at: ['de', 'UID', 'Sozialversicherungsnummer', 'Tel.'],
  be: ['nl', 'BTW', 'Rijksregisternummer', 'Tel.'],
  bg: ['bg', 'ДДС', 'ЕГН', 'тел.'],
  hr: ['hr', 'PDV', 'OIB', 'tel.'],
  cy: ['el', 'ΦΠΑ', 'ΑΦΤ', 'τηλ.'],
  cz: ['cs', 'DIČ', 'rodné číslo', 'tel.'],
  dk: ['da', 'CVR', 'CPR', 'tlf.'],
  ee: ['et', 'KMKR', 'isikukood', 'tel'],
  fi: ['fi', 'ALV', 'henkilötunnus', 'puh.'],
  fr: ['fr', 'TVA', 'sécurité sociale', 'tél.'],
  de: ['de', 'USt-IdNr.', 'Steuernummer', 'Tel.'],
  gr: ['el', 'ΑΦΜ', 'ΑΜΚΑ', 'τηλ.'],
  hu: ['hu', 'adószám', 'adóazonosító', 'tel.'],
  ie: ['en', 'VAT', 'PPS', 'phone'],
  it: ['it', 'partita IVA', 'codice fiscale', 'tel.'],
  lv: ['lv', 'PVN', 'personas kods', 'tālr.'],
  lt: ['lt', 'PVM', 'asmens kodas', 'tel.'],
  lu: ['fr', 'TVA', 'matricule', 'tél.'],
  mt: ['mt', 'VAT', 'karta tal-identità', 'tel.'],
  nl: ['nl', 'BTW', 'BSN', 'tel.'],
  pl: ['pl', 'NIP', 'PESEL', 'tel.'],
  pt: ['pt', 'NIPC', 'NIF', 'tel.'],
  ro: ['ro', 'CUI', 'CNP', 'tel.'],
  sk: ['sk', 'IČ DPH', 'rodné číslo', 'tel.'],
  si: ['sl', 'DDV', 'EMŠO', 'tel.'],
  es: ['es', 'CIF', 'DNI', 'tel.'],
  se: ['sv', 'moms', 'personnummer', 'tel.'],
}

/** Modules of python-stdnum that number no person and no taxpayer: shops, schools, places, shares, meters, registers. */
const beyond =
  /^(at\.(postleitzahl|businessid)|be\.(eid|ogm_vcs)|cz\.bankaccount|de\.(handelsregisternummer|leitweg|wkn)|es\.(cae|ccc|cups|postal_code|referenciacatastral)|fi\.(associationid|veronumero)|fr\.(accise|rcs)|it\.aic|nl\.(brin|identiteitskaartnummer|postcode)|ro\.onrc|se\.postnummer|si\.maticna)$/

const context: Context = {
  file: (path) => path,
  language: (code) => {
    const file = join(root, 'pipelines/languages', `${code}.yaml`)
    return existsSync(file) ? (parse(readFileSync(file, 'utf8')) as LanguageSettings) : undefined
  },
}

interface Row {
  readonly text: string
  readonly language: string
}

/** The rows redacted, and how often each type was found in each. */
async function redact(rows: readonly Row[]): Promise<{ texts: readonly string[]; counts: readonly (readonly number[])[] }> {
  const run = await stage.open(stage.config.parse({}), context)
  const labels = [...new Set(rows.map(({ language }) => language))]
  const language = { type: 'label', labels, indices: Int32Array.from(rows, (row) => labels.indexOf(row.language)) } as const
  const { columns, measures } = run({ rows: rows.length, columns: { text: textColumn(rows.map(({ text }) => text)), language } })
  const text = columns!['text']
  if (text?.type !== 'text') throw new TypeError('redaction gave no text')
  const names = personalDataTypes.map((type) => `pii_${type.replaceAll('-', '_')}`)
  return { texts: rows.map((_, row) => rowText(text, row)), counts: rows.map((_, row) => names.map((name) => measures![name]![row]!)) }
}

const bench: Bench = {
  name: 'redact',
  summary: 'Personal data: recall on printed examples, false positives on what looks alike, speed beside datatrove and Presidio.',
  async measure({ input, say }) {
    const peer = <T>(act: string, folder = join(root, '.cache/bench/redact')) => runPeerScript<T>('redact', 'redact.py', [act, folder])
    const examples = peer<Examples>('examples')
    say('recall')
    const recall = { ibans: await accountRecall(), doctests: await doctestRecall(examples), phones: await phoneRecall(examples) }
    say('false positives')
    const falsePositives = await onNegatives(peer<Record<string, string>>('negatives'))
    const byLanguage = await onCleanText(input)
    say('speed')
    const texts = ordinaryTexts(input)
    const ours = await speed(texts)
    const work = mkdtempSync(join(tmpdir(), 'quern-bench-'))
    try {
      writeFileSync(join(work, 'texts.json'), JSON.stringify(texts.map(({ text }) => text)))
      const theirs = peer<Record<string, { megabytesPerSecond: number }>>('time', work)
      return {
        input: { texts: texts.length, bytes: texts.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0) },
        ours: { megabytesPerSecond: ours, recall, falsePositivesPerMillionCharacters: { ...falsePositives, 'clean sentences': byLanguage } },
        peers: theirs,
        ratio: Object.fromEntries(Object.entries(theirs).map(([name, { megabytesPerSecond }]) => [name, ours / megabytesPerSecond])),
      }
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  },
}

export default bench

interface Examples {
  readonly doctests: Readonly<Record<string, readonly string[]>>
  readonly phones: readonly (readonly [country: string, style: string, written: string])[]
}

async function accountRecall(): Promise<Readonly<Record<string, string>>> {
  const found = async (form: (account: string) => string) => {
    const { texts } = await redact(accounts.map((account) => ({ text: `Konto ${form(account)}, Bank`, language: 'de' })))
    return `${texts.filter((text) => text === 'Konto <|pii:iban|>, Bank').length} of ${accounts.length}`
  }
  return { printed: await found((account) => account), compact: await found((account) => account.replaceAll(' ', '')) }
}

async function doctestRecall({ doctests }: Examples): Promise<unknown> {
  const groups: Record<string, Record<string, string>> = { 'people and taxpayers': {}, 'other registers': {} }
  const totals: Record<string, number[]> = { 'people and taxpayers': [0, 0, 0], 'other registers': [0, 0, 0] }
  for (const [module, numbers] of Object.entries(doctests)) {
    const [language, vat, national] = sentences[module.slice(0, 2)]!
    const whole = (texts: readonly string[]) => texts.filter((text) => /^\D*<\|pii:(vat|national-id|iban)\|>\.$/.test(text)).length
    const alone = whole((await redact(numbers.map((number) => ({ text: `${number}.`, language })))).texts)
    const one = await redact(numbers.map((number) => ({ text: `${vat} ${number}.`, language })))
    const other = await redact(numbers.map((number) => ({ text: `${national} ${number}.`, language })))
    const named = numbers.filter((_, i) => whole([one.texts[i]!]) + whole([other.texts[i]!]) > 0).length
    const group = beyond.test(module) ? 'other registers' : 'people and taxpayers'
    groups[group]![module] = `${alone} alone, ${named} with a word, of ${numbers.length}`
    totals[group] = [alone, named, numbers.length].map((count, i) => count + totals[group]![i]!)
  }
  return Object.fromEntries(
    Object.entries(groups).map(([group, modules]) => [
      group,
      {
        alone: totals[group]![0],
        'with a word': totals[group]![1],
        of: totals[group]![2],
        modules: group === 'other registers' ? Object.keys(modules) : modules,
      },
    ]),
  )
}

async function phoneRecall({ phones }: Examples): Promise<Readonly<Record<string, string>>> {
  const out: Record<string, string> = {}
  for (const style of ['INTERNATIONAL', 'E164', 'NATIONAL']) {
    const rows = phones.filter((phone) => phone[1] === style)
    const word = (country: string) => (style === 'NATIONAL' ? `${sentences[country]![3]} ` : '')
    const { texts } = await redact(rows.map(([country, , written]) => ({ text: `${word(country)}${written}.`, language: sentences[country]![0] })))
    const missed = rows.filter((_, i) => !texts[i]!.endsWith('<|pii:phone|>.')).map(([country, , written]) => `${country} ${written}`)
    out[style.toLowerCase()] = `${rows.length - missed.length} of ${rows.length}${missed.length > 0 ? ` (not ${missed.join('; ')})` : ''}`
  }
  return out
}

function perMillion(counts: readonly (readonly number[])[], characters: number): Readonly<Record<string, number>> {
  const found = personalDataTypes.map((type, i) => [type, counts.reduce((sum, row) => sum + row[i]!, 0)] as const)
  return Object.fromEntries(found.filter(([, count]) => count > 0).map(([type, count]) => [type, Math.round((count / characters) * 1e8) / 100]))
}

/** Each list as a page of every language: context words may make something of it in one of them. */
async function onNegatives(lists: Readonly<Record<string, string>>): Promise<Readonly<Record<string, unknown>>> {
  const languages = [...new Set(Object.values(sentences).map(([language]) => language))]
  const out: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(lists)) {
    const { counts } = await redact(languages.map((language) => ({ text, language })))
    out[name] = { characters: text.length, found: perMillion(counts, text.length * languages.length) }
  }
  return out
}

/** Sentences of news, law, wikis and fiction: what is found there is looked at by hand, most of it is personal data. */
async function onCleanText(input: string | undefined): Promise<Readonly<Record<string, unknown>>> {
  if (input === undefined) return {}
  const out: Record<string, unknown> = {}
  for (const name of readdirSync(resolve(input))
    .filter((file) => file.endsWith('.txt.gz'))
    .sort()) {
    const text = gunzipSync(readFileSync(join(resolve(input), name))).toString('utf8')
    const { counts } = await redact([{ text, language: name.split('.')[0]! }])
    out[name.split('.')[0]!] = perMillion(counts, text.length)
  }
  return out
}

/** The texts of the sample documents, or of a folder of `xx.txt.gz`, in pieces of pages. */
function ordinaryTexts(input: string | undefined): readonly Row[] {
  const folder = input === undefined ? undefined : resolve(input)
  const texts: Row[] = []
  const add = (text: string, language: string) => {
    const lines = text.split('\n')
    for (let at = 0; at < lines.length; at += 40) texts.push({ text: lines.slice(at, at + 40).join('\n'), language })
  }
  if (folder !== undefined && statSync(folder).isDirectory())
    for (const name of readdirSync(folder)
      .filter((file) => file.endsWith('.txt.gz'))
      .sort())
      add(gunzipSync(readFileSync(join(folder, name))).toString('utf8'), name.split('.')[0]!)
  else for (const line of readFileSync(join(root, 'data-samples/documents.jsonl'), 'utf8').split('\n').filter(Boolean)) add(textOf(line), 'en')
  return texts
}

/** Some lines of the samples are broken, for the tests of their reader. */
function textOf(line: string): string {
  try {
    const { text } = JSON.parse(line) as { text?: unknown }
    return typeof text === 'string' ? text : ''
  } catch {
    return ''
  }
}

/** Megabytes a second of CPU time, of the kernel and its wrapper, the best of three passes over at least 50 MB. */
async function speed(texts: readonly Row[]): Promise<number> {
  const run = await stage.open(stage.config.parse({}), context)
  const labels = [...new Set(texts.map(({ language }) => language))]
  const column = textColumn(texts.map(({ text }) => text))
  const language = { type: 'label', labels, indices: Int32Array.from(texts, (row) => labels.indexOf(row.language)) } as const
  const batch = { rows: texts.length, columns: { text: column, language } }
  const passes = Math.max(1, Math.ceil(5e7 / column.values.byteLength))
  run(batch)
  let best = 0
  for (let round = 0; round < 3; round++) {
    const started = process.cpuUsage()
    for (let pass = 0; pass < passes; pass++) run(batch)
    const { user, system } = process.cpuUsage(started)
    best = Math.max(best, (column.values.byteLength * passes) / (user + system))
  }
  return best
}
