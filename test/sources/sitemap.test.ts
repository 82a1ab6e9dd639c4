import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import sitemap from '../../src/sources/sitemap.ts'
import { memoryInput, readAll, told } from './memory.ts'

const sample = readFileSync('data-samples/records/sitemap.xml')
const read = (data: Uint8Array | string, config: object = {}) => readAll(sitemap, sitemap.config.parse(config), memoryInput(Buffer.from(data)))

test('an entry with text is a document, the others are named with their address', async () => {
  const rows = await read(sample)
  expect(told(rows)).toEqual(['https://news.example/ga/1?a=1&b=2 kept', 'https://news.example/about sitemap/no-text', '/relative sitemap/no-address'])
  expect(rows[0]).toMatchObject({
    text: 'Tá an bhró ag meilt arís\nCloch bhró sa mhúsaem',
    title: 'Tá an bhró ag meilt arís',
    date: '2024-05-01T08:00:00Z',
    licence_link: 'https://creativecommons.org/licenses/by/4.0/',
    extra: '{"language":"ga","publication":"Scéala","alternates":{"en":"https://news.example/en/1"}}',
  })
  expect(rows[1]).toMatchObject({ date: '2024-01-01' })
  expect(await read(gzipSync(sample))).toEqual(rows)
})

test('other languages and other sitemaps are named', async () => {
  expect((await read(sample, { languages: ['mt'] }))[0]?.rule).toBe('sitemap/other-language')
  const index = '<sitemapindex><sitemap><loc>https://news.example/a.xml</loc></sitemap></sitemapindex>'
  expect(told(await read(index))).toEqual(['https://news.example/a.xml sitemap/index'])
})
