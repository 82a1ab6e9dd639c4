import { gzipSync } from 'node:zlib'
import { chance, type SiteLanguage } from './page-text.ts'
import type { HostScript, Reply } from './site.ts'

/** What makes a host of the large site different from the others. */
export interface Character {
  /** In robots.txt, as it counts by RFC 9309: `usual` disallows some, `all` everything, `none` nothing. */
  readonly rules: 'usual' | 'all' | 'none'
  /** Whether its pages can be had at all; of a host that dies on the way nobody knows which. */
  readonly reached: boolean
  /** Some of its pages stand in its sitemap only. */
  readonly sitemap: boolean
  readonly language: SiteLanguage
  /** Answers before anything else does; `undefined` leaves it to the others. */
  readonly routes: HostScript
  /** Further links of the first page. */
  readonly links: readonly string[]
  /** Pages besides the numbered ones that are to be had. */
  readonly more: readonly string[]
  /** What becomes of the answer of a numbered page. */
  readonly change: (reply: Reply, n: number, target: string) => Reply
  /** What becomes of a link inside of the host. */
  readonly link: (link: string, target: string) => string
}

export interface CharacterOptions {
  readonly origin: (host: number) => string
  readonly path: (n: number) => string
  readonly pages: number
  readonly seed: number
  /** Milliseconds that each answer of the slow hosts takes. */
  readonly slow: number
}

export const usualRules = [
  'User-agent: *',
  'Disallow: /secret',
  'Allow: /secret/open$',
  'Disallow: /*print=',
  'Disallow: /*.pdf$',
  '',
  'Content-Signal: ai-train=yes',
  '',
].join('\n')

/** What the usual rules disallow, told without a matcher. */
export function isUsuallyDisallowed(target: string): boolean {
  return (target.startsWith('/secret') && target !== '/secret/open') || target.includes('print=') || target.endsWith('.pdf')
}

const text = (body: string): Reply => ({ headers: { 'Content-Type': 'text/plain' }, body })
const to = (location: string, status = 302): Reply => ({ status, headers: { Location: location } })
const robots =
  (answer: () => Reply): HostScript =>
  (target) =>
    target === '/robots.txt' ? answer() : undefined

/** Hosts from 1 to 28; each call gives them as they are before anybody has asked. */
export function characters(options: CharacterOptions): readonly Character[] {
  const { origin, path, pages, seed, slow } = options
  const plain: Character = {
    rules: 'usual',
    reached: true,
    sitemap: false,
    language: 'en',
    routes: () => undefined,
    links: [],
    more: [],
    change: (reply) => reply,
    link: (link) => link,
  }
  const host = (changes: Partial<Character>): Character => ({ ...plain, ...changes })
  const slowly = (reply: Reply): Reply => ({ ...reply, after: slow })
  return [
    plain,
    host({ change: slowly }),
    host({ rules: 'none', routes: robots(() => ({ status: 404 })) }),
    host({ rules: 'all', reached: false, routes: robots(() => ({ status: 503 })) }),
    host({ rules: 'all', reached: false, routes: robots(() => text('User-agent: *\nDisallow: /\n')) }),
    // The rules for others disallow everything, those for the crawlers of the benches do not.
    host({
      routes: robots(() => text(`User-agent: *\nDisallow: /\n\n${usualRules.replace('*', 'QuernBot\nUser-agent: Wget\nUser-agent: Scrapy')}`)),
    }),
    host({ routes: robots(() => text(`${usualRules}Crawl-delay: ${crawlDelay / 1000}\n`)) }),
    host({
      routes: (target) =>
        target === '/robots.txt'
          ? to('/rules/one', 301)
          : target === '/rules/one'
            ? to('/rules/two.txt')
            : target === '/rules/two.txt'
              ? text(usualRules)
              : undefined,
    }),
    host({ routes: robots(() => to(`${origin(1)}/robots.txt`)) }),
    host({ routes: robots(() => text(`\uFEFF# for machines\r\n${usualRules.replaceAll('\n', '\r\n')}`)) }),
    host({ rules: 'none', routes: robots(() => to('/robots.txt')) }),
    host({ sitemap: true }),
    host({ sitemap: true, language: 'mt' }),
    host({ sitemap: true, language: 'ru', change: slowly }),
    host({ language: 'el' }),
    host({ language: 'de', change: encoded }),
    redirecting(host, options),
    host({ links: ['/calendar/2025/1'], routes: calendar }),
    host({ link: (link, target) => withSession(link, target, seed) }),
    host({ links: ['/list?a=0&b=0'], routes: (target) => list(target, Math.ceil(Math.sqrt(pages * 0.9))) }),
    host({ links: ['/endless/'], routes: (target) => (target.startsWith('/endless/') ? html(['again/']) : undefined) }),
    host({
      links: ['/broken', '/gone', '/forbidden'],
      routes: (target) => (target === '/broken' ? { status: 500 } : target === '/forbidden' ? { status: 403 } : undefined),
    }),
    host({ change: refusing(pages, () => ({ status: 429, headers: { 'Retry-After': '1' } })) }),
    host({ change: refusing(pages, () => ({ status: 503, headers: { 'Retry-After': new Date(Date.now() + 2000).toUTCString() } })) }),
    host({
      links: ['/large', '/bomb'],
      more: ['/large'],
      routes: (target) => (target === '/large' ? large(path) : target === '/bomb' ? bomb() : undefined),
    }),
    host({ links: ['/cut', '/cut-once'], more: ['/cut-once'], routes: cutting() }),
    host({ reached: false, routes: dying() }),
    host({ reached: false, routes: () => ({ dead: true }) }),
  ]
}

