import { Parser } from 'htmlparser2'

/** What a crawler wants to know of a page. */
export interface PageFacts {
  readonly links: readonly PageLink[]
  /** Of the first base element. */
  readonly base: string | undefined
  readonly canonical: string | undefined
  readonly language: string
  /** Lower-case words of meta robots and of the crawler's own. */
  readonly robots: readonly string[]
  readonly feeds: readonly string[]
  readonly refresh: string | undefined
  /** Its first text, at most as many characters as were asked for. */
  readonly text: string
}

export interface PageLink {
  readonly href: string
  /** `hreflang`, in lower case; empty where the link has none. */
  readonly language: string
}

/** A page with more links is a machine's; Heritrix stops at the same number. */
const mostLinks = 6000

/**
 * Links and directives of a page, in the order they stand. Frames, areas and alternates count as links; images, scripts
 * and forms do not. `rel=nofollow` is a hint to rankings, not a prohibition to fetch; the page's own `nofollow` is kept.
 */
export function pageFacts(html: string, agent: string, textCharacters: number): PageFacts {
  const links: PageLink[] = []
  const feeds: string[] = []
  const robots: string[] = []
  const own = agent.toLowerCase()
  let base: string | undefined
  let canonical: string | undefined
  let refresh: string | undefined
  let language = ''
  let text = ''
  let silent = 0
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        switch (name) {
          case 'a':
          case 'area':
            add(attributes['href'], attributes['hreflang'])
            break
          case 'iframe':
          case 'frame':
            add(attributes['src'], undefined)
            break
          case 'html':
            language ||= (attributes['lang'] ?? attributes['xml:lang'] ?? '').trim().toLowerCase()
            break
          case 'base':
            base ??= attributes['href']
            break
          case 'link':
            link(attributes)
            break
          case 'meta':
            meta(attributes)
            break
          case 'script':
          case 'style':
          case 'noscript':
            silent++
            break
          default:
        }
      },
      ontext(data) {
        if (silent === 0 && text.length < textCharacters) text += data
      },
      onclosetag(name) {
        if (name === 'script' || name === 'style' || name === 'noscript') silent = Math.max(0, silent - 1)
        else if (textCharacters > 0 && text.length < textCharacters) text += ' '
      },
    },
    { decodeEntities: true, lowerCaseTags: true },
  )

  function add(href: string | undefined, hreflang: string | undefined): void {
    if (href === undefined || href === '' || href.startsWith('#') || links.length >= mostLinks) return
    links.push({ href, language: (hreflang ?? '').toLowerCase() })
  }

  function link({ rel = '', href, hreflang, type = '' }: Readonly<Record<string, string>>): void {
    if (href === undefined) return
    const rels = rel.toLowerCase().split(/\s+/)
    if (rels.includes('canonical')) canonical ??= href
    if (rels.includes('alternate')) {
      if (/^application\/(?:rss|atom)\+xml/i.test(type)) feeds.push(href)
      else if (hreflang !== undefined) add(href, hreflang)
    }
    if (rels.includes('next') || rels.includes('prev')) add(href, undefined)
  }

  function meta({ name = '', content = '', 'http-equiv': equivalent = '' }: Readonly<Record<string, string>>): void {
    const called = name.toLowerCase()
    if (called === 'robots' || called === own) robots.push(...content.toLowerCase().split(/[\s,]+/))
    else if (equivalent.toLowerCase() === 'refresh') refresh ??= /^[\s\d.]*[;,]\s*(?:url\s*=\s*)?["']?([^"']+)/i.exec(content)?.[1]?.trim()
    else if (equivalent.toLowerCase() === 'content-language') language ||= content.trim().toLowerCase()
  }

  parser.end(html)
  return { links, base, canonical, language, robots, feeds, refresh, text: text.replace(/\s+/g, ' ').slice(0, textCharacters) }
}
