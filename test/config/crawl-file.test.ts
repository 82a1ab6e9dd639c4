import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadCrawl } from '../../src/config/crawl-file.ts'
import { root } from '../quern.ts'

async function file(text: string): Promise<string> {
  const at = await mkdtemp(join(tmpdir(), 'quern-crawl-file-'))
  onTestFinished(() => rm(at, { recursive: true, force: true }))
  await writeFile(join(at, 'crawl.yaml'), text)
  return join(at, 'crawl.yaml')
}

const least = 'name: x\nagent: { name: Bot, contact: a@example.org }\nseeds: [example.org]\nout: out\n'

test('the crawl file of the guide loads', async () => {
  const crawl = await loadCrawl(join(root, 'pipelines/gazette-crawl.yaml'))
  expect(crawl.config.budget).toMatchObject({ pages: 50_000, bytes: 2 * 2 ** 30, seconds: 3600 })
  expect(crawl.policy.id).toMatch(/^default@/)
})

test('a host is a seed, and what is left out has a value', async () => {
  const crawl = await loadCrawl(await file(least))
  expect(crawl.seeds.map(({ href }) => href)).toEqual(['http://example.org/'])
  expect(crawl.config.politeness).toMatchObject({ floor: 1000, cap: 30_000, 'per-address': true })
})

test.each([
  ['agent: { name: Bot, contact: a@example.org }', 'agent: { name: Bot }', /crawl\.yaml:2:8 agent\.contact: is missing/],
  ['seeds: [example.org]', 'seeds: ["ftp://example.org"]', /crawl\.yaml:3:9 seeds\.0: ftp:\/\/example\.org is no address of the web/],
  ['out: out', 'out: out\npoliteness: { floor: 0ms }', /crawl\.yaml:5:22 politeness\.floor: under 100ms is for private addresses only/],
  ['out: out', 'out: out\npoliteness: { per-address: false }', /crawl\.yaml:5:28 politeness\.per-address: false is for private/],
  ['out: out', 'out: out\nprivate: [localhost]', /crawl\.yaml:5:11 private\.0: localhost is no range/],
  ['out: out', 'out: out\nscope: { withn: host }', /crawl\.yaml:5:10 scope\.withn: unknown key "withn"/],
  ['out: out', 'out: out\npolicy: none.yaml', /crawl\.yaml:5:9 policy: /],
  ['name: Bot,', 'name: Bot/1.0,', /crawl\.yaml:2:16 agent\.name: expected a product token/],
  ['out: out', '', /crawl\.yaml:1:1 out: is missing/],
])('%s as %s is a mistake with a place', async (from, to, message) => {
  const path = await file(least.replace(from, to))
  await expect(loadCrawl(path)).rejects.toThrow(message)
})
