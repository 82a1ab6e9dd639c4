import * as z from 'zod'
import { defineSource } from '../core/component.ts'
import { childrenOf, firstOf, textIn } from '../core/xml-element.ts'
import { oneWindow } from './windows.ts'
import { linkIn, oneLine, readDocuments, wantsLanguage, type XmlDocument, type XmlRecord, xmlColumns, xmlRules } from './xml-documents.ts'

const config = z.strictObject({
  languages: z.array(z.string().min(2)).default([]).describe('Entries whose `news:language` says another language are dropped; none: all are taken.'),
  'max-record-bytes': z
    .int()
    .min(1)
    .max(1 << 28)
    .default(1 << 20)
    .describe('Largest entry; a larger one is dropped.'),
})

const rules = {
  ...xmlRules,
  'sitemap/index': 'The entry names another sitemap, not a page.',
  'sitemap/no-address': 'The entry has no `loc`, or none that begins with http or https.',
  'sitemap/other-language': 'The entry is in none of the `languages`.',
  'sitemap/no-text': 'The sitemap says no more of the page than where it is.',
} as const

/**
 * Sitemaps (sitemaps.org 0.9) as files, with what the news, video and image extensions say of a page: headlines, descriptions, captions,
 * each once and a line each. The pages themselves are for the crawler, which takes sitemaps as seeds; here an entry without text of its own
 * is a row with its address and date, so that the ledger lists what a site says it has. Languages of alternates stay in `extra`.
 */
export default defineSource<z.output<typeof config>>({
  name: 'sitemap',
  summary: 'Reads the headlines, descriptions and captions that sitemaps hold.',
  version: 1,
  config,
  writes: xmlColumns,
  rules,

  windows: oneWindow,

  read(input, _file, _window, _from, settings) {
    const split = { names: ['url', 'sitemap'], nestsFrom: 0, maxRecordBytes: settings['max-record-bytes'] }
    return readDocuments(input, split, {}, Object.keys(rules), (record) => [entryOf(record, settings)])
  },
})

/** What is text in an entry, by the path of local names; a picture's comes last, since one stands in many entries. */
const texts = [
  ['news', 'title'],
  ['video', 'title'],
  ['video', 'description'],
  ['image', 'title'],
  ['image', 'caption'],
] as const

function entryOf({ name, element, offset, length }: XmlRecord, settings: z.output<typeof config>): XmlDocument {
  const url = oneLine(textIn(firstOf(element, 'loc')))
  const news = firstOf(element, 'news')
  const language = oneLine(textIn(firstOf(news, 'publication', 'language')))
  const alternates = childrenOf(element, 'link').flatMap(({ attributes: { hreflang, href } }) =>
    hreflang === undefined || href === undefined ? [] : [[hreflang, href]],
  )
  const lines = texts.flatMap(([parent, child]) =>
    childrenOf(element, parent).flatMap((part) => childrenOf(part, child).map((found) => oneLine(textIn(found)))),
  )
  const entry = {
    offset,
    length,
    url,
    date: oneLine(textIn(firstOf(news, 'publication_date'))) || oneLine(textIn(firstOf(element, 'lastmod'))),
    title: oneLine(textIn(firstOf(news, 'title'))),
    licenceLink: linkIn(
      childrenOf(element, 'image')
        .map((image) => textIn(firstOf(image, 'license')))
        .join(' '),
    ),
    extra: {
      ...(language === '' ? {} : { language }),
      ...(news === undefined ? {} : { publication: oneLine(textIn(firstOf(news, 'publication', 'name'))) }),
      ...(alternates.length === 0 ? {} : { alternates: Object.fromEntries(alternates) as unknown }),
    },
  }
  if (name === 'sitemap') return { ...entry, rule: 'sitemap/index' }
  if (!/^https?:\/\//iu.test(url)) return { ...entry, rule: 'sitemap/no-address' }
  if (language !== '' && !wantsLanguage(settings.languages, language)) return { ...entry, rule: 'sitemap/other-language' }
  const text = [...new Set(lines)].filter((line) => line !== '').join('\n')
  return text === '' ? { ...entry, rule: 'sitemap/no-text' } : { ...entry, text }
}
