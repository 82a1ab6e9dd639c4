import { DuckDBInstance } from '@duckdb/node-api'
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Audited, openAudited } from '../../src/audit/audited.ts'
import { cutsOf, pageText } from '../../src/audit/cuts.ts'
import { DocumentFilter } from '../../src/audit/document-filter.ts'
import { listDocuments } from '../../src/audit/document-list.ts'
import { searchDocuments } from '../../src/audit/document-search.ts'
import { documentView, storyOf } from '../../src/audit/document-view.ts'
import { originalHtml, readOriginal } from '../../src/audit/original.ts'
import { wordMatcher } from '../../src/audit/word-match.ts'
import { loadPipeline } from '../../src/config/pipeline-file.ts'
import type { Pipeline } from '../../src/core/pipeline.ts'
import { openDataset } from '../../src/dataset/format.ts'
import { registry } from '../../src/mill/registry.ts'
import { quernJson, root } from '../quern.ts'
import { writeAudited } from './small-audit.ts'

let folder: string
let dataset: string
let audited: Audited
let pipeline: Pipeline

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quern-documents-'))
  dataset = join(folder, 'out')
  pipeline = await loadPipeline(writeAudited(folder, dataset), registry)
  audited = await openAudited(await openDataset(dataset))
})

afterAll(() => {
  audited.close()
  rmSync(folder, { recursive: true, force: true })
})

const filter = (of: Partial<DocumentFilter>): DocumentFilter => DocumentFilter.parse(of)
const list = (of: Partial<DocumentFilter>) => listDocuments(audited, filter({ limit: 500, ...of }))
const search = (words: string, of: Partial<DocumentFilter> = {}) => searchDocuments(audited, filter({ words, ...of }))
/** The first document whose address ends so. */
async function idOf(ending: string): Promise<string> {
  const found = (await list({})).rows.find(({ url }) => url?.endsWith(ending) === true)
  if (found === undefined) throw new Error(`no document …${ending}`)
  return found.document
}

describe('words', () => {
  const says = (asked: string, text: string) => wordMatcher(asked)(text)?.found

  test('are whole, in any case and order, phrases as they stand', () => {
    expect(says('mensch', 'Jeder Mensch')).toBe('Mensch')
    expect(says('mensch', 'Menschen')).toBeUndefined()
    expect(says('mensch*', 'alle Menschen')).toBe('Mensch')
    expect(says('frei alle', 'Alle sind frei')).toBe('frei')
    expect(says('frei alle', 'Alle')).toBeUndefined()
    expect(says('"sind frei"', 'Alle sind frei.')).toBe('sind frei')
    expect(says('„frei sind“', 'Alle sind frei.')).toBeUndefined()
    expect(says('c++', 'wer C++ schreibt')).toBe('C++')
    expect(() => wordMatcher(' "" ')).toThrow('no word')
  })

  test('of Greek are found with and without accents and whatever sigma they end in; of Cyrillic й is not и', () => {
    expect(says('ΑΝΘΡΩΠΟΣ', 'ο άνθρωπος είναι')).toBe('άνθρωπος')
    expect(says('άνθρωπος', 'Ο ΑΝΘΡΩΠΟΣ')).toBe('ΑΝΘΡΩΠΟΣ')
    expect(says('ПРАВА', 'Всеки има права.')).toBe('права')
    expect(says('мои', 'мой дом')).toBeUndefined()
    expect(says('é', 'e\u0301')).toBe('é')
  })
})

