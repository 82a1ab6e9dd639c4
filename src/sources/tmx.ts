import * as z from 'zod'
import { defineSource } from '../core/component.ts'
import { childrenOf, localName, textIn, type XmlElement } from '../core/xml-element.ts'
import { oneWindow } from './windows.ts'
import { linkIn, oneLine, readDocuments, wantsLanguage, type XmlDocument, type XmlRecord, xmlColumns, xmlRules } from './xml-documents.ts'

const config = z.strictObject({
  languages: z.array(z.string().min(2)).default([]).describe('Languages to take, such as `de`, which takes `DE-AT` too; none: all.'),
  documents: z
    .enum(['unit', 'section', 'file'])
    .default('section')
    .describe('What one document is, in each language: a translation unit, a run of units with the same `section-property`, or the file.'),
  'section-property': z
    .string()
    .min(1)
    .default('Txt::Doc. No.')
    .describe('The `type` of the property that says which text a unit is from. Units without it are a section with their neighbours.'),
  'max-document-bytes': z
    .int()
    .min(1)
    .max(1 << 28)
    .default(4 << 20)
    .describe('A section or file with more characters of text becomes several documents.'),
  'max-record-bytes': z
    .int()
    .min(1)
    .max(1 << 28)
    .default(4 << 20)
    .describe('Largest translation unit; a larger one is dropped.'),
})

const rules = {
  ...xmlRules,
  'tmx/no-text': 'The translation unit has no text in any of the `languages`.',
} as const

/** Native codes of the tool that made the unit: no text (TMX 1.4b, inline elements); `hi` is text. */
const codes = new Set(['bpt', 'ept', 'it', 'ph', 'ut'])

/**
 * Translation memories (TMX 1.4b, LISA). Each language of a unit, section or file is a document of its own, with its
 * sentences a line each in the order of the file. `offset` is the place of the first unit with text in that language, and one
 * on for each variant before it in that unit, so that no two documents share one.
 */
export default defineSource<z.output<typeof config>>({
  name: 'tmx',
  summary: 'Reads translation memories (TMX files), each language as documents of its own.',
  version: 1,
  config,
  writes: xmlColumns,
  rules,

  windows: oneWindow,

  read(input, file, _window, _from, settings) {
    const split = { names: ['header', 'tu'], nestsFrom: 0, maxRecordBytes: settings['max-record-bytes'] }
    const units = sections(settings, file.path)
    return readDocuments(input, split, {}, Object.keys(rules), units.read, units.flush)
  },
})

interface Open {
  readonly offset: number
  readonly date: string
  readonly properties: Readonly<Record<string, string>>
  readonly lines: string[]
  end: number
  characters: number
}

function sections(settings: z.output<typeof config>, path: string) {
  let header: Readonly<Record<string, string>> = {}
  let licence = ''
  let section: string | undefined
  let open = new Map<string, Open>()

  function document(language: string, part: Open): XmlDocument {
    const { offset, end, date, lines, properties } = part
    const extra = { language, file: path, ...properties, ...(Object.keys(header).length === 0 ? {} : { header }) }
    return { offset, length: end - offset, text: lines.join('\n'), date, licenceLink: licence, extra }
  }

  function* flush(): Generator<XmlDocument> {
    for (const [language, part] of open) yield document(language, part)
    open = new Map()
  }

  function* read(record: XmlRecord): Generator<XmlDocument> {
    const { element, offset, length } = record
    if (record.name === 'header') {
      header = { ...element.attributes, ...properties(element) }
      licence = linkIn(Object.entries(header).find(([key]) => /licen[cs]e|rights/iu.test(key))?.[1] ?? '')
      return
    }
    const own = properties(element)
    const key = settings.documents === 'file' ? '' : own[settings['section-property']]
    if (key !== undefined && key !== section) yield* flush()
    section = key ?? section
    const { tuid, changedate, creationdate } = element.attributes
    const facts =
      settings.documents === 'unit' ? { ...(tuid === undefined ? {} : { tuid }), ...own } : key === undefined || key === '' ? {} : { section: key }
    let found = false
    for (const [i, variant] of childrenOf(element, 'tuv').entries()) {
      const language = variant.attributes['xml:lang'] ?? variant.attributes['lang'] ?? ''
      const text = oneLine(childrenOf(variant, 'seg').map(textOf).join(' '))
      if (text === '' || !wantsLanguage(settings.languages, language)) continue
      found = true
      let part = open.get(language)
      if (part !== undefined && part.characters + text.length > settings['max-document-bytes']) {
        yield document(language, part)
        part = undefined
      }
      if (part === undefined) {
        part = { offset: offset + i, end: 0, date: isoDate(changedate ?? creationdate ?? ''), properties: facts, lines: [], characters: 0 }
        open.set(language, part)
      }
      part.lines.push(text)
      part.characters += text.length + 1
      part.end = offset + length
    }
    if (settings.documents === 'unit') yield* flush()
    if (!found) yield { offset, length, rule: 'tmx/no-text', extra: facts }
  }
  return { read, flush }
}

const textOf = (segment: XmlElement): string => textIn(segment, ({ name }) => codes.has(localName(name)))

function properties(element: XmlElement): Record<string, string> {
  return Object.fromEntries(childrenOf(element, 'prop').map((property) => [property.attributes['type'] ?? '', oneLine(textIn(property))]))
}

/** `20061020T101112Z` as ISO 8601 writes it with its signs. */
function isoDate(date: string): string {
  return date.replace(/^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/u, (_, y, m, d, h, min, s, z: string) =>
    h === undefined ? `${y}-${m}-${d}` : `${y}-${m}-${d}T${h}:${min}:${s}${z}`,
  )
}
