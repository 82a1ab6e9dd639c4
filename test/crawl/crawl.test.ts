import { gzipSync } from 'node:zlib'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { answers, folder, run, site, warcRecords } from './crawling.ts'
import { type HostScript, page } from './site/site.ts'

const linked: HostScript = (target) => {
  if (target === '/robots.txt') return { headers: { 'Content-Type': 'text/plain' }, body: 'User-agent: *\nDisallow: /private/\n' }
  if (target === '/') return page('home', ['/a', '/b', 'c/', '/private/x', '/moved', '/gone', '/a#part', 'https://elsewhere.example/'])
  if (target === '/a' || target === '/b') return page(target, ['/', '/a', '/b'])
  if (target === '/c/') return page('c', ['../a', 'd?x=1&PHPSESSID=0123'])
  if (target === '/c/d?x=1') return page('d', [])
  if (target === '/moved') return { status: 301, headers: { Location: '/target' } }
  if (target === '/target') return page('target', ['/moved'])
  return undefined
}

test('fetches every page in scope once, and none that robots.txt disallows', async () => {
  const served = await site(linked)
  const at = await folder()
  const report = await run(at, [`${served.origin(1)}/`])
  expect(report).toMatchObject({ fetched: 6, redirected: 1, denied: { robots: 1 }, failed: { 'http-404': 1 }, hosts: 1, ended: 'done' })
  const targets = served.seen.map(({ target }) => target).sort()
  expect(targets).toEqual(['/', '/.well-known/tdmrep.json', '/a', '/b', '/c/', '/c/d?x=1', '/gone', '/moved', '/robots.txt', '/target'])
  expect(answers(at, report)).toEqual(['200 /', '200 /a', '200 /b', '200 /c/', '200 /c/d?x=1', '200 /target', '301 /moved', '404 /gone'])
  const again = await run(at, [`${served.origin(1)}/`])
  expect(again).toMatchObject({ fetched: 0, unchanged: 0, warcs: [], ended: 'done' })
})

test('each answer is a request, a response and a metadata record, and robots.txt lies apart', async () => {
  const served = await site((target) => (target === '/' ? page('home', []) : undefined))
  const at = await folder()
  const report = await run(at, [`${served.origin(1)}/`])
  const records = warcRecords(report.warcs.map((key) => join(at, 'out', key)))
  expect(records.map(({ type }) => type)).toEqual(['warcinfo', 'request', 'response', 'metadata'])
  const [info, request, response, metadata] = records
  expect(info!.body).toContain('http-header-user-agent: QuernBot/0.1 (crawl@example.org)')
  expect(request!.headers['WARC-Concurrent-To']).toBe(response!.headers['WARC-Record-ID'])
  expect(metadata!.headers['WARC-Concurrent-To']).toBe(response!.headers['WARC-Record-ID'])
  expect(response!.headers['WARC-IP-Address']).toBe('127.0.0.1')
  expect(served.seen[0]!.headers['user-agent']).toBe('QuernBot/0.1 (crawl@example.org)')
  const evidence = warcRecords(report.evidence.map((key) => join(at, 'out', key)))
  expect(evidence.filter(({ type }) => type === 'response').map(({ url }) => new URL(url).pathname)).toEqual([
    '/robots.txt',
    '/.well-known/tdmrep.json',
  ])
})

test('what is said of rights stands in the metadata, with what the policy makes of it', async () => {
  const served = await site((target) => {
    if (target === '/robots.txt') return { headers: { 'Content-Type': 'text/plain' }, body: 'User-agent: GPTBot\nDisallow: /a\n' }
    if (target === '/') return { ...page('home', ['/a']), headers: { 'tdm-reservation': '1' } }
    return target === '/a' ? page('a', []) : undefined
  })
  const at = await folder()
  const report = await run(at, [`${served.origin(1)}/`])
  const said = warcRecords(report.warcs.map((key) => join(at, 'out', key)))
    .filter(({ type }) => type === 'metadata')
    .map(({ body }) => body)
  expect(said).toHaveLength(2)
  expect(said[0]).toContain('rights-signals: [{"protocol":"robots"')
  expect(said[0]).toContain('"protocol":"tdmrep","place":"header"')
  expect(said[0]).toMatch(/rights-decision: deny\r\nrights-policy: default@/)
  expect(report.fetched).toBe(2)
  expect(Object.entries(report.denied).filter(([reason]) => reason.startsWith('rights/'))).toEqual([
    ['rights/tdmrep', 1],
    ['rights/robots', 1],
  ])
})

test('sitemaps and feeds lead to pages that nothing links to', async () => {
  const xml = { 'Content-Type': 'application/xml' }
  const served = await site((target) => {
    if (target === '/robots.txt') return { headers: { 'Content-Type': 'text/plain' }, body: 'Sitemap: /index.xml\n' }
    if (target === '/index.xml') return { headers: xml, body: '<sitemapindex><sitemap><loc>/pages.xml.gz</loc></sitemap></sitemapindex>' }
    if (target === '/pages.xml.gz')
      return {
        headers: { 'Content-Type': 'application/x-gzip' },
        body: gzipSync('<urlset><url><loc>/one?a=1&amp;b=2</loc></url><url><loc><![CDATA[/two]]></loc></url></urlset>'),
      }
    if (target === '/') return { body: '<link rel="alternate" type="application/rss+xml" href="/feed">' }
    if (target === '/feed') return { headers: xml, body: '<rss><channel><link>/</link><item><link>/three</link></item></channel></rss>' }
    return ['/one?a=1&b=2', '/two', '/three'].includes(target) ? page(target, []) : undefined
  })
  const at = await folder()
  const report = await run(at, [`${served.origin(1)}/`])
  expect(answers(at, report)).toEqual(['200 /', '200 /one?a=1&b=2', '200 /three', '200 /two'])
  expect(report.fetched).toBe(7)
})

