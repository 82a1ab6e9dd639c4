import { emptyVerdict, rowText, textColumn } from '../core/batch.ts'
import type { ByteInput, SourceBatch, Stitch } from '../core/component.ts'
import { declaredEntities, parseXmlElement, type XmlElement } from '../core/xml-element.ts'
import { readXmlRecords, type XmlBatch, xmlPacking, type XmlSplit, type XmlWindow } from '../native/xml-records.ts'

/** A read of this size costs one request on object storage and keeps the reader's buffer small. */
export const readBytes = 1 << 20
const batchRows = 512
const batchBytes = 8 << 20

/** What can be wrong with a record of any XML source, in the order of `xmlFaults`; each source's own rules follow. */
export const xmlRules = {
  'unreadable/bad-xml': 'The record is not well-formed XML, or what stands there is no XML.',
  'unreadable/bad-utf8': 'The record is not UTF-8.',
  'unreadable/too-large': 'The record is larger than `max-record-bytes`.',
  'unreadable/truncated': 'The file ends here, inside the record or before its last element is closed.',
  'unreadable/bad-compression': 'The compressed data are damaged here.',
  'unreadable/bad-encoding': 'The file says that it is in an encoding that cannot be read.',
} as const

/** Columns that every XML source writes. */
export const xmlColumns = ['offset', 'length', 'text', 'url', 'date', 'title', 'author', 'licence_link', 'extra']

/** A document, or what became of a record that gives none: then `rule` is the rule's name. */
export interface XmlDocument {
  readonly offset: number
  readonly length: number
  readonly text?: string
  readonly url?: string
  readonly date?: string
  readonly title?: string
  readonly author?: string
  readonly licenceLink?: string
  /** What else the record says; undefined values are left out. */
  readonly extra?: Readonly<Record<string, unknown>>
  readonly rule?: string
  readonly measured?: number
  readonly limit?: number
}

/** A record that parsed, with what stands around it. */
export interface XmlRecord {
  readonly name: string
  readonly offset: number
  readonly length: number
  readonly element: XmlElement
  /** The elements around it, outermost first; without children. */
  readonly around: readonly { readonly element: XmlElement; readonly offset: number }[]
}

export type RecordReader = (record: XmlRecord) => Iterable<XmlDocument>

/** Rows of the documents that a source makes of its records. `last` gives what is still open at the end. */
export async function* readDocuments(
  input: ByteInput,
  split: Pick<XmlSplit, 'names' | 'nestsFrom' | 'maxRecordBytes'>,
  window: Partial<XmlWindow>,
  rules: readonly string[],
  read: RecordReader,
  last: () => Iterable<XmlDocument> = () => [],
): AsyncGenerator<SourceBatch, Stitch> {
  const packing = xmlPacking(await input.read(0, Math.min(16, input.bytes), true))
  const whole: XmlWindow = { packing, members: false, fileBytes: input.bytes, start: 0, end: input.bytes, search: false, ...window }
  const records = readXmlRecords({ ...split, batchRows, batchBytes }, whole, (offset) =>
    input.read(offset, Math.min(readBytes, input.bytes - offset)),
  )
  let rows: XmlDocument[] = []
  let size = 0
  const add = (document: XmlDocument): boolean => {
    rows.push(document)
    size += document.text?.length ?? 0
    return rows.length >= batchRows || size >= batchBytes
  }
  const take = (): SourceBatch => {
    const batch = batchOf(rows, rules)
    rows = []
    size = 0
    return batch
  }
  let next = await records.next()
  for (; next.done !== true; next = await records.next())
    for (const document of documentsOf(next.value, split.names, rules, read)) if (add(document)) yield take()
  for (const document of last()) if (add(document)) yield take()
  if (rows.length > 0) yield take()
  return next.value
}

function* documentsOf(batch: XmlBatch, names: readonly string[], rules: readonly string[], read: RecordReader): Generator<XmlDocument> {
  const entities = declaredEntities(batch.doctype)
  const contexts: XmlRecord['around'][] = []
  for (let row = 0; row < batch.rows; row += 1) {
    const place = { offset: batch.offset[row] as number, length: batch.length[row] as number }
    const fault = batch.fault[row] ?? -1
    if (fault >= 0) {
      yield { ...place, rule: rules[fault] as string, measured: batch.measured[row] as number, limit: batch.limit[row] as number }
      continue
    }
    const element = parseXmlElement(rowText(batch.record, row), entities)
    if (element === undefined) {
      yield { ...place, rule: 'unreadable/bad-xml' }
      continue
    }
    const context = batch.context[row] as number
    const around = (contexts[context] ??= surroundings(batch, context))
    yield* read({ ...place, name: names[batch.name[row] as number] as string, element, around })
  }
}

/** Start tags as elements. One that does not parse stands there without attributes: the records in it are no worse for it. */
function surroundings(batch: XmlBatch, context: number): XmlRecord['around'] {
  const tags = batch.contexts.values.subarray(batch.contexts.offsets[context], batch.contexts.offsets[context + 1])
  const places = batch.places.subarray(batch.placeOffsets[context], batch.placeOffsets[context + 1])
  const written = Buffer.from(tags).toString('utf8')
  // No `<` stands inside a tag, so each begins one.
  return written
    .split('<')
    .slice(1)
    .map((tag, i) => {
      const name = /^[^\s/>]*/u.exec(tag)?.[0] ?? ''
      return { element: parseXmlElement(`<${tag}</${name}>`) ?? { name, attributes: {}, children: [] }, offset: places[i] as number }
    })
}

function batchOf(rows: readonly XmlDocument[], rules: readonly string[]): SourceBatch {
  const numbers = (of: (row: XmlDocument) => number) => ({ type: 'number', values: Float64Array.from(rows, of) }) as const
  const texts = (of: (row: XmlDocument) => string | undefined) => textColumn(rows.map((row) => of(row) ?? ''))
  const verdict = emptyVerdict(rows.length)
  rows.forEach(({ rule, measured, limit }, i) => {
    if (rule === undefined) return
    verdict.rule[i] = rules.indexOf(rule)
    verdict.measured[i] = measured ?? NaN
    verdict.limit[i] = limit ?? NaN
  })
  return {
    rows: rows.length,
    columns: {
      offset: numbers(({ offset }) => offset),
      length: numbers(({ length }) => length),
      text: texts(({ text, rule }) => (rule === undefined ? text : '')),
      url: texts(({ url }) => url),
      date: texts(({ date }) => date),
      title: texts(({ title }) => title),
      author: texts(({ author }) => author),
      licence_link: texts(({ licenceLink }) => licenceLink),
      extra: texts(({ extra }) => (extra === undefined ? '' : JSON.stringify(extra))),
    },
    verdict,
  }
}

/** One line: every run of white space is one space. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').trim()
}

/** The first address of the web in a text, or nothing. */
export function linkIn(text: string): string {
  return /https?:\/\/[^\s<>"']+/iu.exec(text)?.[0]?.replace(/[).,;]+$/u, '') ?? ''
}

/** Whether a declared language is one of those asked for; none asked for takes all. `de` takes `de-AT` and `DE-DE`. */
export function wantsLanguage(wanted: readonly string[], declared: string): boolean {
  const code = declared.toLowerCase().replaceAll('_', '-')
  return wanted.length === 0 || wanted.some((language) => code === language.toLowerCase() || code.startsWith(`${language.toLowerCase()}-`))
}
