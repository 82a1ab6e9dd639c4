import { expect, test } from 'vitest'
import { statusLine } from '../../src/cli/crawl-status.ts'
import { loadCrawl } from '../../src/config/crawl-file.ts'
import { crawl, type CrawlState } from '../../src/crawl/crawl.ts'
import { crawlFile, folder, run, shortestGap, site } from './crawling.ts'
import { type HostScript, page } from './site/site.ts'

const isAboutHost = (target: string): boolean => target === '/robots.txt' || target === '/.well-known/tdmrep.json'

const ten: HostScript = (target) => {
  if (target === '/')
    return page(
      'home',
      Array.from({ length: 9 }, (_, i) => `/${i}`),
    )
  return /^\/\d$/.test(target) ? page(target, []) : undefined
}

test('no host sees two requests closer than the floor', async () => {
  const served = await site(ten, ten)
  await run(await folder(), [served.origin(1), served.origin(2)], { politeness: { floor: '60ms', factor: 0 } })
  expect(served.seen).toHaveLength(24)
  // The server's clock starts when it reads the request; the crawler's pause, when it has the answer.
  for (const host of ['127.0.0.1', '127.0.0.2']) expect(shortestGap(served, host)).toBeGreaterThanOrEqual(59)
})

test('Crawl-delay is kept; a longer one than the cap leaves the host, by name', async () => {
  const asking =
    (seconds: string): HostScript =>
    (target, request) =>
      target === '/robots.txt'
        ? { headers: { 'Content-Type': 'text/plain' }, body: `User-agent: QuernBot\nCrawl-delay: ${seconds}\n` }
        : ten(target, request)
  const served = await site(asking('0.1'), asking('100'))
  const report = await run(await folder(), [served.origin(1), served.origin(2)])
  expect(shortestGap(served, '127.0.0.1')).toBeGreaterThanOrEqual(99)
  expect(served.seen.filter(({ host }) => host === '127.0.0.2').map(({ target }) => target)).toEqual(['/robots.txt'])
  expect(report.denied).toEqual({ 'crawl-delay': 1 })
  expect(Object.values(report.left)).toEqual(['crawl-delay'])
})

test('a host that asks for time gets it, in both forms, and loses no page', async () => {
  let asked = 0
  const refusing =
    (header: () => string): HostScript =>
    (target, request) =>
      target === '/1' && asked++ < 2 ? { status: asked % 2 === 0 ? 429 : 503, headers: { 'Retry-After': header() } } : ten(target, request)
  const served = await site(refusing(() => (asked === 1 ? '1' : new Date(Date.now() + 2500).toUTCString())))
  const report = await run(await folder(), [served.origin(1)])
  expect(report).toMatchObject({ fetched: 10, failed: {} })
  const times = served.seen.filter(({ target }) => target === '/1').map(({ at }) => at)
  expect(times).toHaveLength(3)
  const after = (at: number): number => Math.min(...served.seen.filter((one) => one.at > at).map((one) => one.at)) - at
  expect(after(times[0]!)).toBeGreaterThanOrEqual(999)
  // A date has whole seconds: of 2.5 at least 1.5 are left.
  expect(after(times[1]!)).toBeGreaterThanOrEqual(1400)
}, 20_000)

test('a slow host holds no other, and hosts of one address share its pauses', async () => {
  const slow: HostScript = (target, request) => {
    const reply = ten(target, request)
    return reply === undefined ? undefined : { ...reply, after: 150 }
  }
  const served = await site(slow, ten)
  await run(await folder(), [served.origin(1), served.origin(2)])
  const last = (host: string): number => Math.max(...served.seen.filter((one) => one.host === host).map(({ at }) => at))
  const second = served.seen.filter(({ host }) => host === '127.0.0.1').toSorted((a, b) => a.at - b.at)
  expect(last('127.0.0.2')).toBeLessThan(second.at(-4)!.at)
  // Two names, one address.
  const shared = await site(ten)
  const seeds = [`http://one.localhost:${new URL(shared.origin(1)).port}/`, `http://two.localhost:${new URL(shared.origin(1)).port}/`]
  await run(await folder(), seeds, { politeness: { floor: '40ms', factor: 0 } })
  expect(shared.seen).toHaveLength(24)
  expect(shortestGap(shared, '127.0.0.1')).toBeGreaterThanOrEqual(39)
}, 20_000)

