import * as z from 'zod'
import { defineSource } from '../core/component.ts'
import { childrenOf, firstOf, localName, textIn, type XmlElement } from '../core/xml-element.ts'
import { teiText } from './tei-text.ts'
import { oneWindow } from './windows.ts'
import { linkIn, oneLine, readDocuments, type XmlDocument, type XmlRecord, xmlColumns, xmlRules } from './xml-documents.ts'

const config = z.strictObject({
  documents: z
    .enum(['element', 'section', 'file'])
    .default('section')
    .describe('What one document is: an utterance or paragraph, a run of them in the same `div`, or the whole text.'),
  notes: z.boolean().default(false).describe('Take notes, and what the record says of noises and interruptions, into the text.'),
  speakers: z.boolean().default(false).describe('Begin each utterance with its speaker, as `who` names them, and a colon.'),
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
    .default(32 << 20)
    .describe('Largest header, utterance or paragraph; a larger one is dropped.'),
})

const rules = {
  ...xmlRules,
  'tei/no-text': 'The utterance or paragraph has no text besides what is left out.',
} as const

/** What holds running text. The outermost of these is a record; `note` and the events of a transcript are ones only between others. */
const records = ['teiHeader', 'u', 'p', 'ab', 'lg', 'l', 'head', 'sp', 'list', 'table', 'quote', 'note', 'vocal', 'kinesic', 'incident']
const events = new Set(['note', 'vocal', 'kinesic', 'incident'])

/**
 * TEI P5: the transcripts of ParlaMint (plain and `.ana`), and editions. Title, authors, date, licence come from the `teiHeader`
 * of the text. The language is the nearest `xml:lang`; `offset` is the place of a document's first element.
 */
export default defineSource<z.output<typeof config>>({
  name: 'tei',
  summary: 'Reads TEI files: transcripts of parliaments (ParlaMint), editions.',
  version: 1,
  config,
  writes: xmlColumns,
  rules,

  windows: oneWindow,

  read(input, file, _window, _from, settings) {
    const split = { names: records, nestsFrom: 1, maxRecordBytes: settings['max-record-bytes'] }
    const texts = collector(settings, file.path)
    return readDocuments(input, split, {}, Object.keys(rules), texts.read, texts.flush)
  },
})

interface Header {
  readonly title: string
  readonly author: string
  readonly date: string
  readonly licenceLink: string
  readonly licence: string
}

interface Open {
  readonly offset: number
  readonly facts: Header
  readonly language: string
  readonly section: string
  readonly id: string
  readonly speakers: Set<string>
  readonly blocks: string[]
  end: number
  characters: number
}

const nothing: Header = { title: '', author: '', date: '', licenceLink: '', licence: '' }

function collector(settings: z.output<typeof config>, path: string) {
  let header = nothing
  let place: number | undefined
  let open: Open | undefined

  function* flush(): Generator<XmlDocument> {
    if (open === undefined) return
    const { offset, end, blocks, facts, language, section, id, speakers } = open
    const { licence, ...columns } = facts
    const extra = { language, file: path, id, section, licence, speakers: [...speakers] }
    const said = Object.fromEntries(Object.entries(extra).filter(([, value]) => value.length > 0))
    yield { offset, length: end - offset, text: blocks.join('\n\n'), ...columns, extra: said }
    open = undefined
  }

  function* read(record: XmlRecord): Generator<XmlDocument> {
    const { name, element, offset, length, around } = record
    if (name === 'teiHeader') {
      yield* flush()
      header = headerOf(element, languageOf(record))
      return
    }
    if (events.has(name) && !settings.notes) return
    const nearest = (test: (local: string) => boolean) => around.findLast(({ element: { name: at } }) => test(localName(at)))
    const section = nearest((local) => /^div[0-7]?$/u.test(local)) ?? nearest((local) => local === 'text')
    const unit =
      settings.documents === 'element' ? offset : settings.documents === 'section' ? section?.offset : nearest((local) => local === 'TEI')?.offset
    if (unit !== place) yield* flush()
    place = unit
    const text = teiText(element, settings.notes)
    if (text === '') {
      yield { offset, length, rule: 'tei/no-text', title: header.title, date: header.date }
      return
    }
    const who = element.attributes['who'] ?? ''
    const block = settings.speakers && who !== '' ? `${who.replace(/^#/u, '')}: ${text}` : text
    if (open !== undefined && open.characters + block.length > settings['max-document-bytes']) yield* flush()
    const id = (settings.documents === 'element' ? element : section?.element)?.attributes['xml:id'] ?? ''
    open ??= {
      offset,
      facts: header,
      language: languageOf(record),
      section: section?.element.attributes['type'] ?? '',
      id,
      speakers: new Set(),
      blocks: [],
      end: 0,
      characters: 0,
    }
    if (who !== '') open.speakers.add(who)
    open.blocks.push(block)
    open.characters += block.length + 2
    open.end = offset + length
    if (settings.documents === 'element') yield* flush()
  }
  return { read, flush }
}

function languageOf({ element, around }: XmlRecord): string {
  const said = [element, ...around.map((outer) => outer.element).toReversed()].map(({ attributes }) => attributes['xml:lang'])
  return said.find((language) => language !== undefined && language !== '') ?? ''
}

function headerOf(header: XmlElement, language: string): Header {
  const statement = firstOf(header, 'fileDesc', 'titleStmt')
  const titles = statement === undefined ? [] : childrenOf(statement, 'title')
  const own = titles.filter((title) => (title.attributes['xml:lang'] ?? language) === language)
  const title = own.find(({ attributes }) => attributes['type'] === 'main') ?? own[0] ?? titles[0]
  const licence = firstOf(header, 'fileDesc', 'publicationStmt', 'availability', 'licence')
  const availability = firstOf(header, 'fileDesc', 'publicationStmt', 'availability')
  return {
    title: oneLine(textIn(title)),
    author: (statement === undefined ? [] : childrenOf(statement, 'author')).map((author) => oneLine(textIn(author))).join('; '),
    date:
      dateIn(firstOf(header, 'fileDesc', 'sourceDesc')) ||
      dateIn(firstOf(header, 'profileDesc', 'settingDesc')) ||
      dateIn(firstOf(header, 'profileDesc')),
    licenceLink: linkIn(licence?.attributes['target'] ?? '') || linkIn(textIn(availability)),
    licence: oneLine(textIn(availability)).slice(0, 500),
  }
}

/** The first date below an element that says when. */
function dateIn(element: XmlElement | undefined): string {
  for (const child of element?.children ?? []) {
    if (typeof child === 'string') continue
    const found = (localName(child.name) === 'date' ? (child.attributes['when'] ?? child.attributes['from']) : undefined) ?? dateIn(child)
    if (found !== '') return found
  }
  return ''
}
