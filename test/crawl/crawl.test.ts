import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { loadCrawl } from '../../src/config/crawl-file.ts'
import { crawl } from '../../src/crawl/crawl.ts'
import type { CrawlReport } from '../../src/crawl/tally.ts'
import { runPython } from '../python.ts'
import { type HostScript, page, serveSite, type Site } from './site/site.ts'

const after: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const undo of after.splice(0).toReversed()) await undo()
})

async function site(...scripts: readonly HostScript[]): Promise<Site> {
  const served = await serveSite(scripts)
  after.push(() => served.close())
  return served
}

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'quern-crawl-'))
  after.push(() => rm(made, { recursive: true, force: true }))
  return made
}

async function run(at: string, seeds: readonly string[], more: Readonly<Record<string, unknown>> = {}): Promise<CrawlReport> {
  const file = join(at, 'crawl.yaml')
  const config = {
    name: 'test',
    agent: { name: 'QuernBot', contact: 'crawl@example.org' },
    seeds,
    politeness: { floor: '0ms' },
    private: ['127.0.0.0/8'],
    out: 'out',
    ...more,
  }
  await writeFile(file, JSON.stringify(config))
  return crawl(await loadCrawl(file), { signal: new AbortController().signal, status: () => undefined })
}

/** Type and address of every record, as warcio reads them, digests checked. */
function records(at: string, report: CrawlReport): readonly { readonly type: string; readonly url: string; readonly status: string }[] {
  const script = `
import sys, json
from warcio.archiveiterator import ArchiveIterator
for path in sys.argv[1:]:
    with open(path, 'rb') as file:
        for record in ArchiveIterator(file, check_digests='raise'):
            record.content_stream().read()
            print(json.dumps({'type': record.rec_type, 'url': record.rec_headers.get_header('WARC-Target-URI') or '', 'status': record.http_headers.get_statuscode() if record.http_headers else ''}))
`
  const printed = runPython(
    script,
    report.warcs.map((key) => join(at, 'out', key)),
  )
  return printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as never)
}

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
  expect(targets).toEqual(['/', '/a', '/b', '/c/', '/c/d?x=1', '/gone', '/moved', '/robots.txt', '/target'])
  const responses = records(at, report).filter(({ type }) => type === 'response')
  expect(responses.map(({ url, status }) => `${status} ${url.slice(served.origin(1).length)}`).sort()).toEqual([
    ...['200 /', '200 /a', '200 /b', '200 /c/', '200 /c/d?x=1', '200 /target', '301 /moved', '404 /gone'],
  ])
  const again = await run(at, [`${served.origin(1)}/`])
  expect(again).toMatchObject({ fetched: 0, unchanged: 0, warcs: [], ended: 'done' })
})
