import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { loadCrawl } from '../../src/config/crawl-file.ts'
import { crawl } from '../../src/crawl/crawl.ts'
import type { CrawlReport } from '../../src/crawl/tally.ts'
import { runPython } from '../python.ts'
import { root } from '../quern.ts'
import { type HostScript, serveSite, type Site } from './site/site.ts'

/** Hosts that are gone when the test is over. */
export async function site(...scripts: readonly HostScript[]): Promise<Site> {
  const served = await serveSite(scripts)
  onTestFinished(() => served.close())
  return served
}

export async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'quern-crawl-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

/** Writes `crawl.yaml` for a crawl of loopback hosts without a floor; returns its path. */
export async function crawlFile(at: string, seeds: readonly string[], more: Readonly<Record<string, unknown>> = {}): Promise<string> {
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
  return file
}

export async function run(at: string, seeds: readonly string[], more: Readonly<Record<string, unknown>> = {}): Promise<CrawlReport> {
  return runFile(await crawlFile(at, seeds, more))
}

/** In this process: the site's servers live in it too, and must not wait for a crawl that waits for them. */
export async function runFile(file: string): Promise<CrawlReport> {
  return crawl(await loadCrawl(file), { signal: new AbortController().signal, status: () => undefined })
}

export interface Command {
  readonly child: ChildProcess
  readonly ended: Promise<{ readonly status: number | null; readonly out: string; readonly err: string }>
}

/** `quern crawl` in a process of its own, which can be killed. */
export function startCrawl(file: string): Command {
  const child = spawn(process.execPath, [join(root, 'bin/quern.mjs'), 'crawl', file, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  return { child, ended: new Promise((resolve) => child.once('close', (status) => resolve({ status, out, err }))) }
}

export interface WarcRecord {
  readonly type: string
  readonly url: string
  readonly status: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Every record of some files as warcio reads them, digests checked. */
export function warcRecords(files: readonly string[]): readonly WarcRecord[] {
  if (files.length === 0) return []
  const script = `
import sys, json
from warcio.archiveiterator import ArchiveIterator
for path in sys.argv[1:]:
    with open(path, 'rb') as file:
        for record in ArchiveIterator(file, check_digests='raise'):
            body = record.content_stream().read().decode('utf-8', 'replace')
            status = record.http_headers.get_statuscode() if record.http_headers and record.rec_type != 'request' else ''
            print(json.dumps({'type': record.rec_type, 'url': record.rec_headers.get_header('WARC-Target-URI') or '', 'status': status, 'headers': dict(record.rec_headers.headers), 'body': body}))
`
  return runPython(script, files)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as WarcRecord)
}

/** Paths of answers in the pages' files of a report, sorted, with their status. */
export function answers(at: string, { warcs }: CrawlReport): readonly string[] {
  return warcRecords(warcs.map((key) => join(at, 'out', key)))
    .filter(({ type }) => type === 'response')
    .map(({ url, status }) => `${status} ${new URL(url).pathname}${new URL(url).search}`)
    .sort()
}

/** Shortest time between two requests that a host saw, in milliseconds. */
export function shortestGap({ seen }: Site, host: string): number {
  const times = seen.filter((one) => one.host === host).map(({ at }) => at)
  return Math.min(...times.slice(1).map((at, i) => at - times[i]!))
}
