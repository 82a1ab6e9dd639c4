import { join } from 'node:path'
import { expect, test } from 'vitest'
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
