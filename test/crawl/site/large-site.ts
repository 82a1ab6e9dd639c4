import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { type HostScript, page, type Reply } from './site.ts'

export interface LargeSite {
  readonly scripts: readonly HostScript[]
  /** Paths of a host (from 1) that must be fetched and answer 200. */
  readonly expected: (host: number) => readonly string[]
}

export interface LargeSiteOptions {
  readonly hosts: number
  readonly pagesPerHost: number
  /** Milliseconds that each answer of the slow host takes. */
  readonly slow?: number
  /** The port that links across hosts use. */
  readonly port: () => number
}

/**
 * Hosts with pages that link to one another, a part that only a sitemap names, redirections and their loops, pages that
 * robots.txt disallows, pages that fail once or for good, and a trap. Host 2 is slow.
 */
export function largeSite({ hosts, pagesPerHost, slow = 0, port }: LargeSiteOptions): LargeSite {
  const inSitemapOnly = (n: number): boolean => n % 10 === 9
  const path = (n: number): string => (n === 0 ? '/' : `/section-${n % 7}/page-${n}`)
  const scripts = Array.from({ length: hosts }, (_, i): HostScript => {
    const host = i + 1
    const failedOnce = new Set<string>()
    const name = `127.0.0.${host}`
    const plain = { 'Content-Type': 'text/plain' }
    return (target): Reply | undefined => {
      const after = host === 2 && slow > 0 ? { after: slow } : {}
      if (target === '/robots.txt')
        return {
          headers: plain,
          body: `User-agent: *\nDisallow: /secret\nAllow: /secret/open$\n\nSitemap: http://${name}:${port()}/sitemap-index.xml\n`,
        }
      if (target === '/sitemap-index.xml')
        return xml(
          `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>http://${name}:${port()}/sitemap.xml.gz</loc></sitemap></sitemapindex>`,
        )
      if (target === '/sitemap.xml.gz') {
        const urls = Array.from({ length: pagesPerHost }, (_, n) => n)
          .filter(inSitemapOnly)
          .map((n) => `<url><loc>http://${name}:${port()}${path(n)}</loc></url>`)
        const body = `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${urls.join('')}</urlset>`
        return { headers: { 'Content-Type': 'application/gzip' }, body: gzipSync(body) }
      }
      if (target.startsWith('/secret')) return page(`secret ${target}`, [])
      if (target === '/moved') return { status: 302, headers: { Location: path(3) } }
      if (target === '/loop-a') return { status: 301, headers: { Location: '/loop-b' } }
      if (target === '/loop-b') return { status: 301, headers: { Location: '/loop-a' } }
      if (target === '/broken') return { status: 500 }
      if (target.startsWith('/calendar/')) {
        const [, , year = '2020', month = '1'] = target.split('/')
        const next = Number(month) === 12 ? `/calendar/${Number(year) + 1}/1` : `/calendar/${year}/${Number(month) + 1}`
        return page(`calendar ${target}`, [next])
      }
      const n = target === '/' ? 0 : Number(/^\/section-\d\/page-(\d+)$/.exec(target)?.[1] ?? '-1')
      if (n < 0 || n >= pagesPerHost || path(n) !== target) return undefined
      if (n % 97 === 13 && !failedOnce.has(target)) {
        failedOnce.add(target)
        return { status: 500 }
      }
      const links = [2 * n + 1, 2 * n + 2, 2 * n + 3].filter((to) => to < pagesPerHost && !inSitemapOnly(to)).map(path)
      if (inSitemapOnly(n)) links.length = 0
      if (n === 0) links.push('/moved', '/loop-a', '/broken', '/gone', '/secret/a', '/secret/open', '/calendar/2025/1')
      if (n % 50 === 1) links.push(`http://127.0.0.${((i + 1) % hosts) + 1}:${port()}/`, `/secret/${n}`)
      return { ...page(`${name} ${n}`, links), ...after }
    }
  })
  // A page is reached by links when all its ancestors are, or by the sitemap.
  const reached = new Set<number>()
  const visit = (n: number): void => {
    if (n >= pagesPerHost || reached.has(n)) return
    reached.add(n)
    if (!inSitemapOnly(n)) for (const to of [2 * n + 1, 2 * n + 2, 2 * n + 3]) if (!inSitemapOnly(to)) visit(to)
  }
  visit(0)
  for (let n = 9; n < pagesPerHost; n += 10) reached.add(n)
  const expected = [...[...reached].map(path), '/secret/open'].sort()
  return { scripts, expected: () => expected }
}

function xml(body: string): Reply {
  return { headers: { 'Content-Type': 'application/xml', ETag: `"${createHash('md5').update(body).digest('hex')}"` }, body }
}
