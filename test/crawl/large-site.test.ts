import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { CrawlReport } from '../../src/crawl/tally.ts'
import { crawlFile, folder, shortestGap, site, startCrawl, warcRecords } from './crawling.ts'
import { auditLog, type LogAudit } from './site/audit-log.ts'
import { isOptional } from './site/characters.ts'
import { type LargeSite, largeSite, largeSiteHosts } from './site/large-site.ts'
import { chance } from './site/page-text.ts'
import { page, serveSite, type Site } from './site/site.ts'

/** 30,000 pages and 20 kills by hand; fewer are enough to see a frontier and files that do not agree. */
const pages = Number(process.env['QUERN_TEST_PAGES'] ?? '1500')
const kills = Number(process.env['QUERN_TEST_KILLS'] ?? '3')
const floor = 10
const longest = 120_000 + pages * 30 + kills * 10_000

interface Served {
  readonly served: Site
  readonly large: LargeSite
  readonly at: string
  readonly file: string
}

async function serveLarge(): Promise<Served> {
  let port = 0
  const large = largeSite({ pagesPerHost: Math.round(pages / largeSiteHosts), slow: 20, seed: 1, origin: (host) => `http://127.0.0.${host}:${port}` })
  const served = await serveSite(large.scripts)
  onTestFinished(() => served.close())
  port = Number(new URL(served.origin(1)).port)
  const at = await folder()
  const seeds = Array.from({ length: largeSiteHosts }, (_, i) => served.origin(i + 1))
  const file = await crawlFile(at, seeds, {
    politeness: { floor: `${floor}ms`, factor: 0, cap: '2s' },
    limits: { bytes: '2MiB' },
    warc: { bytes: `${Math.ceil(pages / 10)}KiB` },
  })
  return { served, large, at, file }
}

/** Addresses of the pages that lie in the files, sorted; those that may be there or not apart. */
function kept(at: string): readonly string[] {
  const files = readdirSync(join(at, 'out', 'warc')).map((name) => join(at, 'out', 'warc', name))
  return warcRecords(files)
    .filter(({ type, status, url }) => type === 'response' && status === '200' && !isOptional(new URL(url)))
    .map(({ url }) => url)
    .sort()
}

function wanted({ served, large }: Served): readonly string[] {
  return Array.from({ length: largeSiteHosts }, (_, i) => large.expected(i + 1).map((target) => served.origin(i + 1) + target))
    .flat()
    .sort()
}

const nothing = { n: 0, first: [] }
function lawful({ disallowed, overlapping, tooSoon, missed }: LogAudit): void {
  expect({ disallowed, overlapping, tooSoon, missed }).toEqual({ disallowed: nothing, overlapping: nothing, tooSoon: nothing, missed: nothing })
}

test(
  `${pages} pages on ${largeSiteHosts} hosts: every allowed one once, no other, none too soon`,
  async () => {
    const all = await serveLarge()
    const { status, out, err } = await startCrawl(all.file).ended
    expect(status, err).toBe(0)
    const report = JSON.parse(out) as CrawlReport
    const audit = auditLog(all.served.seen, all.large, floor)
    lawful(audit)
    expect(audit.repeated).toEqual(nothing)
    expect(kept(all.at)).toEqual(wanted(all))
    expect(report.ended).toBe('done')
    const port = new URL(all.served.origin(1)).port
    const named = (byHost: Readonly<Record<string, unknown>>): Record<string, unknown> =>
      Object.fromEntries(Object.entries(byHost).map(([name, value]) => [name.replace('127.0.0.', '').replace(`:${port}`, ''), value]))
    expect(named(report.left)).toEqual({ 4: 'robots-unreachable', 27: 'host-failing', 28: 'robots-unreachable' })
    expect(Object.keys(named(report.traps))).toEqual(expect.arrayContaining(['21']))
    expect(report.failed).toMatchObject({ 'decompression-ratio': 1, 'http-500': 1, 'http-403': 1, 'cut-off': 1 })
    process.stdout.write(`${audit.pages} pages, ${audit.requests} requests, ${report.seconds} s\n`)
  },
  longest,
)

test(
  `the same pages after ${kills} kills, each answered page once`,
  async () => {
    const all = await serveLarge()
    const { seen } = all.served
    for (let i = 0; i < kills; i++) {
      const before = seen.length
      const { child, ended } = startCrawl(all.file)
      // Until it has begun, then a moment that is another one each time.
      while (seen.length < before + 3 && child.exitCode === null) await sleep(5)
      await sleep(chance('kill', i) % Math.max(200, pages / 8))
      child.kill('SIGKILL')
      await ended
    }
    const { status, err } = await startCrawl(all.file).ended
    expect(status, err).toBe(0)
    const audit = auditLog(seen, all.large, floor)
    lawful(audit)
    expect(kept(all.at)).toEqual(wanted(all))
    // What a killed process had asked for and not yet read is asked for once more: at most one request a host and kill.
    expect(audit.repeated.n).toBeLessThanOrEqual(kills * largeSiteHosts)
    process.stdout.write(`${audit.pages} pages, ${audit.requests} requests, ${audit.repeated.n} of them again after ${kills} kills\n`)
  },
  longest,
)

test('a crawl that was killed in the middle of a request lets the host rest before the next', async () => {
  const delay = 2500
  const served = await site((target) => {
    if (target === '/robots.txt') return { headers: { 'Content-Type': 'text/plain' }, body: `User-agent: *\nCrawl-delay: ${delay / 1000}\n` }
    return target === '/' ? page('home', ['/1']) : target === '/1' ? page('1', []) : undefined
  })
  const file = await crawlFile(await folder(), [`${served.origin(1)}/`])
  const { child, ended } = startCrawl(file)
  while (!served.seen.some(({ target }) => target === '/')) await sleep(2)
  child.kill('SIGKILL')
  await ended
  expect((await startCrawl(file).ended).status).toBe(0)
  expect(served.seen.map(({ target }) => target)).toContain('/1')
  expect(shortestGap(served, '127.0.0.1')).toBeGreaterThanOrEqual(delay - 1)
}, 60_000)
