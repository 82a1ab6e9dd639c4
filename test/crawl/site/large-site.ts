import { gzipSync } from 'node:zlib'
import { type Character, characters, isUsuallyDisallowed, usualRules, withoutSession } from './characters.ts'
import { type SiteLanguage, writePage } from './page-text.ts'
import type { HostScript, Reply } from './site.ts'

export const largeSiteHosts = 28

export interface LargeSite {
  readonly scripts: readonly HostScript[]
  /** Paths and queries of a host (from 1) that must be fetched and answer 200, sorted. */
  readonly expected: (host: number) => readonly string[]
  /** What a crawler may not ask a host for. */
  readonly isDisallowed: (host: number, target: string) => boolean
  /** Path and query without what names a visit: what the page is. */
  readonly pageOf: (target: string) => string
}

export interface LargeSiteOptions {
  readonly pagesPerHost: number
  /** Milliseconds that each answer of the slow hosts takes. */
  readonly slow: number
  readonly seed: number
  /** `http://127.0.0.3:PORT` of a host: links across hosts need it. */
  readonly origin: (host: number) => string
}

/** Folders of pages; some need escapes. */
const folders: Readonly<Record<SiteLanguage, string>> = { en: 'section', de: 'größe', mt: 'taqsima', el: 'ενότητα', ru: 'раздел' }

/**
 * 28 hosts with the same number of pages, which link to one another as a tree and across; of some hosts every tenth page
 * stands in a sitemap only. Pages that robots.txt disallows are linked everywhere, and now and then a page fails once. What
 * else a host does is its character. The same options give the same site, byte for byte, asked in whatever order.
 */
export function largeSite({ pagesPerHost, slow, seed, origin }: LargeSiteOptions): LargeSite {
  const hosts = characters({ origin, path: (n) => pathOf('en', n), pages: pagesPerHost, seed, slow })
  return {
    scripts: hosts.map((character, i) => script(character, i + 1, { pagesPerHost, origin, seed })),
    expected: (host) => expected(hosts[host - 1]!, pagesPerHost),
    isDisallowed(host, target) {
      const { rules } = hosts[host - 1]!
      // A host's own file about it is asked for in any case, where its redirections lead too; the policy of a host that allows nothing is not.
      if (target === '/robots.txt' || target.startsWith('/rules/')) return false
      return rules === 'all' || (rules === 'usual' && isUsuallyDisallowed(target))
    },
    pageOf: withoutSession,
  }
}

function pathOf(language: SiteLanguage, n: number): string {
  return n === 0 ? '/' : `/${encodeURI(folders[language])}-${n % 7}/page-${n}`
}

/** Number of a page by its path; undefined for what is none. */
function numberOf(language: SiteLanguage, path: string, pages: number): number | undefined {
  const n = path === '/' ? 0 : Number(/-\d\/page-(\d+)$/.exec(path)?.[1] ?? '-1')
  return n >= 0 && n < pages && pathOf(language, n) === path ? n : undefined
}

const inSitemapOnly = ({ sitemap }: Character, n: number): boolean => sitemap && n % 10 === 9

/** Each fiftieth page leads where robots.txt does not let anybody go. */
function disallowedLinks({ language }: Character, n: number): readonly string[] {
  return n % 50 === 1 ? [`/secret/${n}`, `${pathOf(language, n)}?print=1`, `/files/report-${n}.pdf`] : []
}

