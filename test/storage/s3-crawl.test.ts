import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadCrawl } from '../../src/config/crawl-file.ts'
import { crawl } from '../../src/crawl/crawl.ts'
import { crawlFile, folder, runFile, site } from '../crawl/crawling.ts'
import { page } from '../crawl/site/site.ts'
import { quern, quernJson, root } from '../quern.ts'
import { bucket, secret, startServer, type S3Server } from './s3-servers.ts'

let server: S3Server
beforeAll(async () => {
  server = await startServer('versitygw')
})
afterAll(() => server.stop())

test('a crawl publishes whole files to a bucket, keeps the rest beside the crawl file, and a pipeline reads them there', async () => {
  const served = await site((target) => {
    const n = target === '/' ? 0 : Number(target.slice(1))
    return n < 60
      ? page(
          target,
          [`/${2 * n + 1}`, `/${2 * n + 2}`].filter((link) => Number(link.slice(1)) < 60),
        )
      : undefined
  })
  const at = await folder()
  const out = `s3://${bucket}/crawls/gazette`
  const file = await crawlFile(at, [served.origin(1)], { out, warc: { bytes: '8KiB' }, politeness: { floor: '40ms', factor: 0 } })
  const objects = join(server.objects, 'crawls', 'gazette')
  const stop = new AbortController()
  const published: string[] = []
  const first = await crawl(await loadCrawl(file), {
    signal: stop.signal,
    status: ({ fetched }) => fetched > 25 && stop.abort(),
    published(key) {
      published.push(key)
      // Whole from the moment it has a name: every member ends.
      expect(
        gunzipSync(readFileSync(join(objects, key)))
          .subarray(0, 8)
          .toString(),
      ).toBe('WARC/1.1')
    },
  })
  expect(first.ended).toBe('interrupted')
  const second = await runFile(file)
  expect(second.ended).toBe('done')
  expect(first.fetched + second.fetched).toBe(60)
  expect(second.warcs.length).toBeGreaterThan(2)
  expect(readdirSync(join(objects, 'warc')).sort()).toEqual(second.warcs.map((key) => key.slice('warc/'.length)))
  expect(readdirSync(objects).sort()).toEqual(['_store.json', 'evidence', 'warc'])
  const state = join(at, 'test.crawl')
  expect(existsSync(join(state, 'frontier.sqlite'))).toBe(true)
  expect(readdirSync(join(state, 'unfinished', 'pages'))).toEqual([])

  const pipeline = join(at, 'nightly.yaml')
  await writeFile(
    pipeline,
    JSON.stringify({
      name: 'nightly',
      sources: [{ use: 'crawl', name: 'site', paths: [out] }],
      stages: [{ use: 'extract-html' }, { use: 'tokenize', tokenizer: join(root, 'data-samples/tokenizer.json') }],
      output: { dataset: `s3://${bucket}/set` },
    }),
  )
  expect(quernJson(['run', pipeline])).toMatchObject({ read: 60, kept: 60 })
  expect(quernJson(['run', pipeline])).toMatchObject({ nothingNew: true })
}, 120_000)

test('a bucket that is not there is told before anything is fetched', async () => {
  const served = await site(() => page('home', []))
  const at = await folder()
  const file = await crawlFile(at, [served.origin(1)])
  const ran = quern(['crawl', file, '--out', 's3://no-such-bucket/crawl'])
  expect(ran.status).toBe(2)
  expect(ran.err).toContain('Make the bucket first')
  expect(ran.out + ran.err).not.toContain(secret)
  expect(served.seen).toEqual([])
}, 30_000)
