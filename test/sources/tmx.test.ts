import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import tmx from '../../src/sources/tmx.ts'
import { runPython } from '../python.ts'
import { memoryInput, readAll, type Row } from './memory.ts'

const sample = readFileSync('data-samples/records/memory.tmx')
const read = (data: Uint8Array | string, config: object = {}) => readAll(tmx, tmx.config.parse(config), memoryInput(Buffer.from(data)))
const languageOf = (row: Row) => (JSON.parse(row['extra'] as string) as { language: string }).language
const texts = (rows: readonly Row[]) => rows.map((row) => (row.rule === undefined ? `${languageOf(row)}: ${row['text']}` : row.rule))

test('a section gives a document for each language, its sentences in order', async () => {
  const rows = await read(sample)
  expect(texts(rows)).toEqual([
    'EN-GB: The quern turns grain into flour.\nArticle 007 applies.',
    'DE-DE: Die Handmühle macht Korn zu Mehl.\nArtikel 007 gilt.',
    'MT-MT: Il-mitħna tal-idejn tbiddel il-qamħ fi dqiq.',
    'EN-GB: Bread is another matter.',
    'DE-DE: Brot ist eine andere Sache.',
  ])
  expect(new Set(rows.map(({ offset }) => offset)).size).toBe(5)
  expect(rows[0]).toMatchObject({ date: '2024-03-01T10:11:12Z', licence_link: 'https://creativecommons.org/publicdomain/zero/1.0/' })
  expect(JSON.parse(rows[0]!['extra'] as string)).toMatchObject({ section: '32024R0001', header: { srclang: 'EN-GB' } })
})

test('units, the file, one language', async () => {
  expect(texts(await read(sample, { documents: 'unit', languages: ['mt'] }))).toEqual([
    'MT-MT: Il-mitħna tal-idejn tbiddel il-qamħ fi dqiq.',
    'tmx/no-text',
    'tmx/no-text',
  ])
  expect(texts(await read(sample, { documents: 'file', languages: ['de'] }))).toEqual([
    'DE-DE: Die Handmühle macht Korn zu Mehl.\nArtikel 007 gilt.\nBrot ist eine andere Sache.',
  ])
  expect(await read(sample, { documents: 'file', languages: ['de'], 'max-document-bytes': 40 })).toHaveLength(3)
})

test('UTF-16 gives the same documents at places of its own', async () => {
  const wide = Buffer.from(`\ufeff${sample.toString('utf8').replace(' encoding="UTF-8"', ' encoding="UTF-16"')}`, 'utf16le')
  const rows = await read(wide)
  expect(texts(rows)).toEqual(texts(await read(sample)))
  const place = rows[0]!['offset'] as number
  expect(wide.subarray(place, place + 16).toString('utf16le')).toBe('<tu tuid')
})

test.each([
  ['a tag that is not closed', '<tuv xml:lang="de"><seg>x</tuv>', 'unreadable/bad-xml'],
  ['an entity that is not declared', '<tuv xml:lang="de"><seg>&nbsp;</seg></tuv>', 'unreadable/bad-xml'],
  ['an external entity', '<tuv xml:lang="de"><seg>&ext;</seg></tuv>', 'unreadable/bad-xml'],
  ['no text', '<tuv xml:lang="de"><seg> </seg></tuv>', 'tmx/no-text'],
  ['too many bytes', `<tuv xml:lang="de"><seg>${'x'.repeat(600)}</seg></tuv>`, 'unreadable/too-large'],
])('%s costs its unit only', async (_, unit, rule) => {
  const good = (text: string) => `<tu><tuv xml:lang="de"><seg>${text}</seg></tuv></tu>`
  const data = `<!DOCTYPE tmx [<!ENTITY ext SYSTEM "file:///etc/passwd">]><tmx><body>${good('a')}<tu>${unit}</tu>${good('b')}</body></tmx>`
  const rows = await read(data, { documents: 'unit', 'max-record-bytes': 500 })
  expect(texts(rows)).toEqual(['de: a', rule, 'de: b'])
})

test('what is cut off or no XML is said', async () => {
  expect((await read(sample.subarray(0, -30))).map(({ rule }) => rule)).toContain('unreadable/truncated')
  expect((await read('not XML')).map(({ rule }) => rule)).toEqual(['unreadable/bad-xml'])
  expect((await read('<?xml version="1.0" encoding="klingon"?><tmx/>')).map(({ rule }) => rule)).toEqual(['unreadable/bad-encoding'])
})

test('expat finds the same segments', async () => {
  const script = `
import json, sys
from xml.etree import ElementTree
out = []
for tuv in ElementTree.parse(sys.argv[1]).iter('tuv'):
    seg = tuv.find('seg')
    for code in list(seg.iter()):
        if code.tag in ('bpt', 'ept'): code.text = ''
    out.append(' '.join(''.join(seg.itertext()).split()))
print(json.dumps(out))`
  const expected = JSON.parse(runPython(script, ['data-samples/records/memory.tmx'])) as string[]
  expect((await read(sample, { documents: 'unit' })).map((row) => row['text'])).toEqual(expected)
})
