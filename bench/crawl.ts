import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { LogAudit } from '../test/crawl/site/audit-log.ts'
import { largeSiteHosts } from '../test/crawl/site/large-site.ts'
import { peerPython } from './peers/python.ts'
import type { Bench } from './run.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const rounds = Number(process.env['QUERN_BENCH_ROUNDS'] ?? 3)
const slowMilliseconds = 25
const depth = 20

interface Measured {
  readonly seconds: number
  readonly cpuSeconds: number
  /** Of the largest process. */
  readonly peakMiB: number
  /** Of the site's process, meanwhile. */
  readonly serverCpuSeconds: number
  readonly requests: number
  /** Pages that were to be had, and of them the ones that were had. */
  readonly expected: number
  readonly pages: number
  readonly missed: number
  /** Requests for what robots.txt disallows, for pages that had been answered, and before a host's Crawl-delay or Retry-After was over. */
  readonly disallowed: number
  readonly repeated: number
  readonly tooSoon: number
  readonly pagesPerSecond: number
  readonly pagesPerCpuSecond: number
}

const bench: Bench = {
  name: 'crawl',
  summary: `28 hosts on loopback, served by a process of its own: quern crawl, wget and Scrapy in turns, no floor, depth ${depth}, all into WARC; medians. --input: pages, 30,000 by default.`,
  async measure({ input, say }) {
    const pages = Number(input ?? 30_000)
    const work = mkdtempSync(join(tmpdir(), 'quern-bench-'))
    const site = await startSite(Math.round(pages / largeSiteHosts))
    const wget = wgetPath()
    const python = peerPython('crawl')
    const all: Record<string, Measured[]> = { ours: [], wget: [], scrapy: [] }
    try {
      for (let round = 0; round < rounds; round++)
        for (const [name, command] of [
          ['ours', ours(work, site.origins)],
          ['wget', wgets(wget, work, site.origins)],
          ['scrapy', [python, join(root, 'bench/peers/crawl_scrapy.py'), join(work, 'scrapy.warc.gz'), String(depth), ...site.origins]],
        ] as const) {
          const used = await measured(command, work, site)
          all[name]?.push(used)
          say(`${name}: ${JSON.stringify(used)}`)
          for (const made of readdirSync(work)) rmSync(join(work, made), { recursive: true, force: true })
        }
    } finally {
      site.stop()
      rmSync(work, { recursive: true, force: true })
    }
    const [mine, ...peers] = Object.entries(all).map(([name, runs]) => [name, medians(runs)] as const)
    const ratios = peers.flatMap(([name, peer]) => [
      [name, mine![1].pagesPerSecond / peer.pagesPerSecond] as const,
      [`${name}, CPU`, mine![1].pagesPerCpuSecond / peer.pagesPerCpuSecond] as const,
    ])
    return {
      input: { hosts: largeSiteHosts, pages, rounds, slowMilliseconds },
      ours: { ...mine![1] },
      peers: Object.fromEntries(peers.map(([name, peer]) => [name, { ...peer }])),
      ratio: Object.fromEntries(ratios),
    }
  },
}

export default bench

function ours(work: string, origins: readonly string[]): readonly string[] {
  const file = join(work, 'crawl.yaml')
  const config = {
    name: 'bench',
    agent: { name: 'QuernBot', contact: 'crawl@example.org' },
    seeds: origins,
    scope: { depth },
    politeness: { floor: '0ms' },
    limits: { bytes: '2MiB' },
    private: ['127.0.0.0/8'],
    out: 'out',
  }
  writeFileSync(file, JSON.stringify(config))
  return [process.execPath, join(root, 'bin/quern.mjs'), 'crawl', file, '--json']
}

/** One process a host, all at once: a single one asks one host after the other, and what several of its seeds lead to several times. It reads no sitemaps. */
function wgets(wget: string, work: string, origins: readonly string[]): readonly string[] {
  const options = '-q -T 10 -r -l "$depth" --tries=2 --waitretry=0 --retry-on-http-error=429,500,503 --no-warc-keep-log --delete-after'
  const script = `wget=$1 work=$2 depth=$3; shift 3; n=0
for origin in "$@"; do n=$((n + 1)); "$wget" ${options} --warc-file="$work/$n" -P "$work/$n" "$origin" & done; wait`
  return ['sh', '-c', script, 'sh', wget, work, String(depth), ...origins]
}

/** Debian's, of the system, or unpacked into a folder of the bench's own once. */
function wgetPath(): string {
  if (spawnSync('wget', ['--version']).status === 0) return 'wget'
  const cache = join(root, '.cache/bench/crawl-wget')
  const path = join(cache, 'usr/bin/wget')
  if (existsSync(path)) return path
  mkdirSync(cache, { recursive: true })
  execFileSync('apt-get', ['download', 'wget'], { cwd: cache, stdio: 'inherit' })
  const [file] = readdirSync(cache).filter((name) => name.endsWith('.deb'))
  execFileSync('dpkg-deb', ['-x', join(cache, file ?? ''), cache])
  return path
}

interface ServedSite {
  readonly origins: readonly string[]
  /** What the log says since the last call; the next crawler meets a site that nobody has asked. */
  log(): Promise<LogAudit & { readonly cpu: number }>
  stop(): void
}

async function startSite(pagesPerHost: number): Promise<ServedSite> {
  const serve = join(root, 'test/crawl/site/serve.ts')
  const child = spawn(process.execPath, [serve, String(pagesPerHost), String(slowMilliseconds), '0'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async <T>(): Promise<T> => {
    const line = await lines.next()
    if (line.done === true) throw new Error('the site ended')
    return JSON.parse(line.value) as T
  }
  const { port } = await next<{ port: number }>()
  return {
    origins: Array.from({ length: largeSiteHosts }, (_, i) => `http://127.0.0.${i + 1}:${port}/`),
    async log() {
      child.stdin.write('\n')
      return next()
    },
    stop: () => void child.kill('SIGKILL'),
  }
}

/** GNU time tells of a program that is not ours, too. */
async function measured(command: readonly string[], work: string, site: ServedSite): Promise<Measured> {
  const report = join(work, 'time.txt')
  const started = performance.now()
  // Exit statuses say that some pages failed, as they should.
  const child = spawn('/usr/bin/time', ['-q', '-f', '%U %S %M', '-o', report, ...command], { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] })
  await once(child, 'close')
  const seconds = (performance.now() - started) / 1000
  const [user = NaN, system = NaN, kilobytes = NaN] = readFileSync(report, 'utf8').trim().split(' ').map(Number)
  const { requests, expected, pages, missed, disallowed, repeated, tooSoon, cpu } = await site.log()
  return {
    seconds,
    cpuSeconds: user + system,
    peakMiB: kilobytes / 1024,
    serverCpuSeconds: cpu,
    requests,
    expected,
    pages,
    missed: missed.n,
    disallowed: disallowed.n,
    repeated: repeated.n,
    tooSoon: tooSoon.n,
    pagesPerSecond: pages / seconds,
    pagesPerCpuSecond: pages / (user + system),
  }
}

function medians(runs: readonly Measured[]): Measured {
  const names = Object.keys(runs[0] ?? {}) as (keyof Measured)[]
  return Object.fromEntries(names.map((name) => [name, runs.map((run) => run[name]).sort((a, b) => a - b)[runs.length >> 1]])) as unknown as Measured
}
