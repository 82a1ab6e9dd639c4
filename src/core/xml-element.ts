import { XMLParser, XMLValidator } from 'fast-xml-parser'

/** One element of a record: attributes and text decoded, children in document order, text as strings. */
export interface XmlElement {
  /** The qualified name as written, `dc:title`. */
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly (XmlElement | string)[]
}

/** Deepest nesting of a record, as in the core's splitter. */
const deepest = 256
/** Longest text that one entity may stand for, and how often entities may stand in entities. */
const longestEntity = 64 << 10
const deepestEntity = 8
/** Characters that a record's declared entities may add in all. */
const mostExpansion = 1 << 20

/**
 * The defaults lose order and spaces and turn `007` into 7. Entities are decoded below: the library's own limits refuse
 * ordinary documents, and it passes over undeclared ones in silence.
 */
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  trimValues: false,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  cdataPropName: '#cdata',
  maxNestedTags: deepest + 1,
})

type Entities = ReadonlyMap<string, string>

const predefined: Entities = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

class Malformed extends Error {}

/**
 * The internal general entities of a document type declaration whose value is text. External ones are never read, and one that
 * holds markup, or would grow over a limit by entities in it, is as if it were not declared.
 */
export function declaredEntities(doctype: string): Entities {
  if (doctype === '') return predefined
  const raw = new Map<string, string>()
  for (const [, name = '', double, single] of doctype.matchAll(/<!ENTITY\s+([^\s%"'<>]+)\s+(?:"([^"]*)"|'([^']*)')\s*>/gu))
    if (!raw.has(name) && !predefined.has(name)) raw.set(name, double ?? single ?? '')
  const known = new Map(predefined)
  const lost = new Set<string>()
  const resolve = (name: string, depth: number): string | undefined => {
    const found = known.get(name)
    if (found !== undefined) return found
    const value = raw.get(name)
    if (value === undefined || lost.has(name) || depth > deepestEntity || value.includes('<')) return undefined
    // Marked as lost until it is known: one that stands in itself never is.
    lost.add(name)
    let length = 0
    try {
      const text = decode(value, (inner) => {
        const part = resolve(inner, depth + 1)
        length += part?.length ?? 0
        return length > longestEntity ? undefined : part
      })
      if (text.length > longestEntity) return undefined
      known.set(name, text)
      return text
    } catch {
      return undefined
    }
  }
  for (const name of raw.keys()) resolve(name, 0)
  return known
}

function decode(text: string, entity: (name: string) => string | undefined): string {
  if (!text.includes('&')) return text
  return text.replaceAll(/&(?:#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))|([^\s&;#]{1,256}));|&/gu, (_, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) {
      const value = entity(name)
      if (value === undefined) throw new Malformed()
      return value
    }
    const code = hex === undefined ? Number(decimal ?? NaN) : Number.parseInt(hex, 16)
    if (!(code > 0 && code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) throw new Malformed()
    return String.fromCodePoint(code)
  })
}

type Parsed = Readonly<Record<string, unknown>>

/**
 * One record as a tree, or undefined where it is no well-formed XML: one element and nothing else, every entity declared.
 * Comments and processing instructions are left out. `entities` are the document's, by `declaredEntities`.
 */
export function parseXmlElement(xml: string, entities: Entities = predefined): XmlElement | undefined {
  let left = mostExpansion
  const expand = (name: string): string | undefined => {
    const value = entities.get(name)
    left -= value?.length ?? 0
    return left < 0 ? undefined : value
  }
  const element = (node: Parsed): XmlElement => {
    const name = Object.keys(node).find((key) => key !== ':@') ?? ''
    const attributes = Object.entries((node[':@'] ?? {}) as Record<string, string>).map(([key, value]) => [key, decode(value, expand)] as const)
    const children: (XmlElement | string)[] = []
    for (const child of node[name] as readonly Parsed[]) {
      if (typeof child['#text'] === 'string') children.push(decode(child['#text'], expand))
      else if ('#cdata' in child) for (const part of child['#cdata'] as readonly Parsed[]) children.push(part['#text'] as string)
      else if (!Object.keys(child)[0]?.startsWith('?')) children.push(element(child))
    }
    return { name, attributes: Object.fromEntries(attributes), children }
  }
  try {
    if (XMLValidator.validate(xml, { allowBooleanAttributes: false }) !== true) return undefined
    const nodes = parser.parse(xml) as readonly Parsed[]
    return nodes.length === 1 ? element(nodes[0] as Parsed) : undefined
  } catch {
    // The library refuses names such as __proto__ and too many levels by exceptions of its own.
    return undefined
  }
}

/** The name without its prefix. */
export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

/** Child elements of a local name, in order. */
export function childrenOf(parent: XmlElement, name: string): readonly XmlElement[] {
  return parent.children.filter((child): child is XmlElement => typeof child !== 'string' && localName(child.name) === name)
}

/** The first element down a path of local names. */
export function firstOf(parent: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>(
    (at, name) => at?.children.find((child): child is XmlElement => typeof child !== 'string' && localName(child.name) === name),
    parent,
  )
}

/** All text of an element in order; `skip` leaves out elements with what is in them. */
export function textIn(element: XmlElement | undefined, skip?: (element: XmlElement) => boolean): string {
  if (element === undefined) return ''
  let text = ''
  for (const child of element.children) {
    if (typeof child === 'string') text += child
    else if (skip?.(child) !== true) text += textIn(child, skip)
  }
  return text
}