describe('a search in texts', () => {
  test('finds kept and dropped texts, as reading all of them does, and says how much it read', async () => {
    const all = await list({})
    const texts = await Promise.all(all.rows.map(async ({ document }) => ({ document, text: (await storyOf(audited, document)).text })))
    const wanted = texts.filter(({ text }) => text !== null && /(?<![\p{L}\p{N}])und(?![\p{L}\p{N}])/iu.test(text)).map(({ document }) => document)
    const found = await search('UND')
    expect(found.rows.map(({ document }) => document).toSorted()).toEqual(wanted.toSorted())
    expect(new Set(found.rows.map(({ fate }) => fate === 'kept')).size).toBe(2)
    const withText = texts.filter(({ text }) => text !== null)
    expect(found).toMatchObject({
      next: null,
      texts: withText.length,
      documents: withText.length,
      withoutText: texts.length - withText.length,
      bytes: withText.reduce((sum, { text }) => sum + Buffer.byteLength(text!), 0),
    })
    expect(found.filesDone).toBe(found.files)
  })

  test('goes on where it stopped, and together finds the same', async () => {
    const whole = (await search('a*')).rows.length
    const seen = new Set<string>()
    let from: string | undefined
    let questions = 0
    do {
      const part = await searchDocuments(audited, filter({ words: 'a*', limit: 7, ...(from === undefined ? {} : { from }) }), 0.001)
      expect(part.rows.length).toBeLessThanOrEqual(7)
      for (const { document } of part.rows) {
        expect(seen.has(document)).toBe(false)
        seen.add(document)
      }
      from = part.next ?? undefined
      questions++
    } while (from !== undefined)
    expect(questions).toBeGreaterThan(3)
    expect(seen.size).toBeGreaterThanOrEqual(whole)
  })

  test('reads what the filter fits only', async () => {
    const greek = await search('δικαιώματα', { language: 'el' })
    expect(greek.rows.length).toBeGreaterThan(0)
    expect(greek.texts).toBe((await list({ language: 'el' })).matching)
    expect((await search('δικαιώματα', { language: 'de' })).rows).toEqual([])
  })

  test('gives out no suppressed text', async () => {
    const copy = join(folder, 'suppressed')
    quernJson(['run', pipeline.file, '--out', copy])
    const id = await idOf('/eng.html')
    const before = await openAudited(await openDataset(copy))
    const hit = (await searchDocuments(before, filter({ words: 'inalienable' }))).rows.map(({ document }) => document)
    before.close()
    expect(hit).toContain(id)
    quernJson(['suppress', copy, '--document', id, '--reason', 'test'])
    const after = await openAudited(await openDataset(copy), 1)
    expect((await searchDocuments(after, filter({ words: 'inalienable' }))).rows.map(({ document }) => document)).not.toContain(id)
    expect(await readOriginal((await storyOf(after, id)).story, pipeline)).toMatchObject({ missing: 'suppressed' })
    after.close()
  })
})

describe('a list', () => {
  test('narrows by host with all below it, and by ranges of measures', async () => {
    const all = (await list({})).rows
    const below = await list({ host: 'example' })
    expect(below.matching).toBe(all.filter(({ url }) => url !== null && /^https?:\/\/[^/]*example(:|\/)/.test(url)).length)
    expect((await list({ host: 'hard-cases.example' })).matching).toBeGreaterThan(10)
    expect((await list({ host: 'cases.example' })).matching).toBe(0)
    const ranged = await list({ where: 'words>=100 words<200 mean_word_length<6', measure: 'words' })
    expect(ranged.matching).toBeGreaterThan(0)
    for (const { value } of ranged.rows) expect(value! >= 100 && value! < 200).toBe(true)
    await expect(list({ where: 'words=>5' })).rejects.toMatchObject({ code: 'bad-usage' })
    await expect(list({ where: 'wrods>5' })).rejects.toMatchObject({ code: 'not-found' })
    await expect(list({ where: `words>5;DROP` })).rejects.toMatchObject({ code: 'bad-usage' })
  })

  test('says of each document what its row of the ledger says, in an order that the seed decides', async () => {
    const { matching, rows } = await list({ seed: 3 })
    const instance = await DuckDBInstance.create()
    const connection = await instance.connect()
    const read = await connection.runAndReadAll(
      `SELECT lower(hex(doc_id)) AS document, url, coalesce(language, '') AS language, source,
         CASE WHEN outcome = 'kept' THEN 'kept' ELSE stage || '/' || rule END AS fate, nullif(measured, 'NaN') AS measured,
         nullif("limit", 'NaN') AS "limit", n_bytes::DOUBLE AS bytes, n_tokens::DOUBLE AS tokens, NULL AS value, NULL AS bound
       FROM '${dataset}/ledger/**/*.parquet' ORDER BY document`,
    )
    const ledger = read.getRowObjectsJS()
    expect(matching).toBe(ledger.length)
    const byId = rows.toSorted((a, b) => (a.document < b.document ? -1 : 1))
    expect(byId).toEqual(ledger)
    expect((await list({ seed: 3, limit: 20 })).rows).toEqual(rows.slice(0, 20))
    expect((await list({ seed: 4, limit: 20 })).rows).not.toEqual(rows.slice(0, 20))
  })

  test('comes by distance from the limit in force for each language', async () => {
    const { rows } = await list({ rule: 'gopher-quality/too-few-alphabetic-words' })
    const distances = rows.map(({ value, bound }) => Math.abs(value! - bound!) / bound!)
    expect(distances).toEqual(distances.toSorted((a, b) => a - b))
    expect(new Set(rows.map(({ bound }) => bound)).size).toBeGreaterThan(3)
    for (const { fate, limit, bound } of rows) if (fate === 'gopher-quality/too-few-alphabetic-words') expect(bound).toBe(limit)
    const above = await list({ rule: 'gopher-quality/too-few-words', side: 'above' })
    expect(above.rows.every(({ value, bound }) => value! > bound!)).toBe(true)
    expect(above.matching).toBeLessThan((await list({ rule: 'gopher-quality/too-few-words' })).matching)
  })
})

