import * as z from 'zod'
import { defineSource, type ByteInput } from '../core/component.ts'
import { rowText } from '../core/batch.ts'
import { childrenOf, firstOf, parseXmlElement, textIn, type XmlElement } from '../core/xml-element.ts'
import { hasPageMembers, readXmlRecords, xmlPacking } from '../native/xml-records.ts'
import { readBytes, readDocuments, type XmlDocument, type XmlRecord, xmlColumns, xmlRules } from './xml-documents.ts'
import { wikiNames, type WikiNames } from './wikitext-links.ts'
import { cutWindows } from './windows.ts'
import { wikiText } from './wikitext.ts'

/** So much of a file's beginning is looked at to see whether it can be cut. */
const layoutBytes = 4 << 20

const config = z.strictObject({
  'part-bytes': z
    .int()
    .min(1)
    .default(32 << 20)
    .describe('File bytes in one unit of work, for multistream dumps; other files are one.'),
  namespaces: z.array(z.int()).default([0]).describe('Numbers of the namespaces to take: 0 is the articles.'),
  'licence-link': z
    .string()
    .default('https://creativecommons.org/licenses/by-sa/4.0/')
    .describe('Address of the licence of the pages; a dump does not name it. The default is that of Wikimedia.'),
  'max-record-bytes': z
    .int()
    .min(1)
    .max(1 << 28)
    .default(32 << 20)
    .describe('Largest page with all its revisions in the file; a larger one is dropped.'),
})

const rules = {
  ...xmlRules,
  'mediawiki/namespace': 'The page is in none of the `namespaces`; the measure is the number of its own.',
  'mediawiki/redirect': 'The page only leads to another.',
  'mediawiki/not-wikitext': 'The page is no wikitext but data or code, by its model.',
  'mediawiki/no-text': 'Nothing is left of the page: only templates, tables, categories.',
} as const

/**
 * Dumps of MediaWiki (export schema 0.10 and 0.11): plain, gzip, zstd, bzip2. A page gives one document, from its newest
 * revision in the file; contributors are not read.
 *
 * A multistream dump, bzip2 streams that each begin with a page, is cut where streams begin; there `offset` is the file offset of
 * the stream, and one on for each page before it in the stream. Elsewhere it is the page's place in the unpacked file.
 */
export default defineSource<z.output<typeof config>>({
  name: 'mediawiki',
  summary: 'Reads dumps of MediaWiki (Wikipedia and its sisters) as plain text.',
  version: 1,
  config,
  writes: xmlColumns,
  rules,

  async windows(_file, input, settings) {
    const cut = await isMultistream(input)
    return cutWindows(input.bytes, cut ? settings['part-bytes'] : input.bytes)
  },

  async *read(input, _file, window, from, settings) {
    // Only such a dump is cut: where the window is not the whole file, nothing needs to be looked at.
    const members = window.start > 0 || window.end < input.bytes || (await isMultistream(input))
    const wanted = { names: ['siteinfo', 'page'], nestsFrom: 0, maxRecordBytes: settings['max-record-bytes'] }
    let site = window.start === 0 ? unknownSite : await siteOf(input)
    const read = (record: XmlRecord): readonly XmlDocument[] => {
      if (record.name === 'page') return [pageOf(record, site, settings)]
      site = siteInfo(record.element, record.around[0]?.element.attributes['xml:lang'] ?? '')
      return []
    }
    const place = { members, start: from ?? window.start, end: window.end, search: from === undefined && window.start > 0 }
    return yield* readDocuments(input, wanted, place, Object.keys(rules), read)
  },
})

/** Whether some stream besides the first begins with a page: only dumps are written so. */
async function isMultistream(input: ByteInput): Promise<boolean> {
  const first = await input.read(0, Math.min(layoutBytes, input.bytes), true)
  const packing = xmlPacking(first)
  return packing === 'bzip2' && hasPageMembers(packing, first, input.bytes)
}

interface Site {
  readonly language: string
  readonly wiki: string
  /** Address of a page before its title. */
  readonly pages: string
  readonly names: WikiNames
}

const unknownSite: Site = { language: '', wiki: '', pages: '', names: wikiNames(new Map()) }

/** The dump's own account of its wiki, which stands before its first page. */
async function siteOf(input: ByteInput): Promise<Site> {
  const limits = { names: ['siteinfo', 'page'], nestsFrom: 0, maxRecordBytes: 1 << 20, batchRows: 1, batchBytes: 1 << 20 }
  const packing = xmlPacking(await input.read(0, Math.min(16, input.bytes), true))
  const window = { packing, members: false, fileBytes: input.bytes, start: 0, end: input.bytes, search: false }
  for await (const batch of readXmlRecords(limits, window, (offset) => input.read(offset, Math.min(readBytes, input.bytes - offset)))) {
    if (batch.name[0] !== 0 || batch.fault[0] !== -1) break
    const element = parseXmlElement(rowText(batch.record, 0))
    const language = /\bxml:lang="([^"]*)"/u.exec(rowText(batch.contexts, batch.context[0] ?? 0))?.[1] ?? ''
    return element === undefined ? unknownSite : siteInfo(element, language)
  }
  return unknownSite
}

function siteInfo(element: XmlElement, language: string): Site {
  const namespaces = firstOf(element, 'namespaces')
  const list = namespaces === undefined ? [] : childrenOf(namespaces, 'namespace')
  const base = textIn(firstOf(element, 'base'))
  return {
    language,
    wiki: textIn(firstOf(element, 'dbname')) || textIn(firstOf(element, 'sitename')),
    // The main page's address without its title.
    pages: base.slice(0, base.lastIndexOf('/') + 1),
    names: wikiNames(new Map(list.map((namespace) => [Number(namespace.attributes['key']), textIn(namespace)]))),
  }
}

function pageOf({ element, offset, length }: XmlRecord, site: Site, settings: z.output<typeof config>): XmlDocument {
  const title = textIn(firstOf(element, 'title'))
  const namespace = Number(textIn(firstOf(element, 'ns')) || 0)
  const newest = childrenOf(element, 'revision').reduce<XmlElement | undefined>(
    (best, next) => (best === undefined || textIn(firstOf(next, 'timestamp')) >= textIn(firstOf(best, 'timestamp')) ? next : best),
    undefined,
  )
  const model = textIn(firstOf(newest, 'model'))
  const page = {
    offset,
    length,
    title,
    url: site.pages === '' ? '' : site.pages + encodeURI(title.replaceAll(' ', '_')).replaceAll('?', '%3F').replaceAll('#', '%23'),
    date: textIn(firstOf(newest, 'timestamp')),
    licenceLink: settings['licence-link'],
    extra: {
      wiki: site.wiki,
      language: site.language,
      page: Number(textIn(firstOf(element, 'id'))),
      revision: Number(textIn(firstOf(newest, 'id'))),
      ...(namespace === 0 ? {} : { namespace }),
    },
  }
  if (!settings.namespaces.includes(namespace)) return { ...page, rule: 'mediawiki/namespace', measured: namespace }
  if (firstOf(element, 'redirect') !== undefined) return { ...page, rule: 'mediawiki/redirect' }
  if (model !== '' && model !== 'wikitext') return { ...page, rule: 'mediawiki/not-wikitext' }
  const text = wikiText(textIn(firstOf(newest, 'text')), site.names)
  return text === '' ? { ...page, rule: 'mediawiki/no-text' } : { ...page, text }
}