const dyingHost = 27

/** Whether nobody says that an address is to be had: it is in a part without an end, or on the host that dies on the way. */
export function isOptional({ hostname, pathname }: URL): boolean {
  return hostname === `127.0.0.${dyingHost}` || /^\/(?:calendar|list|endless)(?:\/|$)/.test(pathname)
}

/** Milliseconds that host 7 asks for. */
export const crawlDelay = 30
export const crawlDelayHost = 7

function html(links: readonly string[]): Reply {
  return { body: `<html><body>${links.map((link) => `<a href="${link}">${link}</a>`).join(' ')}</body></html>` }
}

/** To pages that nothing else leads to, in chains, in circles, into what is disallowed, to another host and to where nobody may go. */
function redirecting(host: (changes: Partial<Character>) => Character, { origin }: CharacterOptions): Character {
  const moved: Readonly<Record<string, Reply>> = {
    '/moved': to('/only/by-redirect'),
    '/moved-1': to('moved-2', 301),
    '/moved-2': to('/moved-3', 308),
    '/moved-3': to('/only/by-three', 303),
    '/loop-a': to('/loop-b', 301),
    '/loop-b': to('/loop-a', 301),
    '/loop': to('/loop'),
    '/to-secret': to('/secret/behind-redirect'),
    '/to-other': to(`${origin(1)}/`),
    '/to-private': to('http://0.0.0.0:1/'),
    '/to-nowhere': { status: 302 },
    '/only/by-redirect': html(['/']),
    '/only/by-three': html(['/only/by-link']),
    '/only/by-link': html(['/moved']),
    '/only/by-refresh': html([]),
    '/refreshed': { body: '<meta http-equiv="refresh" content="0; url=/only/by-refresh">' },
  }
  return host({
    links: ['/moved', '/moved-1', '/loop-a', '/loop', '/to-secret', '/to-other', '/to-private', '/to-nowhere', '/refreshed'],
    more: ['/only/by-redirect', '/only/by-three', '/only/by-link', '/only/by-refresh', '/refreshed'],
    routes: (target) => moved[target],
  })
}

function calendar(target: string): Reply | undefined {
  const [, word, year = '', month = ''] = target.split('/')
  if (word !== 'calendar') return undefined
  return html([Number(month) === 12 ? `/calendar/${Number(year) + 1}/1` : `/calendar/${year}/${Number(month) + 1}`])
}

const session = /[?&]PHPSESSID=[0-9a-f]+|;jsessionid=[0-9A-F]+/g

/** A page that is asked for without a session begins one, and its links carry it on: who takes them for other pages has the host twice. */
function withSession(link: string, target: string, seed: number): string {
  const known = target.match(session)?.[0]
  if (known?.startsWith(';') === true) return `${link}${known}`
  if (known !== undefined) return `${link}${link.includes('?') ? '&' : '?'}${known.slice(1)}`
  const id = chance(seed, target).toString(16).padStart(8, '0')
  return id.startsWith('0') ? `${link};jsessionid=${id.toUpperCase()}` : `${link}${link.includes('?') ? '&' : '?'}PHPSESSID=${id}`
}

export function withoutSession(target: string): string {
  return target.replace(session, '')
}

/** As many addresses as a side has numbers, squared, all of one path. */
function list(target: string, side: number): Reply | undefined {
  const found = /^\/list\?a=(\d+)&b=(\d+)$/.exec(target)
  if (found === null) return undefined
  const [a, b] = [Number(found[1]), Number(found[2])]
  return html([...(a + 1 < side ? [`/list?a=${a + 1}&amp;b=${b}`] : []), ...(b + 1 < side ? [`/list?a=${a}&amp;b=${b + 1}`] : [])])
}

/** Each second page in gzip. */
function encoded(reply: Reply, n: number): Reply {
  return n % 2 === 0 ? reply : { ...reply, headers: { ...reply.headers, 'Content-Encoding': 'gzip' }, body: gzipSync(reply.body ?? '', { level: 1 }) }
}

/** Two pages are refused when they are first asked for. */
function refusing(pages: number, refusal: () => Reply): Character['change'] {
  const left = new Set([5, pages >> 1])
  return (reply, n) => (left.delete(n) ? refusal() : reply)
}

/** 3 MiB, its links at the beginning. */
function large(path: (n: number) => string): Reply {
  return { body: `<html><body><a href="${path(0)}">home</a>${'<p>large page '.repeat(240_000)}</body></html>` }
}

function bomb(): Reply {
  return { headers: { 'Content-Type': 'text/html', 'Content-Encoding': 'gzip' }, body: gzipSync(Buffer.alloc(64 << 20)) }
}

function cutting(): HostScript {
  let once = false
  return (target) => {
    if (target === '/cut') return { cut: true }
    if (target !== '/cut-once') return undefined
    if (once) return html([])
    once = true
    return { cut: true }
  }
}

/** After 30 answers it is gone. */
function dying(): HostScript {
  let answers = 0
  return () => (answers++ < 30 ? undefined : { dead: true })
}
