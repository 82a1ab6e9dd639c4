import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { type Listed, listContent, listed, mostListed } from '../../src/crawl/url-lists.ts'

function read(text: string | Uint8Array, path = '/sitemap.xml', wanted = true): readonly Listed[] | undefined {
  const content = listContent(typeof text === 'string' ? Buffer.from(text) : text, path, wanted)
  return content === undefined ? undefined : [...listed(content)]
}

test('a URL set with dates, alternates, images and news', () => {
  const entries = read(`<?xml version="1.0"?>
    <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml" xmlns:image="x" xmlns:news="n">
    <url><loc> https://a.example/?a=1&amp;b=2 </loc><lastmod>2026-01-02</lastmod><image:image><image:loc>https://a.example/i.png</image:loc></image:image></url>
    <url><loc><![CDATA[https://a.example/de]]></loc><xhtml:link rel="alternate" hreflang="de" href="https://a.example/de"/><xhtml:link rel="alternate" hreflang="MT" href="https://a.example/mt"/></url>
    <url><loc>https://a.example/news</loc><news:news><news:publication><news:name>A</news:name><news:language>fi</news:language></news:publication><news:publication_date>2026-01-03T00:00:00Z</news:publication_date></news:news></url>
    </urlset>`)
  expect(entries).toEqual([
    { url: 'https://a.example/?a=1&b=2', kind: 'page', changed: Date.UTC(2026, 0, 2), language: '' },
    { url: 'https://a.example/de', kind: 'page', changed: undefined, language: 'de' },
    { url: 'https://a.example/mt', kind: 'page', changed: undefined, language: 'mt' },
    { url: 'https://a.example/news', kind: 'page', changed: Date.UTC(2026, 0, 3), language: 'fi' },
  ])
})

test('an index names sitemaps; text, RSS, RSS 1.0 and Atom name pages', () => {
  expect(read('<sitemapindex><sitemap><loc>https://a.example/1.xml</loc></sitemap></sitemapindex>')).toMatchObject([
    { url: 'https://a.example/1.xml', kind: 'sitemap' },
  ])
  expect(read('https://a.example/1\r\n\nhttps://a.example/2', '/sitemap.txt')!.map(({ url }) => url)).toEqual([
    'https://a.example/1',
    'https://a.example/2',
  ])
  const rss =
    '<rss><channel><title>t</title><link>https://a.example/</link><item><guid isPermaLink="false">x</guid><link>https://a.example/1</link></item><item><guid>https://a.example/2</guid></item></channel></rss>'
  expect(read(rss, '/feed', false)!.map(({ url }) => url)).toEqual(['https://a.example/1', 'https://a.example/2'])
  const rdf = '<rdf:RDF xmlns:rdf="r"><channel><link>https://a.example/</link></channel><item><link>https://a.example/1</link></item></rdf:RDF>'
  expect(read(rdf, '/feed', false)!.map(({ url }) => url)).toEqual(['https://a.example/1'])
  const atom =
    '<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="?page=2"/><entry><author><name>x</name></author><link rel="edit" href="/e"/><link href="/1"/><updated>2026-01-01T00:00:00Z</updated></entry></feed>'
  expect(read(atom, '/feed', false)).toMatchObject([
    { url: '?page=2', kind: 'feed' },
    { url: '/1', kind: 'page', changed: Date.UTC(2026, 0, 1) },
  ])
})

test('what is packed is unpacked, what is broken gives what can be read, and a page is no list', () => {
  expect(read(gzipSync('<urlset><url><loc>/1</loc></url></urlset>'))).toHaveLength(1)
  expect(read('<urlset><url><loc>/1</loc></url><url><loc>/2</lo')).toMatchObject([{ url: '/1' }])
  expect(read('<urlset><url><loc>/1</loc></url><url><lastmod>x</lastmod></url><url>&bogus;<loc>/2</loc></url></urlset>')).toHaveLength(2)
  expect(read('<!doctype html><html><body>a feed: <feed></body></html>', '/x', false)).toBeUndefined()
  expect(read('plain words', '/x', false)).toBeUndefined()
  expect(read(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('<urlset><url><loc>/1</loc></url></urlset>', 'utf16le')]))).toMatchObject([
    { url: '/1' },
  ])
})

test('no more than the protocol allows is read', () => {
  const text = `<urlset>${'<url><loc>/x</loc></url>'.repeat(mostListed + 5)}</urlset>`
  expect(read(text)).toHaveLength(mostListed)
})