test('visits again what is due: 304 and equal content are revisits, changed content is not', async () => {
  let visits = 0
  const served = await site((target, request) => {
    if (target === '/') return page('home', ['/tagged', '/same', '/changing'])
    if (target === '/tagged')
      return request.headers['if-none-match'] === '"x"' ? { status: 304 } : { ...page('tagged', []), headers: { ETag: '"x"' } }
    if (target === '/same') return page('same', [])
    return target === '/changing' ? page(`changing ${visits++}`, []) : undefined
  })
  const at = await folder()
  const schedule = { first: '0ms', least: '0ms', most: '1d' }
  const seeds = [`${served.origin(1)}/`]
  const first = await run(at, seeds, { schedule })
  expect(first).toMatchObject({ fetched: 4, unchanged: 0 })
  const second = await run(at, seeds, { schedule })
  expect(second).toMatchObject({ unchanged: 3 })
  const revisits = warcRecords(second.warcs.map((key) => join(at, 'out', key))).filter(({ type }) => type === 'revisit')
  expect(revisits.map(({ url, headers }) => `${new URL(url).pathname} ${headers['WARC-Profile']!.split('/').at(-1)}`).sort()).toEqual([
    '/ identical-payload-digest',
    '/same identical-payload-digest',
    '/tagged server-not-modified',
  ])
  expect(revisits.every(({ headers }) => headers['WARC-Refers-To'] !== undefined && headers['WARC-Refers-To-Date'] !== undefined)).toBe(true)
  expect(answers(at, second)).toEqual(['200 /changing'])
})

test('answers that are too large are cut and marked; ones that unpack to too much are not kept', async () => {
  const served = await site((target) => {
    if (target === '/') return page('home', ['/large', '/large-gzip', '/larger-gzip', '/bomb', '/cut'])
    if (target === '/large') return { body: `<p>${'large '.repeat(20_000)}` }
    const numbers = Array.from({ length: 20_000 }, (_, i) => `${(i * 7919) % 104_729} `).join('')
    if (target === '/large-gzip') return { headers: { 'Content-Encoding': 'gzip' }, body: gzipSync(numbers.slice(0, 30_000)) }
    if (target === '/larger-gzip') return { headers: { 'Content-Encoding': 'gzip' }, body: gzipSync(numbers) }
    if (target === '/bomb') return { headers: { 'Content-Encoding': 'gzip' }, body: gzipSync(Buffer.alloc(8 << 20)) }
    return target === '/cut' ? { cut: true } : undefined
  })
  const at = await folder()
  const report = await run(at, [`${served.origin(1)}/`], { limits: { bytes: 20_000 } })
  expect(report.failed).toEqual({ 'too-large': 2, 'decompression-ratio': 1, 'cut-off': 1 })
  const again = await run(await folder(), [`${served.origin(1)}/bomb`])
  expect(again).toMatchObject({ failed: { 'decompression-ratio': 1 }, warcs: [] })
  const large = warcRecords(report.warcs.map((key) => join(at, 'out', key))).find(({ type, url }) => type === 'response' && url.endsWith('/large'))
  expect(large!.headers['WARC-Truncated']).toBe('length')
  expect(large!.body).toHaveLength(20_000)
}, 20_000)

test('an answer that takes too long and a chain of redirections end by name, and hold nothing else', async () => {
  const served = await site((target) => {
    if (target === '/') return page('home', ['/slow', '/hop/0', '/a'])
    if (target === '/slow') return { ...page('slow', []), after: 1500 }
    const [, hop] = /^\/hop\/(\d+)$/.exec(target) ?? []
    return hop === undefined ? (target === '/a' ? page('a', []) : undefined) : { status: 302, headers: { Location: `/hop/${Number(hop) + 1}` } }
  })
  const report = await run(await folder(), [`${served.origin(1)}/`], { limits: { seconds: 0.5, redirects: 3 } })
  expect(report).toMatchObject({ fetched: 2, redirected: 3, failed: { timeout: 1, 'too-many-redirects': 1 } })
  expect(served.seen.filter(({ target }) => target.startsWith('/hop/')).map(({ target }) => target)).toEqual(['/hop/0', '/hop/1', '/hop/2', '/hop/3'])
}, 20_000)

test('traps are named by host, and not followed', async () => {
  const served = await site((target) => {
    const [, , year, month] = target.split('/')
    if (target === '/') return page('home', ['/calendar/2026/1', '/loop/', '/search?q=0'])
    if (target.startsWith('/calendar/'))
      return page(target, [`/calendar/${Number(month) === 12 ? Number(year) + 1 : year}/${(Number(month) % 12) + 1}`])
    if (target.startsWith('/loop/')) return page(target, ['again/'])
    return target.startsWith('/search')
      ? page(
          target,
          Array.from({ length: 40 }, (_, i) => `${target}${i}`),
        )
      : undefined
  })
  const report = await run(await folder(), [`${served.origin(1)}/`], { scope: { depth: 60 } })
  const [host] = Object.keys(report.traps)
  expect(Object.keys(report.traps[host!]!).sort()).toEqual(['calendar', 'query-explosion', 'repeating-path'])
  expect(served.seen.length).toBeLessThan(700)
}, 60_000)
