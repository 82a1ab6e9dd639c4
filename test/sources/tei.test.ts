import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import tei from '../../src/sources/tei.ts'
import { runPython } from '../python.ts'
import { memoryInput, readAll, type Row } from './memory.ts'

const sample = readFileSync('data-samples/records/session.xml')
const read = (data: Uint8Array | string, config: object = {}) => readAll(tei, tei.config.parse(config), memoryInput(Buffer.from(data)))
const texts = (rows: readonly Row[]) => rows.map((row) => row.rule ?? row['text'])
const first = 'Spoštovani, začenjam sejo. Besedo ima gospod Kovač.'
const second = 'Hvala lepa. Žito je zmleto.\nMoka je dobra.'

test('a section is a document, with what its header says', async () => {
  const rows = await read(sample)
  expect(texts(rows)).toEqual([`${first}\n\n${second}`, 'tei/no-text', 'Seja je končana.'])
  expect(rows[0]).toMatchObject({
    title: 'Zapisnik sveta za mline, 1. seja',
    date: '2024-03-01',
    licence_link: 'https://creativecommons.org/publicdomain/zero/1.0/',
  })
  const extra = { language: 'sl', id: 'd1', section: 'debateSection', speakers: ['#NovakAna', '#KovačJan'] }
  expect(JSON.parse(rows[0]!['extra'] as string)).toMatchObject(extra)
})

test('utterances, the whole text, speakers, notes', async () => {
  expect(texts(await read(sample, { documents: 'element' }))).toEqual([first, second, 'Seja je končana.', 'tei/no-text'])
  const whole = await read(sample, { documents: 'file', speakers: true, notes: true })
  expect(texts(whole)).toEqual([
    'tei/no-text',
    [
      'PREDSEDNICA:',
      'NovakAna: Spoštovani, začenjam sejo. ob 9. uriBesedo ima gospod Kovač.',
      'KovačJan: Hvala lepa. smeh Žito je zmleto.\nMoka je dobra.',
      'NovakAna: Seja je končana.',
    ].join('\n\n'),
  ])
})

test('an edition: lines of a poem, corrections, breaks', async () => {
  const text = `<TEI><text xml:lang="de"><body><lg><l>Es war</l><l>ein <choice><sic>Könik</sic><corr>König</corr></choice></l></lg>
    <p>Hand<lb break="no"/>mühle<lb/>und <del>Mühl</del>Stein</p></body></text></TEI>`
  expect(texts(await read(text))).toEqual(['Es war\nein König\n\nHandmühle und Stein'])
})

test('expat finds the same words', async () => {
  const script = `
import json, sys
from xml.etree import ElementTree
tei = '{http://www.tei-c.org/ns/1.0}'
def text(node):
    out = '' if node.tag in (tei + 'note', tei + 'vocal') else (node.text or '') + ''.join(text(c) for c in node)
    return out + (node.tail or '')
print(json.dumps([' '.join((text(u)).split()) for u in ElementTree.parse(sys.argv[1]).iter(tei + 'u')]))`
  const expected = JSON.parse(runPython(script, ['data-samples/records/session.xml'])) as string[]
  const rows = await read(sample, { documents: 'element' })
  const joined = (value: unknown) => String(value).replaceAll(/\s+/gu, '')
  expect(rows.map((row) => joined(row['text']))).toEqual(expected.map(joined))
})
