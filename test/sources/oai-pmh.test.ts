import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import oai from '../../src/sources/oai-pmh.ts'
import { memoryInput, readAll, told } from './memory.ts'

const sample = readFileSync('data-samples/records/repository.xml')
const read = (data: Uint8Array | string, config: object = {}) => readAll(oai, oai.config.parse(config), memoryInput(Buffer.from(data)))

test('a record is a document, a deletion names it, the rest is named', async () => {
  const rows = await read(sample)
  expect(told(rows)).toEqual(['oai:repository.example:1 kept', 'oai:repository.example:2 deleted/record', 'oai:repository.example:3 oai-pmh/no-text'])
  expect(rows[0]).toMatchObject({
    text: 'Ο χειρόμυλος αλέθει το σιτάρι σε αλεύρι.\n\nThe quern grinds wheat into flour.',
    title: 'Ο χειρόμυλος',
    author: 'Παπαδοπούλου, Ελένη; Muster, Max',
    date: '2023',
    licence_link: 'https://creativecommons.org/licenses/by/4.0/',
  })
  expect(JSON.parse(rows[0]!['extra'] as string)).toMatchObject({ link: 'https://repository.example/1', languages: ['ell'], sets: ['theses'] })
  expect(await read(gzipSync(sample))).toEqual(rows)
})

test('languages and addresses are options', async () => {
  const rows = await read(sample, { languages: ['el'], url: 'link' })
  expect(rows[0]).toMatchObject({ text: 'Ο χειρόμυλος αλέθει το σιτάρι σε αλεύρι.', url: 'https://repository.example/1' })
  expect(rows[1]).toMatchObject({ url: 'oai:repository.example:2', rule: 'deleted/record' })
})

test('an error of the repository, and a record that was never closed', async () => {
  expect((await read('<OAI-PMH><error code="badArgument">no</error></OAI-PMH>')).map(({ rule }) => rule)).toEqual(['oai-pmh/error'])
  const broken = sample.toString('utf8').replace('</header>\n    </record>', '</header>')
  expect((await read(broken)).map(({ rule }) => rule)).toEqual([undefined, 'unreadable/bad-xml', 'oai-pmh/no-text'])
})
