import { childrenOf, parseXmlElement, textIn, type XmlElement } from '../core/xml-element.ts'
import type { RightsSignal } from '../core/rights.ts'
import { asRaw } from './evidence.ts'
import { matching } from './robots-signals.ts'

/** Characters of a document that are read, and of its parts those that are looked at. */
const longest = 256 << 10
const mostContents = 1000
const mostLicences = 64
const mostWords = 256

/** Uses that a policy may name, with the words that include them (RSL 1.0, usage; the last ones are of its drafts). */
const uses: Readonly<Record<string, readonly string[]>> = {
  'ai-train': ['ai-train', 'ai-all', 'all', 'train-ai', 'train-genai', 'ai-use'],
  'ai-input': ['ai-input', 'ai-all', 'all', 'ai-use'],
  'ai-index': ['ai-index', 'ai-all', 'all', 'ai-use'],
  search: ['search', 'all'],
}

/** Payments that cost nothing and bind to nothing. */
const free = new Set(['free', ''])
/** Payments that a corpus can neither make nor refuse: it is for people to say whether a credit is one. */
const unsettled = new Set(['attribution', 'contribution'])

interface Terms {
  readonly permits: readonly string[] | undefined
  readonly prohibits: readonly string[]
  readonly payments: readonly string[]
  /** It holds for some users, places or purposes only. */
  readonly narrowed: boolean
}

interface Content {
  /** Of the address: with an origin for one site, without for any. */
  readonly origin: string | undefined
  readonly path: string
  /** A server gives out licences, also free ones: without asking it there is none. */
  readonly server: boolean
  readonly licences: readonly Terms[]
}

type Document = readonly Content[] | 'unreadable'

const parsed = new WeakMap<Uint8Array, Document>()

/**
 * What an RSL document (Really Simple Licensing 1.0) says of one page, by use: `allow` where some licence permits it freely,
 * `deny` where each forbids it, does not name it among what it permits, or wants to be paid. Where it depends on who asks or on
 * a credit, nothing is said but what the link says already. `link` is the signal that names the document, `address` where it lies.
 */
export function rslSignals(file: Uint8Array, link: RightsSignal, address: string, page: URL): RightsSignal[] {
  let document = parsed.get(file)
  if (document === undefined) parsed.set(file, (document = parse(file)))
  const { place, agents } = link
  const signal = (use: string, value: RightsSignal['value'], why: string): RightsSignal => ({
    protocol: 'rsl',
    place,
    agents,
    use,
    value,
    raw: asRaw(`${address}: ${why}`),
  })
  if (document === 'unreadable') return [signal('licence', 'unreadable', 'no RSL document')]
  const content = nearest(document, page)
  if (content === undefined || content.licences.length === 0) return []
  return Object.entries(uses).flatMap(([use, words]) => {
    const verdicts = content.licences.map((terms) => verdictOf(terms, words, content.server))
    const allowing = verdicts.find(({ value }) => value === 'allow')
    if (allowing !== undefined) return [signal(use, 'allow', allowing.why)]
    return verdicts.every(({ value }) => value === 'deny') ? [signal(use, 'deny', verdicts[0]!.why)] : []
  })
}

/** The part whose address fits the page best: the longest pattern, by the rules of robots files; one for the page's own site first. */
function nearest(document: readonly Content[], page: URL): Content | undefined {
  const target = `${page.pathname}${page.search}`
  for (const origin of [page.origin, undefined]) {
    const fitting = document.filter((content) => content.origin === origin)
    const path = matching(
      fitting.map((content) => content.path),
      target,
    )
    if (path !== undefined) return fitting.find((content) => content.path === path)
  }
  return undefined
}

function verdictOf(
  { permits, prohibits, payments, narrowed }: Terms,
  words: readonly string[],
  server: boolean,
): { value: 'allow' | 'deny' | 'open'; why: string } {
  const forbidden = prohibits.find((word) => words.includes(word))
  if (forbidden !== undefined) return { value: 'deny', why: `prohibits ${forbidden}` }
  const permitted = permits?.find((word) => words.includes(word))
  if (permits !== undefined && permitted === undefined) return { value: 'deny', why: `permits ${permits.slice(0, 5).join(', ')} only` }
  const why = permitted === undefined ? 'prohibits nothing of it' : `permits ${permitted}`
  const price = payments.find((payment) => !free.has(payment) && !unsettled.has(payment))
  if (price !== undefined) return { value: 'deny', why: `${why} for payment: ${price}` }
  if (server) return { value: 'deny', why: `${why}, by a licence from a server` }
  return { value: narrowed || payments.some((payment) => unsettled.has(payment)) ? 'open' : 'allow', why }
}

function parse(file: Uint8Array): Document {
  if (file.byteLength > longest) return 'unreadable'
  const text = new TextDecoder().decode(file)
  const start = /<(?:[\w.-]+:)?rsl[\s>]/.exec(text)?.index
  const end = text.indexOf('>', text.lastIndexOf('</'))
  // A document type is no part of the format, and the way to make a small file large.
  if (start === undefined || end < start || text.includes('<!DOCTYPE')) return 'unreadable'
  const root = parseXmlElement(text.slice(start, end + 1))
  if (root === undefined) return 'unreadable'
  return childrenOf(root, 'content').slice(0, mostContents).map(contentOf)
}

function contentOf(element: XmlElement): Content {
  const written = (element.attributes['url'] ?? '').trim()
  const url = /^https?:\/\//i.test(written) ? URL.parse(written) : null
  const path = url === null ? (/^[/*]/.test(written) ? written : `/${written}`) : `${url.pathname}${url.search}`
  return {
    origin: url?.origin,
    path,
    server: (element.attributes['server'] ?? '') !== '',
    licences: childrenOf(element, 'license').slice(0, mostLicences).map(termsOf),
  }
}

function termsOf(element: XmlElement): Terms {
  const rules = (name: string, type: string): readonly XmlElement[] =>
    childrenOf(element, name).filter(({ attributes }) => (attributes['type'] ?? 'usage').toLowerCase() === type)
  const words = (elements: readonly XmlElement[]): readonly string[] =>
    elements
      .flatMap((one) =>
        textIn(one)
          .toLowerCase()
          .split(/[\s,]+/),
      )
      .filter((word) => word !== '')
      .slice(0, mostWords)
  const permits = rules('permits', 'usage')
  const others = ['user', 'geo'].flatMap((type) => [...rules('permits', type), ...rules('prohibits', type)])
  return {
    permits: permits.length === 0 ? undefined : words(permits),
    prohibits: words(rules('prohibits', 'usage')),
    payments: childrenOf(element, 'payment').map(({ attributes }) => (attributes['type'] ?? '').toLowerCase()),
    narrowed: others.length > 0,
  }
}
