import * as z from 'zod'
import { defineSource } from '../core/component.ts'
import { childrenOf, firstOf, localName, textIn, type XmlElement } from '../core/xml-element.ts'
import { oneWindow } from './windows.ts'
import { linkIn, oneLine, readDocuments, wantsLanguage, type XmlDocument, type XmlRecord, xmlColumns, xmlRules } from './xml-documents.ts'

const config = z.strictObject({
  'text-fields': z
    .array(z.string().min(1))
    .min(1)
    .default(['description', 'abstract'])
    .describe('Elements of the metadata, at any depth and in any namespace, whose text is the document, in the order of the record.'),
  languages: z
    .array(z.string().min(2))
    .default([])
    .describe('Texts whose `xml:lang` says another language are left out; texts that say none are taken. None: all are.'),
  url: z
    .enum(['identifier', 'link'])
    .default('identifier')
    .describe('What the address of a document is: its OAI identifier, by which repositories also tell deletions, or its first link.'),
  'max-record-bytes': z
    .int()
    .min(1)
    .max(1 << 28)
    .default(16 << 20)
    .describe('Largest record; a larger one is dropped.'),
})

const rules = {
  ...xmlRules,
  'deleted/record': 'The repository says that the record was deleted; the address is its OAI identifier.',
  'oai-pmh/no-text': 'None of the `text-fields` has text.',
  'oai-pmh/error': 'The answer of the repository is an error.',
} as const

/**
 * Answers of OAI-PMH 2.0 repositories (ListRecords, GetRecord), one or many in a file as a harvester wrote them, with any
 * metadata that is XML; Dublin Core gives title, author, date, rights and links. The document of a deleted record is named by a row of its
 * own, so that what was read of it earlier can be found and taken out.
 */
export default defineSource<z.output<typeof config>>({
  name: 'oai-pmh',
  summary: 'Reads harvested records of OAI-PMH repositories, deletions included.',
  version: 1,
  config,
  writes: xmlColumns,
  rules,

  windows: oneWindow,

  read(input, _file, _window, _from, settings) {
    // MARCXML in a record has records of its own, below `metadata`.
    const split = { names: ['record', 'error'], nestsFrom: 2, maxRecordBytes: settings['max-record-bytes'] }
    return readDocuments(input, split, {}, Object.keys(rules), (record) => [documentOf(record, settings)])
  },
})

function documentOf({ name, element, offset, length }: XmlRecord, settings: z.output<typeof config>): XmlDocument {
  const place = { offset, length }
  if (name === 'error') return { ...place, rule: 'oai-pmh/error', extra: { code: element.attributes['code'], message: oneLine(textIn(element)) } }
  const header = firstOf(element, 'header')
  const identifier = oneLine(textIn(firstOf(header, 'identifier')))
  const datestamp = oneLine(textIn(firstOf(header, 'datestamp')))
  const sets = header === undefined ? [] : childrenOf(header, 'setSpec').map((set) => oneLine(textIn(set)))
  if (header?.attributes['status'] === 'deleted')
    return { ...place, rule: 'deleted/record', url: identifier, date: datestamp, extra: { identifier, sets } }

  const fields = new Map<string, string[]>()
  const texts: string[] = []
  for (const part of ['metadata', 'about'] as const)
    for (const child of childrenOf(element, part))
      walk(child, (found) => {
        const field = localName(found.name)
        if (part === 'metadata' && settings['text-fields'].includes(field)) {
          const language = found.attributes['xml:lang']
          const text = paragraphs(textIn(found))
          if (text !== '' && (language === undefined || wantsLanguage(settings.languages, language))) texts.push(text)
          return false
        }
        if (kept.has(field)) fields.set(field, [...(fields.get(field) ?? []), oneLine(textIn(found))])
        return true
      })
  const all = (field: string): string[] => (fields.get(field) ?? []).filter((value) => value !== '')
  const link = linkIn(all('identifier').join(' '))
  const rights = [...all('rights'), ...all('license'), ...all('licence')]
  const document = {
    ...place,
    url: settings.url === 'identifier' ? identifier : link || identifier,
    title: all('title')[0] ?? '',
    author: [...all('creator'), ...all('author')].join('; '),
    date: all('date')[0] ?? datestamp,
    licenceLink: linkIn(rights.join(' ')),
    extra: { identifier, datestamp, sets, link, rights, languages: all('language') },
  }
  return texts.length === 0 ? { ...document, rule: 'oai-pmh/no-text' } : { ...document, text: texts.join('\n\n') }
}

/** Elements of Dublin Core that become columns or stay beside the text. */
const kept = new Set(['title', 'creator', 'author', 'date', 'identifier', 'rights', 'license', 'licence', 'language'])

/** Elements inside, in document order; where `visit` says no, not what is in them. */
function walk(parent: XmlElement, visit: (element: XmlElement) => boolean): void {
  for (const child of parent.children) if (typeof child !== 'string' && visit(child)) walk(child, visit)
}

/** Lines of a description are kept where an empty line divides them. */
function paragraphs(text: string): string {
  return text
    .split(/\n\s*\n/u)
    .map(oneLine)
    .filter((paragraph) => paragraph !== '')
    .join('\n\n')
}
