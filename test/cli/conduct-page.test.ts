import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { childrenOf, firstOf, parseXmlElement, textIn } from '../../src/core/xml-element.ts'
import { quern, quernJson, scratch } from '../quern.ts'

const config = {
  name: 'gazette',
  description: 'News <b>of "Malta"</b> & Gozo.',
  agent: { name: 'GazetteBot', contact: 'crawl@example.org', page: 'https://example.org/bot', addresses: ['192.0.2.0/28'] },
  seeds: ['https://news.example/', 'https://more.example/x/'],
  politeness: { floor: '2s', cap: '20s' },
  out: 'out',
}

test('the page about the crawler says what the crawl file and the policy say, and its feed tells of changes only', () => {
  const folder = scratch()
  const file = join(folder, 'crawl.yaml')
  const page = join(folder, 'bot.html')
  const write = (more: object): void => writeFileSync(file, JSON.stringify({ ...config, ...more }))
  const made = (): { changed: boolean } => quernJson(['crawl', file, '--conduct-page', page])
  const feed = () =>
    parseXmlElement(
      readFileSync(join(folder, 'bot.atom'), 'utf8')
        .replace(/^<\?[^>]*>\n/, '')
        .trim(),
    )!

  write({})
  expect(made()).toMatchObject({ changed: true })
  const html = readFileSync(page, 'utf8')
  for (const said of [
    'News &lt;b&gt;of &quot;Malta&quot;&lt;/b&gt; &amp; Gozo.',
    'GazetteBot/0.1 (+https://example.org/bot; crawl@example.org)',
    'mailto:crawl@example.org',
    '192.0.2.0/28',
    'news.example',
    'at least 2 s',
    'up to 20 s',
    'User-agent: GazetteBot\nDisallow: /',
    'Content-Usage: train-ai=n',
    'TDM-Reservation: 1',
    'X-Robots-Tag: noai',
    'CCBot',
  ])
    expect(html).toContain(said)
  expect(html).toMatch(/policy <code>default@2\+[0-9a-f]{12}<\/code>/)
  expect(html).not.toMatch(/<script|undefined|\[object/)
  expect(childrenOf(feed(), 'entry')).toHaveLength(1)
  expect(textIn(firstOf(feed(), 'entry', 'content'))).toBe(html)

  const times = (): number[] => [page, join(folder, 'bot.atom')].map((path) => statSync(path).mtimeMs)
  const before = times()
  expect(made()).toMatchObject({ changed: false })
  expect(times()).toEqual(before)

  write({ politeness: { floor: '3s' }, policy: 'strict' })
  expect(made()).toMatchObject({ changed: true })
  expect(readFileSync(page, 'utf8')).toContain('at least 3 s')
  const entries = childrenOf(feed(), 'entry')
  expect(entries.map((entry) => textIn(firstOf(entry, 'title')))).toEqual(['What GazetteBot does has changed', 'How GazetteBot behaves'])
  expect(new Set(entries.map((entry) => textIn(firstOf(entry, 'id')))).size).toBe(2)

  const refused = quern(['crawl', file, '--conduct-page', join(folder, 'no', 'such', 'bot.html')])
  expect(refused.status).toBe(2)
  expect(refused.err).toContain('Name a file in a folder')
}, 60_000)
