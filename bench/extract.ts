import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { rowText, textColumn } from '../src/core/batch.ts'
import { extractPages } from '../src/native/html.ts'
import { runPeerScript } from './peers/python.ts'
import type { Bench } from './run.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const limits = { maxHtmlBytes: 16 * 2 ** 20, maxControlShare: 0.02 }

interface Score {
  readonly f1: number
  readonly precision: number
  readonly recall: number
}

interface Peers {
  readonly speed: Readonly<Record<string, number>>
  readonly 'article-extraction-benchmark'?: Readonly<Record<string, Score>>
  readonly trafilatura?: Readonly<Record<string, Score>>
}

const bench: Bench = {
  name: 'extract',
  summary: 'Pages to their main content, one core each: ours, trafilatura, resiliparse, readability-lxml.',
  async measure({ input, sets, say }) {
    const work = mkdtempSync(join(tmpdir(), 'quern-bench-'))
    try {
      const pages = pagesOf(resolve(input ?? join(root, 'data-samples/debian-docs.warc.gz')))
      mkdirSync(join(work, 'pages'))
      pages.forEach((page, i) => writeFileSync(join(work, 'pages', String(i).padStart(6, '0')), page))
      say(`ours, ${pages.length} pages`)
      const speed = pagesASecond(pages)
      const args = [join(work, 'pages')]
      if (sets !== undefined) {
        const folder = resolve(sets)
        say('ours on the public sets')
        writeFileSync(join(work, 'ours.json'), JSON.stringify(textsOf(folder)))
        args.push(folder, join(work, 'ours.json'))
      }
      say('the peers')
      const peers = runPeerScript<Peers>('extract', 'extract.py', args)
      const scores = (name: string): object => ({
        articleExtractionBenchmark: peers['article-extraction-benchmark']?.[name],
        trafilaturaSet: peers.trafilatura?.[name],
      })
      return {
        input: { pages: pages.length, bytes: pages.reduce((sum, page) => sum + page.byteLength, 0) },
        ours: { pagesPerSecond: speed, ...scores('ours') },
        peers: Object.fromEntries(Object.entries(peers.speed).map(([name, rate]) => [name, { pagesPerSecond: rate, ...scores(name) }])),
        ratio: Object.fromEntries(Object.entries(peers.speed).map(([name, rate]) => [name, speed / rate])),
      }
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  },
}

export default bench

/** The bodies of all HTML responses of an archive; samples are small enough to be read whole. */
function pagesOf(archive: string): Buffer[] {
  const bytes = gunzipSync(readFileSync(archive))
  const pages: Buffer[] = []
  let at = 0
  while (at < bytes.byteLength) {
    const end = bytes.indexOf('\r\n\r\n', at)
    if (end < 0) break
    const head = bytes.toString('latin1', at, end)
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
    const block = bytes.subarray(end + 4, end + 4 + length)
    const body = block.indexOf('\r\n\r\n')
    if (
      /^warc-type: *response/im.test(head) &&
      body >= 0 &&
      /^content-type: *(text\/html|application\/xhtml)/im.test(block.toString('latin1', 0, body))
    )
      pages.push(block.subarray(body + 4))
    at = end + 4 + length + 4
  }
  return pages
}

function extract(pages: readonly Buffer[]): ReturnType<typeof extractPages> {
  const offsets = new Int32Array(pages.length + 1)
  pages.forEach((page, i) => {
    offsets[i + 1] = (offsets[i] ?? 0) + page.byteLength
  })
  const empty = textColumn(pages.map(() => ''))
  return extractPages({ payload: { type: 'binary', values: Buffer.concat(pages), offsets }, contentType: empty, url: empty, text: undefined }, limits)
}

/** CPU time of at least two seconds of work; the first pass warms up. */
function pagesASecond(pages: readonly Buffer[]): number {
  extract(pages)
  const started = process.cpuUsage()
  let [passes, seconds] = [0, 0]
  while (seconds < 2) {
    extract(pages)
    passes += 1
    seconds = process.cpuUsage(started).user / 1e6
  }
  return (passes * pages.length) / seconds
}

/** Ours on every page of the sets, by path below their folder. */
function textsOf(sets: string): Record<string, string> {
  const folders = ['article-extraction-benchmark/html', 'trafilatura/tests/cache', 'trafilatura/tests/eval']
  const missing = folders.filter((folder) => !existsSync(join(sets, folder)))
  if (missing.length > 0)
    throw new Error(
      `${sets} has no ${missing.join(', ')}. Clone both sets there: git clone https://github.com/scrapinghub/article-extraction-benchmark; git clone https://github.com/adbar/trafilatura`,
    )
  const files = folders.flatMap((folder) => readdirSync(join(sets, folder)).map((name) => join(sets, folder, name)))
  const texts: Record<string, string> = {}
  for (const file of files) {
    const bytes = readFileSync(file)
    texts[relative(sets, file)] = rowText(extract([file.endsWith('.gz') ? gunzipSync(bytes) : bytes]).text, 0)
  }
  return texts
}
