import type { ChildProcess } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startQuern } from '../quern.ts'
import { crawlFile, folder, runFile, warcRecords } from './crawling.ts'
import { type LargeSite, largeSite } from './site/large-site.ts'
import { serveSite } from './site/site.ts'

/** 20 and more by hand; a few are enough to see a frontier and files that do not agree. */
const kills = Number(process.env['QUERN_TEST_KILLS'] ?? '4')
const hosts = 5
const pagesPerHost = 60

test(`the same pages after ${kills} kills, each answered page once`, async () => {
  let port = 0
  const large: LargeSite = largeSite({ hosts, pagesPerHost, slow: 20, port: () => port })
  const served = await serveSite(large.scripts)
  port = Number(new URL(served.origin(1)).port)
  try {
    const at = await folder()
    const seeds = Array.from({ length: hosts }, (_, i) => served.origin(i + 1))
    const file = await crawlFile(at, seeds, { politeness: { floor: '10ms', factor: 0 }, warc: { bytes: '200KiB' } })
    for (let i = 0; i < kills; i++) {
      const before = served.seen.length
      const child = startQuern(['crawl', file])
      // Until it has begun, then a moment that is another one each time.
      while (served.seen.length < before + 3 && child.exitCode === null) await sleep(5)
      await sleep((i * 37) % 150)
      await killed(child)
    }
    const report = await runFile(file)
    expect(report.ended).toBe('done')
    const files = readdirSync(join(at, 'out', 'warc')).map((name) => join(at, 'out', 'warc', name))
    const pages = warcRecords(files).filter(({ type, status }) => type === 'response' && status === '200')
    const expected = seeds.flatMap((seed, i) => large.expected(i + 1).map((path) => `${seed}${path}`)).sort()
    const calendar = (url: string): boolean => url.includes('/calendar/')
    expect(
      pages
        .map(({ url }) => url)
        .filter((url) => !calendar(url))
        .sort(),
    ).toEqual(expected)
    expect(served.seen.filter(({ target }) => target.startsWith('/secret') && target !== '/secret/open')).toEqual([])
    // What a killed process had asked for and not yet read is asked for once more: at most one request a host and kill.
    const asked = new Map<string, number>()
    for (const { host, target, status } of served.seen)
      if (status === 200 && target !== '/robots.txt') asked.set(`${host}${target}`, (asked.get(`${host}${target}`) ?? 0) + 1)
    const twice = [...asked.values()].reduce((sum, n) => sum + n - 1, 0)
    expect(twice).toBeLessThanOrEqual(kills * hosts)
  } finally {
    await served.close()
  }
}, 240_000)

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}