function script(
  character: Character,
  host: number,
  { pagesPerHost, origin, seed }: Pick<LargeSiteOptions, 'pagesPerHost' | 'origin' | 'seed'>,
): HostScript {
  const { language } = character
  const path = (n: number): string => pathOf(language, n)
  const linked = Array.from({ length: pagesPerHost }, (_, n) => n).filter((n) => !inSitemapOnly(character, n))
  const place = new Map(linked.map((n, k) => [n, k]))
  const failedOnce = new Set<number>()
  const navigation = linked.slice(0, 8).map(path)

  function linksOf(n: number): string[] {
    const k = place.get(n)
    if (k === undefined) return ['/']
    const children = [3 * k + 1, 3 * k + 2, 3 * k + 3].filter((one) => one < linked.length).map((one) => path(linked[one]!))
    const across = [1, 2, 3, 4].map((one) => path(linked[(k * 7 + one * 31 + seed) % linked.length]!))
    const others = n % 50 === 1 ? [`${origin((host % largeSiteHosts) + 1)}/`, ...disallowedLinks(character, n)] : []
    return [...children, ...across, ...others, ...(n === 0 ? [...character.links, '/secret/a', '/secret/open', '/gone'] : [])]
  }

  return (asked, request): Reply | undefined => {
    const own = character.routes(asked, request)
    if (own !== undefined) return own
    const target = withoutSession(asked)
    if (target === '/robots.txt') return plain(`${usualRules}${character.sitemap ? `Sitemap: ${origin(host)}/sitemap-index.xml\n` : ''}`)
    if (character.sitemap && target.startsWith('/sitemap')) return sitemap(character, host, target, { pagesPerHost, origin })
    if (target === '/secret/open' || isUsuallyDisallowed(target.replace(/\?print=1$/, '')))
      return { body: writePage({ title: target, language, number: 1, navigation, links: [] }) }
    const n = numberOf(language, target.replace(/\?print=1$/, ''), pagesPerHost)
    if (n === undefined) return undefined
    if (n % 97 === 13 && !failedOnce.has(n)) {
      failedOnce.add(n)
      return { status: 500 }
    }
    const link = (one: string): string => (one.startsWith('/') ? character.link(one, asked) : one)
    const body = writePage({
      title: `Host ${host}`,
      language,
      number: n,
      navigation: navigation.map(link),
      links: linksOf(n).map(link),
    })
    return character.change({ body }, n, target)
  }
}

/** An index of two sitemaps, one of them packed, the other lines of text. */
function sitemap(
  character: Character,
  host: number,
  target: string,
  { pagesPerHost, origin }: Pick<LargeSiteOptions, 'pagesPerHost' | 'origin'>,
): Reply | undefined {
  const at = origin(host)
  const urls = Array.from({ length: pagesPerHost }, (_, n) => n).filter((n) => inSitemapOnly(character, n))
  const listed = (rest: number): readonly string[] => urls.filter((_, i) => i % 2 === rest).map((n) => at + pathOf(character.language, n))
  const schema = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
  switch (target) {
    case '/sitemap-index.xml':
      return {
        headers: { 'Content-Type': 'application/xml' },
        body: `<sitemapindex ${schema}><sitemap><loc>${at}/sitemap-1.xml.gz</loc></sitemap><sitemap><loc>${at}/sitemap-2.txt</loc></sitemap></sitemapindex>`,
      }
    case '/sitemap-1.xml.gz':
      return {
        headers: { 'Content-Type': 'application/gzip' },
        body: gzipSync(
          `<?xml version="1.0"?><urlset ${schema}>${listed(0)
            .map((url) => `<url><loc>${url}</loc></url>`)
            .join('')}</urlset>`,
        ),
      }
    case '/sitemap-2.txt':
      return plain(listed(1).join('\n'))
    default:
      return undefined
  }
}

function plain(body: string): Reply {
  return { headers: { 'Content-Type': 'text/plain' }, body }
}

function expected(character: Character, pagesPerHost: number): readonly string[] {
  const { rules, reached, language, more } = character
  if (!reached || rules === 'all') return []
  const numbered = Array.from({ length: pagesPerHost }, (_, n) => n)
  const open =
    rules === 'none' ? ['/secret/a', ...numbered.filter((n) => !inSitemapOnly(character, n)).flatMap((n) => disallowedLinks(character, n))] : []
  return [...numbered.map((n) => pathOf(language, n)), '/secret/open', ...open, ...more].sort()
}
