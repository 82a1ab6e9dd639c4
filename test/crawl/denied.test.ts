import { writeFile } from 'node:fs/promises'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { fates } from '../laws/ledger.ts'
import { quernJson, root } from '../quern.ts'
import { folder, run, site, warcRecords } from './crawling.ts'
import { page, type Reply } from './site/site.ts'

const head = (tag: string): Reply => ({
  body: `<!doctype html><html lang="en"><head>${tag}</head><body><p>${'The forbidden sentence is this. '.repeat(20)}`,
})
const header = (name: string, value: string): Reply => ({ ...head(''), headers: { [name]: value } })

/** What each page says, and by which protocol the default policy denies it. */
const pages: Readonly<Record<string, readonly [Reply, string]>> = {
  '/x-robots-tag': [header('X-Robots-Tag', 'noai'), 'directives'],
  '/meta-noai': [head('<meta name="robots" content="noai, noimageai">'), 'directives'],
  '/tdm-header': [header('tdm-reservation', '1'), 'tdmrep'],
  '/tdm-meta': [head('<meta name="tdm-reservation" content="1">'), 'tdmrep'],
  '/usage': [header('Content-Usage', 'train-ai=n'), 'content-usage'],
  '/file/tdmrep': [head(''), 'tdmrep'],
  '/trainers': [head(''), 'robots'],
  '/report.pdf': [{ ...header('tdm-reservation', '1'), headers: { 'tdm-reservation': '1', 'Content-Type': 'application/pdf' } }, 'tdmrep'],
}
const robots = 'User-agent: GPTBot\nDisallow: /trainers\n'

test('of a page that is denied after fetching nothing is kept but its address, digest and the reason', async () => {
  let lifted = false
  const served = await site((target) => {
    if (target === '/robots.txt') return { headers: { 'Content-Type': 'text/plain' }, body: robots }
    if (target === '/.well-known/tdmrep.json') return { body: JSON.stringify([{ location: '/file/', 'tdm-reservation': 1 }]) }
    if (target === '/') return page('home', Object.keys(pages))
    if (target === '/tdm-header' && lifted) return head('')
    return pages[target]?.[0]
  })
  const at = await folder()
  const out = join(at, 'out')
  const seeds = [`${served.origin(1)}/`]
  const more = { schedule: { first: '0ms', least: '0ms', most: '1d' } }
  const report = await run(at, seeds, more)
  expect(report.fetched).toBe(9)
  expect(report.denied).toEqual({ 'rights/directives': 2, 'rights/tdmrep': 4, 'rights/content-usage': 1, 'rights/robots': 1 })
  const plain = (): string =>
    readdirSync(join(out, 'warc'))
      .map((name) => gunzipSync(readFileSync(join(out, 'warc', name))).toString('utf8'))
      .join()
  expect(plain()).toContain('about home')
  expect(plain()).not.toContain('forbidden')
  const records = warcRecords(report.warcs.map((key) => join(out, key)))
  const denied = records.filter(({ type, headers }) => type === 'response' && headers['WARC-Truncated'] === 'unspecified')
  expect(new Map(denied.map(({ url, body }) => [new URL(url).pathname, body]))).toEqual(new Map(Object.keys(pages).map((path) => [path, ''])))
  const said = records.find(({ type, url }) => type === 'metadata' && url.endsWith('/tdm-header'))!.body
  expect(said).toMatch(/^rights-denied: tdmrep\r$/m)
  expect(said).toMatch(/^rights-reason: tdmrep: tdm \(header: tdm-reservation: 1\)\r$/m)
  expect(said).toMatch(/^payload-digest: sha1:[A-Z2-7]{32}\r$/m)

  const pipeline = join(at, 'nightly.yaml')
  await writeFile(
    pipeline,
    JSON.stringify({
      name: 'nightly',
      sources: [{ use: 'crawl', name: 'site', paths: ['out'] }],
      stages: [{ use: 'extract-html' }, { use: 'rights' }, { use: 'tokenize', tokenizer: join(root, 'data-samples/tokenizer.json') }],
      output: { dataset: 'dataset', 'retain-dropped': 'all' },
    }),
  )
  expect(quernJson(['run', pipeline])).toMatchObject({
    read: 9,
    kept: 1,
    dropped: { 'rights/directives': 2, 'rights/tdmrep': 4, 'rights/content-usage': 1, 'rights/robots': 1 },
  })
  const rows = Object.values(fates(join(at, 'dataset'))).filter(({ outcome }) => outcome === 'dropped')
  expect(Object.fromEntries(rows.map(({ url, rule }) => [new URL(url).pathname, rule]))).toEqual(
    Object.fromEntries(Object.entries(pages).map(([path, [, protocol]]) => [path, `rights/${protocol}`])),
  )
  const why = quernJson<{ ledger: Record<string, unknown> }>(['why', join(at, 'dataset'), `${served.origin(1)}/tdm-header`])
  expect(why.ledger).toMatchObject({ rights: 'deny', rights_evidence: expect.stringContaining('tdm-reservation: 1') as unknown })

  // Denied pages are fetched whole each time, so that one that is allowed then is there.
  lifted = true
  const second = await run(at, seeds, more)
  expect(second.denied).toEqual({ 'rights/directives': 2, 'rights/tdmrep': 3, 'rights/content-usage': 1, 'rights/robots': 1 })
  const again = warcRecords(second.warcs.map((key) => join(out, key)))
  expect(again.find(({ type, url }) => type === 'response' && url.endsWith('/tdm-header'))!.body).toContain('forbidden')
  expect(quernJson(['run', pipeline])).toMatchObject({ read: 9, kept: 1, dropped: { 'warc/revisit': 1 } })
}, 120_000)

test('a page that is denied from some day on is no longer kept, though its bytes are the same', async () => {
  let tag = ''
  const served = await site((target) => (target === '/' ? { ...page('home', []), headers: tag === '' ? {} : { 'X-Robots-Tag': tag } } : undefined))
  const at = await folder()
  const more = { schedule: { first: '0ms', least: '0ms', most: '1d' } }
  expect(await run(at, [served.origin(1)], more)).toMatchObject({ fetched: 1, denied: {} })
  tag = 'noai'
  const report = await run(at, [served.origin(1)], more)
  expect(report).toMatchObject({ fetched: 1, unchanged: 1, denied: { 'rights/directives': 1 } })
  expect(warcRecords(report.warcs.map((key) => join(at, 'out', key))).map(({ type }) => type)).toEqual([
    'warcinfo',
    'request',
    'response',
    'metadata',
  ])
})
