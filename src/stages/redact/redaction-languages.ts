import type { Batch } from '../../core/batch.ts'
import type { Context } from '../../core/component.ts'
import { QuernError } from '../../core/errors.ts'
import type { RedactionLanguage } from '../../native/redact.ts'

const stage = 'redact-personal-data'

/** The keys of `filters.redact-personal-data` in a language file, each a list of words. */
const keys = ['countries', 'phone', 'card', 'vat', 'national-id', 'version', 'address'] as const

const nothing: RedactionLanguage = { countries: [], phone: [], card: [], vat: [], 'national-id': [], version: [], address: [] }

/** Programs are numbered in English on the pages of every language. */
const versions = ['version', 'ver', 'v', 'release', 'rev', 'build']

/** Words of networks are English in most languages; those for "address" begin alike in few. */
const addresses = `
  ip ips ipv4 dns host hosts hostname server servers nameserver resolver router gateway proxy nat ping traceroute whois
  subnet netmask ssh tcp udp login addr* adr* adrès* direcc* direcç* indiri* endere* osoit* aadress* cím* naslov* seoladh*
  heimilisfang* διεύθυνσ* διευθύνσ* адрес* адрас* сервер* helbide* cyfeiriad*`
  .trim()
  .split(/\s+/)

/** What a page is read as whose language nobody told. */
const otherwise = 'en'

/**
 * Context words by language, read when a batch first has it. `known` grows; `ofRows` gives each row's number in it, -1 for a
 * language without words.
 */
export function redactionLanguages(fixed: string | null, context: Context) {
  const known: RedactionLanguage[] = []
  const numbers = new Map<string, number>()
  if (fixed !== null && context.language(fixed) === undefined)
    throw new QuernError('bad-config', `${stage}: language: there is no language file for "${fixed}"`, {
      remedy: `Write pipelines/languages/${fixed}.yaml, or name a language that has one.`,
    })

  const numberOf = (code: string): number => {
    let number = numbers.get(code)
    if (number === undefined) {
      const words = context.language(code)?.filters[stage]
      number = words === undefined ? -1 : known.push(checked(words, code)) - 1
      numbers.set(code, number)
    }
    return number
  }

  const ofRows = (batch: Batch): Int32Array => {
    const column = batch.columns['language']
    if (fixed !== null || column?.type !== 'label') return new Int32Array(batch.rows).fill(numberOf(fixed ?? otherwise))
    return column.indices.map((index) => numberOf(column.labels[index] ?? otherwise))
  }

  return { known, ofRows }
}

function checked(words: Readonly<Record<string, unknown>>, code: string): RedactionLanguage {
  for (const [key, list] of Object.entries(words)) {
    const wrong = !(keys as readonly string[]).includes(key)
      ? `there is no such setting; it has ${keys.join(', ')}`
      : !Array.isArray(list) || !list.every((word) => typeof word === 'string' && word !== '')
        ? 'expected a list of words'
        : undefined
    if (wrong !== undefined)
      throw new QuernError('bad-config', `the language file of "${code}": filters.${stage}.${key}: ${wrong}`, {
        remedy: 'Quote words that YAML reads as something else, such as "no".',
      })
  }
  const all = { ...nothing, ...words }
  return { ...all, version: [...all.version, ...versions], address: [...all.address, ...addresses] }
}