describe('a document', () => {
  test('has its original from every kind of source, in its own encoding', async () => {
    for (const [ending, words] of [
      ['/charset/windows-1251.html', 'Принц'],
      ['/ell_monotonic.html', 'ΔΙΚΑΙΩΜΑΤΑ'],
    ] as const) {
      const { story, text } = await storyOf(audited, await idOf(ending))
      const original = await readOriginal(story, pipeline)
      if (!('batch' in original)) throw new Error(original.missing)
      const page = originalHtml(original.batch, text, String(story.ledger['language']))
      expect(page).toHaveProperty('html', expect.stringContaining(words))
    }
    const { story } = await storyOf(audited, await idOf('/text/de'))
    const original = await readOriginal(story, pipeline)
    if (!('batch' in original)) throw new Error(original.missing)
    expect(originalHtml(original.batch, null, 'de')).toHaveProperty('plain', expect.stringContaining('Menschenrechte'))
  })

  test('every original of the sample is found again, and extraction gives the text that the dataset has', { timeout: 120_000 }, async () => {
    let compared = 0
    for (const { document } of (await list({ seed: 5, limit: 60 })).rows) {
      const { story, text } = await storyOf(audited, document)
      const original = await readOriginal(story, pipeline)
      if (!('batch' in original)) throw new Error(`${story.url}: ${original.missing}`)
      const page = originalHtml(original.batch, text, String(story.ledger['language']))
      if (page === undefined || text === null || text === '') continue
      const cuts = await cutsOf(pipeline, original.batch, page, text)
      expect(
        cuts.find(({ stage }) => stage === ''),
        story.url ?? document,
      ).toBeUndefined()
      const [cut] = cuts
      if (cut?.parts === null || cut === undefined) continue
      compared++
      const plain = (of: string): string => of.replaceAll(/\s+/g, '')
      const left = cut.parts.filter((part) => part.in !== 'cut').map(({ value }) => value)
      expect(plain(left.join('')), story.url ?? document).toBe(plain(text))
    }
    expect(compared).toBeGreaterThan(20)
  })

  test('says why an original cannot be shown', async () => {
    const { story } = await storyOf(audited, await idOf('/ell_monotonic.html'))
    expect(await readOriginal(story, undefined)).toMatchObject({ missing: 'no-pipeline' })
    const archive = join(folder, 'moved.warc.gz')
    copyFileSync(join(root, 'data-samples', 'udhr.warc.gz'), archive)
    const file = join(folder, 'moved.yaml')
    writeFileSync(
      file,
      `name: moved\nsources:\n  - { use: warc, name: other, licence: mixed, paths: ['moved*.warc.gz'] }\nstages:\n  - use: extract-html\n  - { use: tokenize, tokenizer: '${root}/data-samples/tokenizer.json' }\noutput: { dataset: out }\n`,
    )
    expect(await readOriginal(story, await loadPipeline(file, registry))).toMatchObject({ missing: 'no-source', detail: 'udhr' })
    writeFileSync(file, readFileSync(file, 'utf8').replace('other', 'udhr'))
    const renamed = await loadPipeline(file, registry)
    expect(await readOriginal(story, renamed)).toMatchObject({ missing: 'no-archive' })
    renameSync(archive, join(folder, 'udhr.warc.gz'))
    writeFileSync(file, readFileSync(file, 'utf8').replace('moved*', 'udhr*'))
    const found = await loadPipeline(file, registry)
    expect(await readOriginal(story, found)).toHaveProperty('batch')
    copyFileSync(join(root, 'data-samples', 'hard-cases.warc.gz'), join(folder, 'udhr.warc.gz'))
    expect(await readOriginal(story, found)).toMatchObject({ missing: 'other-archive' })
  })

  test('names what was dropped for it, and what was said about rights', async () => {
    const { rows } = await list({ fate: 'near-duplicates/similar' })
    const { story } = await storyOf(audited, rows[0]!.document)
    const survivor = await documentView(audited, story.survivor!)
    expect(survivor.duplicates.rows.map(({ document }) => document)).toContain(rows[0]!.document)
    expect(survivor.duplicates.count).toBeGreaterThanOrEqual(1)
    const withRights = (await list({ where: 'rights_statements>0' })).rows[0]
    const view = await documentView(audited, withRights!.document)
    expect(view.rights[0]).toMatchObject({ raw: expect.any(String), protocol: expect.any(String) })
  })
})

test('the text of a page is what a person could read on it', () => {
  expect(
    pageText('<title>T</title><nav><a>Home</a> <a>Away</a></nav><p>One <b>two</b><br>three&amp;</p><script>no()</script><style>no</style>'),
  ).toBe('T\nHome Away\nOne two\nthree&')
})
