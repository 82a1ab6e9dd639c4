import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type Answer, FetchFailure } from '../../src/crawl/fetch.ts'
import { openLicenceFiles } from '../../src/crawl/licence-files.ts'
import type { StoredRobots } from '../../src/crawl/robots-files.ts'
import { folder, run, shortestGap, site, warcRecords } from './crawling.ts'
import { type HostScript, page, type Reply } from './site/site.ts'

const rsl = (terms: string, url = '/'): Reply => ({
  headers: { 'Content-Type': 'application/rsl+xml' },
  body: `<?xml version="1.0"?><rsl xmlns="https://rslstandard.org/rsl"><content url="${url}"><license>${terms}</license></content></rsl>`,
})
const forbids = rsl('<prohibits type="usage">ai-train</prohibits>')
const plain = { 'Content-Type': 'text/plain' }

test('the terms that robots.txt, header and page name are fetched once, kept as evidence, and obeyed', async () => {
  const host: HostScript = (target) => {
    if (target === '/robots.txt') return { headers: plain, body: 'License: /terms/site.xml\nUser-agent: *\nDisallow: /terms/secret.xml\n' }
    if (target === '/terms/site.xml') return rsl('<prohibits type="usage">ai-train</prohibits>', '/paid/')
    if (target === '/terms/moved.xml') return { status: 301, headers: { Location: '/terms/page.xml' } }
    if (target === '/terms/page.xml' || target === '/terms/secret.xml') return forbids
    if (target === '/') return page('home', ['/paid/a', '/paid/b', '/header', '/page', '/secret'])
    if (target.startsWith('/paid/')) return page(target, [])
    if (target === '/header') return { ...page(target, []), headers: { Link: '</terms/moved.xml>; rel="license"; type="application/rsl+xml"' } }
    if (target === '/secret') return { ...page(target, []), headers: { Link: '</terms/secret.xml>; rel="license"; type="application/rsl+xml"' } }
    return target === '/page'
      ? { body: '<html><head><link rel="license" type="application/rsl+xml" href="terms/page.xml"></head><p>Mine.' }
      : undefined
  }
  const served = await site(host)
  const at = await folder()
  const report = await run(at, [`${served.origin(1)}/`])
  expect(report).toMatchObject({ fetched: 6, denied: { 'rights/rsl': 4 } })
  const asked = served.seen.map(({ target }) => target).filter((target) => target.startsWith('/terms/'))
  expect(asked.sort()).toEqual(['/terms/moved.xml', '/terms/page.xml', '/terms/page.xml', '/terms/site.xml'])
  const said = warcRecords(report.warcs.map((key) => join(at, 'out', key))).filter(({ type }) => type === 'metadata')
  const of = (path: string): string => said.find(({ url }) => url.endsWith(path))!.body
  expect(of('/paid/b')).toMatch(/^rights-reason: rsl: ai-train \(robots.txt: http:.*\/terms\/site.xml: prohibits ai-train\)\r$/m)
  expect(of('/header')).toContain('rights-denied: rsl')
  // A document that nobody may fetch says nothing; that it is named is kept.
  expect(of('/secret')).toMatch(/"protocol":"rsl".*\r\nrights-decision: unknown/)
  const evidence = warcRecords(report.evidence.map((key) => join(at, 'out', key)))
  expect(evidence.filter(({ type, url, status }) => type === 'response' && status === '200' && url.includes('/terms/'))).toHaveLength(3)
})

test('a document on another host is asked for by that host’s rules and pauses, once for all who name it', async () => {
  const names =
    (port: () => string): HostScript =>
    (target) => {
      if (target === '/robots.txt') return { headers: plain, body: `License: ${port()}/terms.xml\n` }
      return target === '/' ? page('home', ['/a']) : target === '/a' ? page('a', []) : undefined
    }
  let origin = ''
  const of = names(() => origin)
  const served = await site(of, of, of, (target) =>
    target === '/robots.txt' ? { headers: plain, body: 'User-agent: *\nDisallow: /x\n' } : target === '/terms.xml' ? forbids : undefined,
  )
  origin = served.origin(4)
  const report = await run(
    await folder(),
    [1, 2, 3].map((n) => served.origin(n)),
    { politeness: { floor: '60ms', factor: 0 } },
  )
  expect(report).toMatchObject({ fetched: 6, denied: { 'rights/rsl': 6 } })
  expect(served.seen.filter(({ host }) => host === '127.0.0.4').map(({ target }) => target)).toEqual(['/robots.txt', '/terms.xml'])
  expect(shortestGap(served, '127.0.0.4')).toBeGreaterThan(55)
  for (const n of [1, 2, 3]) expect(shortestGap(served, `127.0.0.${n}`)).toBeGreaterThan(55)
})

test('a document that is not there is asked for again after a day, one that cannot be had now after an hour', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const stored = new Map<string, StoredRobots>()
  const store = {
    robots: (address: string) => stored.get(address),
    saveRobots: (address: string, fetched: number, until: number, outcome: string, body: Uint8Array | null) =>
      void stored.set(address, { fetched, until, outcome, body }),
  }
  const answers: Readonly<Record<string, () => Partial<Answer>>> = {
    '/gone': () => ({ status: 404, headers: {} }),
    '/busy': () => ({ status: 503, headers: {} }),
    '/lost': () => {
      throw new FetchFailure('timeout', 'no answer', 1)
    },
    '/there': () => ({ status: 200, headers: {}, body: Buffer.from('<rsl/>') }),
    '/loop': () => ({ status: 302, headers: { location: '/loop' } }),
  }
  const asked: string[] = []
  const ways = {
    allowed: ({ pathname }: URL) => Promise.resolve(pathname !== '/forbidden'),
    ask: ({ pathname }: URL) => {
      asked.push(pathname)
      return Promise.resolve().then(() => answers[pathname]!() as Answer)
    },
    content: ({ body }: Answer) => body,
  }
  const paths = [...Object.keys(answers), '/forbidden']
  const licences = openLicenceFiles(store)
  for (const path of paths) await licences.fetch(`http://a.example${path}`, 'a.example', ways)
  const known = (from: typeof licences): string[] => paths.filter((path) => from.asked(`http://a.example${path}`))
  expect(asked).toEqual(['/gone', '/busy', '/lost', '/there', '/loop', '/loop', '/loop', '/loop'])
  expect(known(licences)).toEqual(paths)
  expect(Buffer.from(licences.known('http://a.example/there')!).toString()).toBe('<rsl/>')
  vi.advanceTimersByTime(3601e3)
  // The same for a crawl that begins then.
  for (const one of [licences, openLicenceFiles(store)]) expect(known(one)).toEqual(['/gone', '/there', '/loop', '/forbidden'])
  vi.advanceTimersByTime(24 * 3600e3)
  expect(known(licences)).toEqual([])
  // So many of one host, and no more.
  for (let i = 0; i < 100; i++) await licences.fetch(`http://b.example/gone?${i}`, 'b.example', ways)
  expect(asked.filter((path) => path === '/gone')).toHaveLength(51)
})
