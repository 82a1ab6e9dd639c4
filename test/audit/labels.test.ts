import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Audited, openAudited } from '../../src/audit/audited.ts'
import { DocumentFilter } from '../../src/audit/document-filter.ts'
import { listDocuments } from '../../src/audit/document-list.ts'
import { drawBatch } from '../../src/audit/draw-batch.ts'
import { readingOf, storeJudgements } from '../../src/audit/judge-documents.ts'
import { batchLines, BatchRequest, ownBatch, readBatch } from '../../src/audit/label-batch.ts'
import { Judgement, readLabels } from '../../src/audit/labels.ts'
import { answer } from '../../src/audit/routes.ts'
import { openDataset } from '../../src/dataset/format.ts'
import { runPython } from '../python.ts'
import { quern, quernJson } from '../quern.ts'
import { bucket, type S3Server, startServer } from '../storage/s3-servers.ts'
import { writeAudited } from './small-audit.ts'

const say = (document: string, more: Partial<Judgement>): Judgement => Judgement.parse({ document, verdict: 'keep', annotator: 'Eva', ...more })

/** MurmurHash3's finalizer in whole numbers of any size: written otherwise than in the product. */
function mixed(of: number): number {
  const low = (value: bigint): bigint => value & 0xffff_ffffn
  let hash = BigInt(of)
  hash = low((hash ^ (hash >> 16n)) * 0x85ebca6bn)
  hash = low((hash ^ (hash >> 13n)) * 0xc2b2ae35n)
  return Number(hash ^ (hash >> 16n))
}

let folder: string
let dataset: string
let audited: Audited

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quern-labels-'))
  dataset = join(folder, 'out')
  writeAudited(folder, dataset)
  audited = await openAudited(await openDataset(dataset))
})

