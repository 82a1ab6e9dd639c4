import { gunzipSync } from 'node:zlib'
import { Parser } from 'htmlparser2'
import type { Kind } from './frontier.ts'

/** One entry of a sitemap or feed. */
export interface Listed {
  readonly url: string
  /** `sitemap`: a list itself. */
  readonly kind: Kind
  /** When it was last changed, in milliseconds since 1970. */
  readonly changed: number | undefined
  /** `hreflang`, in lower case, or of news; empty when nobody says. */
  readonly language: string
}

export type ListFormat = 'xml' | 'text'

/** Bytes that a packed sitemap may unpack to, and that one may be long: more than the 50 MB of the protocol. */
const mostBytes = 64 << 20
/** sitemaps.org: no more in one file. The rest is not read. */
export const mostListed = 50_000
/** A sitemap with more alternates a page than there are languages is a trap. */
const mostAlternates = 200
const chunkBytes = 64 << 10

const roots = /<(?:[a-z0-9]+:)?(urlset|sitemapindex|rss|feed|rdf)[\s>]/i

/** Content of a list, unpacked; undefined when it is neither a sitemap nor a feed. A `.txt` file is one when it is called a sitemap. */
export function listContent(
  content: Uint8Array,
  path: string,
  wanted: boolean,
): { readonly bytes: Uint8Array; readonly format: ListFormat } | undefined {
  let bytes = content
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      bytes = gunzipSync(bytes, { maxOutputLength: mostBytes })
    } catch {
      return undefined
    }
  }
  // Enough for a byte order mark, the declaration, a style sheet and a comment.
  const start = Buffer.from(bytes.subarray(0, 2048)).toString('latin1').replaceAll('\0', '')
  if (roots.test(start) && !/<html[\s>]/i.test(start)) return { bytes, format: 'xml' }
  if (start.includes('<')) return undefined
  return wanted || /sitemap[^/]*\.txt(?:\.gz)?$/i.test(path) ? { bytes, format: 'text' } : undefined
}

/**
 * Entries of a sitemap (index, URL set with hreflang and news, text) or feed (RSS 0.9 to 2.0, Atom, their next page), one
 * by one in the order they stand. Broken XML gives what can be read; memory is that of one entry besides the content.
 */
export function* listed({ bytes, format }: { readonly bytes: Uint8Array; readonly format: ListFormat }): Generator<Listed> {
  let left = mostListed
  const ready: Listed[] = []
  const parser = format === 'xml' ? listParser((entry) => ready.push(entry)) : undefined
  const decoder = new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8')
  let line = ''
  for (let at = 0; at < bytes.byteLength; at += chunkBytes) {
    const text = decoder.decode(bytes.subarray(at, at + chunkBytes), { stream: true })
    if (parser === undefined) {
      const lines = (line + text).split(/\r?\n/)
      line = lines.pop()!.slice(0, 4096)
      for (const one of lines) if (one.trim() !== '') ready.push(plain(one))
    } else parser.write(text)
    for (const entry of ready.splice(0)) {
      if (left-- === 0) return
      yield entry
    }
  }
  if (line.trim() !== '') ready.push(plain(line))
  // Not ended: an entry that the end of the file cuts off may have half an address.
  for (const entry of ready) if (left-- > 0) yield entry
}

function plain(line: string): Listed {
  return { url: line.trim(), kind: 'page', changed: undefined, language: '' }
}

interface Entry {
  url: string
  changed: string
  language: string
  permanent: string
  readonly alternates: { readonly href: string; readonly language: string }[]
}

/** Elements that are one entry, by local name. */
const entries: Readonly<Record<string, Kind>> = { url: 'page', sitemap: 'sitemap', item: 'page', entry: 'page' }
/** Elements whose text counts, and for what. The first that is there wins. */
const texts: Readonly<Record<string, 'url' | 'changed' | 'language'>> = {
  loc: 'url',
  lastmod: 'changed',
  link: 'url',
  pubdate: 'changed',
  date: 'changed',
  updated: 'changed',
  publication_date: 'changed',
  language: 'language',
}

function listParser(give: (entry: Listed) => void): Parser {
  let entry: Entry | undefined
  let kind: Kind = 'page'
  let into: 'url' | 'changed' | 'language' | 'permanent' | undefined
  let text = ''
  /** Inside of elements that have a `loc` of their own: images, videos. */
  let foreign = 0
  return new Parser(
    {
      onopentag(name, attributes) {
        const [prefix, local] = split(name)
        if (entry === undefined) {
          if (entries[local] !== undefined) {
            entry = { url: '', changed: '', language: '', permanent: '', alternates: [] }
            kind = entries[local]
          } else if (local === 'link' && attributes['rel'] === 'next' && attributes['href'] !== undefined)
            give({ url: attributes['href'], kind: 'feed', changed: undefined, language: '' })
          return
        }
        if (prefix === 'image' || prefix === 'video' || prefix === 'media' || local === 'source' || local === 'author') foreign++
        if (foreign > 0) return
        if (local === 'link' && attributes['href'] !== undefined) {
          const rel = attributes['rel'] ?? 'alternate'
          const language = (attributes['hreflang'] ?? '').toLowerCase()
          if (rel !== 'alternate') return
          if (language === '' || entry.url === '') entry.url ||= attributes['href']
          if (language !== '' && entry.alternates.length < mostAlternates) entry.alternates.push({ href: attributes['href'], language })
          return
        }
        into = local === 'guid' && attributes['ispermalink'] !== 'false' && attributes['isPermaLink'] !== 'false' ? 'permanent' : texts[local]
        text = ''
      },
      ontext(data) {
        if (into !== undefined && text.length < 4096) text += data
      },
      onclosetag(name) {
        const [prefix, local] = split(name)
        if (entry === undefined) return
        if (foreign > 0) {
          if (prefix === 'image' || prefix === 'video' || prefix === 'media' || local === 'source' || local === 'author') foreign--
          return
        }
        if (into !== undefined) {
          entry[into] ||= text.trim()
          into = undefined
        }
        if (entries[local] === undefined) return
        const done = entry
        entry = undefined
        const at = Date.parse(done.changed)
        const changed = Number.isNaN(at) ? undefined : at
        const url = done.url === '' && /^https?:\/\//i.test(done.permanent) ? done.permanent : done.url
        const own = done.alternates.find(({ href }) => href === url)?.language
        if (url !== '') give({ url, kind, changed, language: own ?? done.language.toLowerCase() })
        for (const { href, language } of done.alternates) if (href !== url) give({ url: href, kind, changed, language })
      },
    },
    { xmlMode: true, decodeEntities: true, recognizeSelfClosing: true },
  )
}

function split(name: string): readonly [prefix: string, local: string] {
  const colon = name.indexOf(':')
  return colon === -1 ? ['', name.toLowerCase()] : [name.slice(0, colon).toLowerCase(), name.slice(colon + 1).toLowerCase()]
}
