import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import mediawiki from '../../src/sources/mediawiki.ts'
import { bzip2 } from './bzip2.ts'
import { inputFile, memoryInput, readAll, type Row, told } from './memory.ts'

const sample = readFileSync('data-samples/records/wiki.xml', 'utf8')
const read = (data: Uint8Array | string, config: object = {}) => readAll(mediawiki, mediawiki.config.parse(config), memoryInput(Buffer.from(data)))
const without = (rows: readonly Row[]) => rows.map((row) => ({ ...row, offset: 0, length: 0 }))

test('an article is text with its address, revision and licence; the rest is named', async () => {
  const rows = await read(sample)
  expect(rows.map(({ rule }) => rule)).toEqual([undefined, 'mediawiki/redirect', 'mediawiki/namespace'])
  expect(rows[0]).toMatchObject({
    text: 'Ръчната мелница е уред за смилане на зърно. Двата камъка се въртят един върху друг.\n\nИстория\nИзползва се от хилядолетия & навсякъде в Европа.',
    title: 'Ръчна мелница',
    url: `https://wiki.example/wiki/${encodeURI('Ръчна_мелница')}`,
    date: '2024-03-01T10:00:00Z',
    licence_link: 'https://creativecommons.org/licenses/by-sa/4.0/',
    extra: '{"wiki":"grainwiki","language":"bg","page":12,"revision":101}',
  })
  expect(told(await read(sample, { namespaces: [1] })).map((row) => row.split(' ')[1])).toEqual([
    'mediawiki/namespace',
    'mediawiki/namespace',
    'kept',
  ])
})

test('gzip and one bzip2 stream give the same rows', async () => {
  const rows = await read(sample)
  expect(await read(gzipSync(sample))).toEqual(rows)
  expect(await read(bzip2([sample]))).toEqual(rows)
})

/** A dump as Wikimedia writes it: the head, then streams of three pages, then the foot. */
function multistream(pages: number): { plain: string; streams: string[] } {
  const head = sample.slice(0, sample.indexOf('  <page>'))
  const page = (i: number) =>
    `  <page>\n    <title>T${i}</title>\n    <ns>0</ns>\n    <id>${i}</id>\n    <revision><id>${i}</id><text>Text ${i}. ${Array.from({ length: 60 }, (_, j) => ((i * 7919 + j * 104_729) % 9973).toString(36)).join(' ')}</text></revision>\n  </page>\n`
  const streams = [head]
  for (let i = 0; i < pages; i += 3) streams.push([i, i + 1, i + 2].map(page).join(''))
  streams.push('</mediawiki>\n')
  return { plain: streams.join(''), streams }
}

test('a multistream dump is cut where streams begin, and gives the pages of the plain file', async () => {
  const { plain, streams } = multistream(60)
  const packed = bzip2(streams)
  const expected = without(await read(plain))
  expect(expected).toHaveLength(60)
  for (const bytes of [200, 1000, 3333, 1 << 20]) {
    const rows = await read(packed, { 'part-bytes': bytes })
    expect(without(rows), `parts of ${bytes}`).toEqual(expected)
    expect(rows, `parts of ${bytes}`).toEqual(await read(packed))
    expect(new Set(rows.map(({ offset }) => offset)).size).toBe(60)
  }
  expect(await mediawiki.windows(inputFile(), memoryInput(packed), mediawiki.config.parse({ 'part-bytes': 1000 }))).toHaveLength(
    Math.ceil(packed.length / 1000),
  )
})

test('a damaged stream costs its pages only', async () => {
  const { streams } = multistream(30)
  const packed = bzip2(streams)
  const fifth = bzip2(streams.slice(0, 5)).length
  packed[fifth + 60]! ^= 0xff
  for (const bytes of [500, 1 << 20]) {
    const rows = await read(packed, { 'part-bytes': bytes })
    expect(rows.filter(({ rule }) => rule === undefined)).toHaveLength(27)
    expect(rows.filter(({ rule }) => rule !== undefined).map(({ rule }) => rule)).toEqual(['unreadable/bad-compression'])
  }
})

test('a dump that was cut off says so, and a page that is no wikitext is named', async () => {
  const { streams } = multistream(9)
  expect((await read(bzip2(streams.slice(0, -1)))).map(({ rule }) => rule)).toEqual([
    ...Array.from({ length: 9 }, () => undefined),
    'unreadable/truncated',
  ])
  const data = sample.replace('<model>wikitext</model>', '<model>Scribunto</model>')
  expect((await read(data))[0]?.rule).toBe('mediawiki/not-wikitext')
  expect(
    (
      await read(
        sample
          .replace("'''Ръчната", '{{Ръчната')
          .replace('друг.', 'друг.}}')
          .replace(/== История[^<]*/u, ''),
      )
    )[0]?.rule,
  ).toBe('mediawiki/no-text')
})