afterAll(() => {
  audited.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a batch', () => {
  test('is stored with seed, request and frame, and the same request is the same batch', async () => {
    const request = BatchRequest.parse({ languages: ['de', 'el', 'bg'], seed: 7, size: 40, annotator: 'Ελένη' })
    const batch = await drawBatch(audited, request)
    const key = join(dataset, 'labels', 'batches', `${batch.name}.json`)
    const { mtimeMs } = statSync(key)
    expect(JSON.parse(readFileSync(key, 'utf8'))).toEqual(batch)
    expect(batch.request).toMatchObject({ seed: 7, languages: ['bg', 'de', 'el'], annotator: 'Ελένη' })
    expect(await drawBatch(audited, { ...request, languages: ['el', 'bg', 'de'] })).toEqual(batch)
    expect(statSync(key).mtimeMs).toBe(mtimeMs)
    const other = await drawBatch(audited, { ...request, seed: 8 })
    expect(other.documents.map(({ document }) => document)).not.toEqual(batch.documents.map(({ document }) => document))
    expect(await readBatch(audited.store, batch.name)).toEqual(batch)
  })

  test('has each language and rule in its frame, counts the ledger confirms, and as many documents of each as drawn', async () => {
    const { strata, documents } = await drawBatch(audited, BatchRequest.parse({ languages: ['de', 'el'], seed: 1, size: 30, annotator: 'Eva' }))
    const instance = await DuckDBInstance.create()
    const connection = await instance.connect()
    const rows = await connection.runAndReadAll(
      `SELECT language, CASE WHEN outcome = 'kept' THEN 'kept' ELSE stage || '/' || rule END AS fate, count(*)::INT AS documents
       FROM '${dataset}/ledger/**/*.parquet' WHERE language IN ('de', 'el') AND coalesce(stage, '') NOT LIKE '%-duplicates' GROUP BY ALL ORDER BY ALL`,
    )
    expect(strata.map(({ language, fate, documents: count }) => ({ language, fate, documents: count })).toSorted(byStratum)).toEqual(
      rows.getRowObjectsJS().toSorted(byStratum as never),
    )
    for (const { language, fate, drawn, documents: all } of strata) {
      expect(drawn).toBeLessThanOrEqual(all)
      expect(documents.filter((of) => of.language === language && of.fate === fate)).toHaveLength(drawn)
    }
    expect(new Set(documents.map(({ document }) => document)).size).toBe(documents.length)
    expect(strata.some(({ fate }) => fate !== 'kept')).toBe(true)
    expect(strata.some(({ fate }) => fate.includes('duplicates'))).toBe(false)
  })

  test('holds of each stratum the documents that come first by a mix of id and seed, in that order', async () => {
    const { strata, documents } = await drawBatch(audited, BatchRequest.parse({ seed: 11, size: 60, annotator: 'Eva' }))
    const place = (id: string): number => mixed((Number.parseInt(id.slice(0, 8), 16) ^ mixed((mixed(0) ^ 11) >>> 0)) >>> 0)
    const places = documents.map(({ document }) => place(document))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    const { rows } = await listDocuments(audited, DocumentFilter.parse({ limit: 500 }))
    const shown = await Promise.all(rows.map(async (row) => ({ ...row, text: (await readingOf(audited, row.document)).text })))
    for (const { language, fate, drawn } of strata) {
      const first = shown.filter((row) => row.language === language && row.fate === fate && row.text !== null).map(({ document }) => document)
      expect(documents.filter((of) => of.language === language && of.fate === fate).map(({ document }) => document)).toEqual(
        first.toSorted((a, b) => place(a) - place(b)).slice(0, drawn),
      )
    }
  })

  test('goes in part to second people, who see neither verdicts nor what others said', async () => {
    const { name, documents } = await drawBatch(audited, BatchRequest.parse({ seed: 2, size: 100, second: 0.3, annotator: 'Eva', blind: false }))
    await storeJudgements(audited, [
      say(documents.find(({ second }) => !second)!.document, { batch: name, comment: 'seen first' }),
      say(documents.find(({ second }) => second)!.document, { batch: name, verdict: 'drop' }),
    ])
    const first = await ownBatch(audited.store, name, 'Eva')
    expect(first).toMatchObject({ role: 'first', blind: false })
    expect(first.documents.map(({ document }) => document)).toEqual(documents.map(({ document }) => document))
    expect(first.given).toHaveLength(2)
    const second = await ownBatch(audited.store, name, 'Ivo')
    expect(second).toMatchObject({ role: 'second', blind: true, given: [] })
    const share = documents.filter((of) => of.second).map(({ document }) => document)
    for (const [language, of] of Map.groupBy(documents, (one) => one.language))
      expect(of.filter((one) => one.second).length, language).toBe(Math.ceil(of.length * 0.3))
    expect(second.documents.map(({ document }) => document).toSorted()).toEqual(share.toSorted())
    expect(second.documents.map(({ document }) => document)).not.toEqual(share)
    const words = JSON.stringify([second, await readingOf(audited, second.documents[0]!.document)])
    expect(words).not.toMatch(/gopher|dropped|outcome|verdict|seen first|Eva/)
    expect((await batchLines(audited.store)).find((line) => line.name === name)).toMatchObject({
      labelled: [{ annotator: 'Eva', documents: 2 }],
      second: share.length,
    })
  })
})

