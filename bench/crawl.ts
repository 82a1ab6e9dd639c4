import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { fileURLToPath } from 'node:url'
import { peerPython } from './peers/python.ts'
import type { Bench } from './run.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const hosts = 28
const defaultPagesPerHost = 1072

interface Measured {
  readonly requests: number
  readonly pages: number
  readonly disallowed: number
  readonly seconds: number
  readonly pagesPerSecond: number
}

const bench: Bench = {
  name: 'crawl',
  summary:
    'A site of about 30,000 pages on 28 loopback hosts, server on the same machine: quern crawl, wget, Scrapy, all with robots.txt and into WARC where they can.',
  async measure({ input, say }) {
    const pagesPerHost = input === undefined ? defaultPagesPerHost : Number(input)
    const work = mkdtempSync(join(tmpdir(), 'quern-bench-'))
    try {
      say('quern crawl')
      const ours = await onSite(pagesPerHost, (origins) => {
        const file = join(work, 'crawl.yaml')
        const config = {
          name: 'bench',
          agent: { name: 'QuernBot', contact: 'crawl@example.org' },
          seeds: origins,
          politeness: { floor: '0ms' },
          private: ['127.0.0.0/8'],
          out: 'out',
        }
        writeFileSync(file, JSON.stringify(config))
        return [process.execPath, join(root, 'bin/quern.mjs'), 'crawl', file, '--json']
      })
      const peers: Record<string, Measured> = {}
      say('wget')
      peers['wget'] = await onSite(pagesPerHost, (origins) => {
        const domains = origins.map((origin) => new URL(origin).hostname).join(',')
        const place = ['-P', join(work, 'wget'), `--warc-file=${join(work, 'wget')}`, '--delete-after']
        return ['wget', '-q', '-r', '-l', 'inf', '-H', '-D', domains, '--tries=2', ...place, ...origins]
      })
      const python = peerPython('crawl')
      say('scrapy')
      peers['scrapy'] = await onSite(pagesPerHost, (origins) => {
        const spider = join(work, 'spider.py')
        writeFileSync(spider, spiderOf(origins))
        return [python, '-m', 'scrapy', 'runspider', '-L', 'ERROR', spider]
      })
      const ratio = Object.fromEntries(Object.entries(peers).map(([name, peer]) => [name, ours.pagesPerSecond / peer.pagesPerSecond]))
      return { input: { hosts, pages: ours.expected }, ours: { ...ours }, peers: peers as never, ratio }
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  },
}

export default bench

/** A fresh site, so that nobody meets what another has warmed; counts are the server's. */
async function onSite(
  pagesPerHost: number,
  command: (origins: readonly string[]) => readonly string[],
): Promise<Measured & { readonly expected: number }> {
  const server = spawn(process.execPath, [join(root, 'test/crawl/site/serve.ts'), String(hosts), String(pagesPerHost)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
  try {
    const { port, pages: expected } = JSON.parse((await lines.next()).value as string) as { port: number; pages: number }
    const [program = '', ...args] = command(Array.from({ length: hosts }, (_, i) => `http://127.0.0.${i + 1}:${port}/`))
    const started = performance.now()
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    await once(child, 'exit')
    const seconds = (performance.now() - started) / 1000
    server.kill('SIGTERM')
    const seen = JSON.parse((await lines.next()).value as string) as { requests: number; pages: number; disallowed: number }
    return { ...seen, seconds, pagesPerSecond: seen.pages / seconds, expected }
  } finally {
    server.kill('SIGKILL')
  }
}

/** Its fastest settings that still obey robots.txt; it parses links with its own extractor and writes nothing. */
function spiderOf(origins: readonly string[]): string {
  return `
from scrapy.spiders import CrawlSpider, Rule
from scrapy.linkextractors import LinkExtractor

class Site(CrawlSpider):
    name = 'site'
    start_urls = ${JSON.stringify(origins)}
    custom_settings = {'ROBOTSTXT_OBEY': True, 'CONCURRENT_REQUESTS': 128, 'CONCURRENT_REQUESTS_PER_DOMAIN': 1, 'DOWNLOAD_DELAY': 0, 'DEPTH_LIMIT': 60, 'TELNETCONSOLE_ENABLED': False, 'COOKIES_ENABLED': False}
    rules = [Rule(LinkExtractor(deny=['/calendar/20[3-9]']), callback='page', follow=True)]

    def page(self, response):
        pass
`
}
