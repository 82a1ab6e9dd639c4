import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { CrawlReport } from '../../src/crawl/tally.ts'
import { quern } from '../quern.ts'
import { answers, crawlFile, folder, runFile, site, startCrawl } from './crawling.ts'
import { type HostScript, page } from './site/site.ts'

/** The third page takes as long as it is told. */
const third =
  (after: number): HostScript =>
  (target) => {
    if (target === '/') return page('home', ['/1', '/2', '/3', '/4'])
    if (!/^\/\d$/.test(target)) return undefined
    return { ...page(target, []), ...(pagesOf(target) === 3 ? { after } : {}) }
  }
let asked: string[] = []
function pagesOf(target: string): number {
  if (!asked.includes(target)) asked.push(target)
  return asked.indexOf(target) + 1
}

/** Runs a crawl until the third page is asked for, then sends signals; milliseconds count from the first. */
async function stopped(file: string, signals: readonly NodeJS.Signals[]) {
  asked = []
  const { child, ended } = startCrawl(file)
  while (asked.length < 3 && child.exitCode === null) await sleep(5)
  const began = performance.now()
  for (const signal of signals) {
    child.kill(signal)
    await sleep(600)
  }
  return { ...(await ended), milliseconds: performance.now() - began }
}

test('a stopped crawl ends what is under way, finishes its files, and says how to go on', async () => {
  const served = await site(third(1000))
  const at = await folder()
  const file = await crawlFile(at, [`${served.origin(1)}/`])
  const first = await stopped(file, ['SIGTERM'])
  expect(first.status).toBe(143)
  expect(first.err).toContain(`the same command goes on from here: quern crawl ${file}`)
  const report = JSON.parse(first.out) as CrawlReport
  expect(report).toMatchObject({ ended: 'interrupted', fetched: 4 })
  expect(answers(at, report)).toHaveLength(4)
  expect(readdirSync(join(at, 'out/unfinished/pages'))).toEqual([])
  const second = await runFile(file)
  expect(second).toMatchObject({ ended: 'done', fetched: 1 })
  expect(served.seen.filter(({ target }) => /^\/\d?$/.test(target))).toHaveLength(5)
}, 30_000)

test('an answer that does not come is not waited for; its address is asked for next time', async () => {
  const served = await site(third(25_000))
  const at = await folder()
  const file = await crawlFile(at, [`${served.origin(1)}/`])
  const first = await stopped(file, ['SIGINT'])
  expect(first.status).toBe(130)
  expect(first.milliseconds).toBeLessThan(15_000)
  const report = JSON.parse(first.out) as CrawlReport
  expect(report).toMatchObject({ ended: 'interrupted', fetched: 3, failed: {} })
  const [, , late] = asked
  asked = [late!]
  expect(await runFile(file)).toMatchObject({ ended: 'done', fetched: 2, failed: {} })
}, 60_000)

test('a second signal stops at once, and nothing is lost by it', async () => {
  const served = await site(third(25_000))
  const at = await folder()
  const file = await crawlFile(at, [`${served.origin(1)}/`])
  const first = await stopped(file, ['SIGINT', 'SIGINT'])
  expect(first).toMatchObject({ status: 130, out: '' })
  expect(first.milliseconds).toBeLessThan(4000)
  expect(readdirSync(join(at, 'out/unfinished/pages'))).toHaveLength(1)
  const [, , late] = asked
  asked = [late!]
  const report = await runFile(file)
  expect(report).toMatchObject({ ended: 'done', fetched: 2 })
  expect(answers(at, report)).toHaveLength(5)
}, 60_000)

test('a crawl that reached nobody does not say that there is nothing new', async () => {
  const at = await folder()
  const ran = quern(['crawl', await crawlFile(at, ['http://127.0.0.1:9/'])])
  expect(ran.out).toMatch(/^nothing was fetched: what was asked for was denied or failed\n/)
  expect(ran.out).toMatch(/Denied\n {2}robots-unreachable +1\n/)
  expect(ran.out).not.toContain('nothing new')
}, 60_000)