test('a host without an answer to robots.txt is not crawled; one without the file is', async () => {
  const served = await site(
    (target, request) => (target === '/robots.txt' ? { status: 500 } : ten(target, request)),
    (target, request) => (target === '/robots.txt' ? { status: 403 } : ten(target, request)),
    (target, request) => (target === '/robots.txt' ? { status: 301, headers: { Location: '/robots.txt' } } : ten(target, request)),
  )
  const report = await run(await folder(), [1, 2, 3].map(served.origin))
  const pages = (host: string): number => served.seen.filter((one) => one.host === host && !isAboutHost(one.target)).length
  expect([pages('127.0.0.1'), pages('127.0.0.2'), pages('127.0.0.3')]).toEqual([0, 10, 10])
  expect(served.seen.filter(({ host, target }) => host === '127.0.0.3' && target === '/robots.txt')).toHaveLength(6)
  expect(report.denied).toEqual({ 'robots-unreachable': 1 })
})

test('a robots.txt that redirects to a host that is never idle gets its turn there', async () => {
  const pages = 80
  const busy: HostScript = (target) => {
    if (target === '/robots.txt') return { headers: { 'Content-Type': 'text/plain' }, body: 'User-agent: *\nDisallow: /3$\n' }
    const n = target === '/' ? 0 : Number(target.slice(1))
    return Number.isInteger(n) && n < pages ? { ...page(target, [`/${n + 1}`, `/${n + 2}`]), after: 20 } : undefined
  }
  let origin = ''
  const lent: HostScript = (target, request) => {
    // Not before the other one is at work.
    if (target === '/robots.txt') return { status: 301, headers: { Location: `${origin}/robots.txt` }, after: 200 }
    return ten(target, request)
  }
  const served = await site(busy, lent)
  origin = served.origin(1)
  const report = await run(await folder(), [served.origin(1), served.origin(2)], {
    politeness: { floor: '0ms', cap: '100ms' },
    limits: { seconds: 0.5 },
  })
  expect(report.left).toEqual({})
  expect(report.denied).toEqual({ robots: 2 })
  const first = served.seen.filter(({ host }) => host === '127.0.0.1').toSorted((a, b) => a.at - b.at)
  expect(first.filter(({ at }, i) => i > 0 && at < first[i - 1]!.ended)).toEqual([])
}, 20_000)

test('the status says who waits for what until when', async () => {
  let refused = false
  const served = await site(
    (target, request) => {
      if (target !== '/3' || refused) return ten(target, request)
      refused = true
      return { status: 503, headers: { 'Retry-After': '2' } }
    },
    (target) =>
      target === '/robots.txt'
        ? { headers: { 'Content-Type': 'text/plain' }, body: 'User-agent: *\nCrawl-delay: 1.2\n' }
        : target === '/'
          ? page('x', ['/a'])
          : undefined,
    (target) => (target === '/' ? page('x', ['/cut']) : target === '/cut' ? { cut: true } : undefined),
  )
  const states: CrawlState[] = []
  const file = await crawlFile(await folder(), [1, 2, 3].map(served.origin))
  await crawl(await loadCrawl(file), { signal: new AbortController().signal, status: (state) => states.push(state) })
  const waits = states.flatMap(({ next }) => next)
  const of = (n: number) => waits.filter(({ host }) => host.startsWith(`127.0.0.${n}:`) && waits.length > 0)
  const refusal = of(1).find(({ why }) => why === 'it answered 503')!
  expect(refusal.milliseconds).toBeGreaterThan(1000)
  expect(refusal.milliseconds).toBeLessThanOrEqual(2000)
  expect(of(2).some(({ why, milliseconds }) => why === 'Crawl-delay' && milliseconds > 500)).toBe(true)
  expect(states.some(({ retryIn }) => retryIn !== undefined && retryIn > 500)).toBe(true)
  const line = { fetched: 1200, waitingHosts: 3, underWay: 1, seconds: 60, retryIn: 4000 }
  const next = [
    { host: 'quick.example', milliseconds: 20, why: '' },
    { host: 'a.example', milliseconds: 12_000, why: 'it answered 503' },
  ]
  expect(statusLine({ ...line, next })).toBe(
    '1,200 fetched, 20.0/s, 1 under way, 3 hosts waiting: a.example in 12 s (it answered 503), failed addresses again in 4 s',
  )
  expect(statusLine({ ...line, underWay: 0, next, retryIn: undefined })).toContain('quick.example in 20 ms, a.example in 12 s')
}, 20_000)