describe('labels', () => {
  test('are added and never altered; what the dataset knows is not taken from the page', async () => {
    const { name, documents } = await drawBatch(audited, BatchRequest.parse({ languages: ['de'], seed: 3, size: 10, annotator: 'Eva' }))
    const { document, fate, language } = documents[0]!
    const before = (await readLabels(audited.store)).length
    await storeJudgements(audited, [say(document, { batch: name, verdict: 'drop', problems: ['porn', 'artefacts'] })])
    await storeJudgements(audited, [say(document, { batch: name, verdict: 'keep', comment: 'on second thought' })])
    const labels = (await readLabels(audited.store)).slice(before)
    expect(labels.map(({ verdict }) => verdict)).toEqual(['drop', 'keep'])
    expect(labels[0]).toMatchObject({ document, fate, language, snapshot: 1, blind: true, problems: ['porn', 'artefacts'] })
    await expect(storeJudgements(audited, [say('0'.repeat(32), { batch: name })])).rejects.toMatchObject({ code: 'bad-usage' })
    await expect(storeJudgements(audited, [say('0'.repeat(32), {})])).rejects.toMatchObject({ code: 'not-found' })
    await expect(storeJudgements(audited, [say(document, { batch: '../../format' })])).rejects.toMatchObject({ code: 'not-found' })
    const context = { store: audited.store, pipeline: undefined, opened: new Map() }
    const forged = { judgements: [{ ...say(document, { batch: name }), fate: 'kept' }] }
    await expect(answer(context, 'POST labels', new URLSearchParams(), forged)).rejects.toMatchObject({ code: 'bad-usage' })
  })

  test('go out as CSV and Parquet, which DuckDB and pyarrow read alike and join with the ledger', async () => {
    const { documents } = await drawBatch(audited, BatchRequest.parse({ languages: ['el'], seed: 4, size: 5, annotator: 'Eva' }))
    await storeJudgements(audited, [
      say(documents[0]!.document, { verdict: 'drop', problems: ['wrong-language'], comment: '=1+1, "Ζήτα"\nдве строки', annotator: 'Ελένη' }),
    ])
    const [csv, parquet] = [join(folder, 'labels.csv'), join(folder, 'labels.parquet')]
    const labels = await readLabels(audited.store)
    expect(quernJson<{ labels: number }>(['audit', dataset, '--labels', csv])).toMatchObject({ labels: labels.length })
    quernJson(['audit', dataset, '--labels', parquet])
    expect(quern(['audit', dataset, '--labels', join(folder, 'labels.xlsx')]).status).toBe(2)
    const instance = await DuckDBInstance.create()
    const connection = await instance.connect()
    const [joined] = (
      await connection.runAndReadAll(
        `SELECT count(*)::INT AS labels, count(ledger.doc_id)::INT AS known, bool_and(labels.language = coalesce(ledger.language, '')) AS alike
         FROM '${parquet}' AS labels LEFT JOIN '${dataset}/ledger/**/*.parquet' AS ledger USING (doc_id)`,
      )
    ).getRowObjectsJS()
    expect(joined).toEqual({ labels: labels.length, known: labels.length, alike: true })
    const columns = `annotator, language, fate, verdict, finding, batch, labelled_at::TIMESTAMP::VARCHAR AS labelled_at, porn::INT AS porn, wrong_language::INT AS wrong_language, blind::INT AS blind, snapshot::INT AS snapshot`
    const rows = async (from: string): Promise<unknown> => (await connection.runAndReadAll(`SELECT ${columns} FROM ${from}`)).getRowObjectsJS()
    expect(await rows(`read_csv('${csv}')`)).toEqual(await rows(`'${parquet}'`))
    const last = JSON.parse(
      runPython(
        `
import json, sys, pyarrow.parquet as pq
table = pq.read_table(sys.argv[1])
row = table.slice(table.num_rows - 1).to_pylist()[0]
print(json.dumps({**row, "doc_id": row["doc_id"].hex()}))`,
        [parquet],
      ),
    ) as Record<string, unknown>
    expect(last).toMatchObject({
      doc_id: documents[0]!.document,
      comment: '=1+1, "Ζήτα"\nдве строки',
      annotator: 'Ελένη',
      finding: documents[0]!.fate === 'kept' ? 'should-have-been-dropped' : 'rightly-dropped',
      wrong_language: 1,
      porn: 0,
    })
    expect(readFileSync(csv, 'utf8')).toContain(`"'=1+1, ""Ζήτα""\nдве строки"`)
  })
})

describe('on object storage', () => {
  let server: S3Server
  beforeAll(async () => {
    server = await startServer('versitygw')
  })
  afterAll(() => server.stop())

  test('batches and labels are objects of the dataset, which another process finds', { timeout: 180_000 }, async () => {
    const url = `s3://${bucket}/labelled`
    writeAudited(folder, url)
    const remote = await openAudited(await openDataset(url))
    try {
      const { name, documents } = await drawBatch(remote, BatchRequest.parse({ languages: ['fr'], seed: 1, size: 6, annotator: 'Eva' }))
      await Promise.all(documents.map(({ document }) => storeJudgements(remote, [say(document, { batch: name })])))
      await storeJudgements(remote, [say(documents[0]!.document, { verdict: 'drop', comment: 'later' })])
      const file = join(folder, 'remote.csv')
      expect(quernJson<{ labels: number }>(['audit', url, '--labels', file]).labels).toBe(documents.length + 1)
      const again = await openDataset(url)
      expect((await ownBatch(again, name, 'Eva')).given).toHaveLength(documents.length)
    } finally {
      remote.close()
    }
  })
})

function byStratum(a: { language: string; fate: string }, b: { language: string; fate: string }): number {
  const [x, y] = [`${a.language} ${a.fate}`, `${b.language} ${b.fate}`]
  return x < y ? -1 : x > y ? 1 : 0
}
