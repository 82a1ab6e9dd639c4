import * as z from 'zod'
import type { Audited } from './audited.ts'
import { type DocumentFilter, fateOf, type FilterSql, filterSql } from './document-filter.ts'

const Row = z.object({
  document: z.string(),
  url: z.string().nullable(),
  language: z.string(),
  source: z.string(),
  fate: z.string(),
  measured: z.number().nullable(),
  limit: z.number().nullable(),
  bytes: z.number().nullable(),
  tokens: z.number().nullable(),
  /** Of the measure that was asked about, with the limit that it is compared with. */
  value: z.number().nullable(),
  bound: z.number().nullable(),
})
export type DocumentRow = z.infer<typeof Row>

export interface DocumentList {
  /** Documents that the filter fits, of which `rows` are a sample. */
  readonly matching: number
  readonly rows: readonly DocumentRow[]
}

/** A sample of the documents that a filter fits: drawn by the hash of id and seed, or the nearest to a limit or a value of a measure. */
export async function listDocuments(audited: Audited, filter: DocumentFilter): Promise<DocumentList> {
  const sql = await filterSql(audited, filter)
  // One pass over the columns of the filter finds how many there are and which are shown; the others are read for those alone.
  const place = `hash(doc_id, ${filter.seed})`
  const key = sql.distance === '' ? place : `ROW(${sql.distance}, ${place})`
  const [found] = await audited.tables.rows(
    z.object({ matching: z.number(), ids: z.array(z.string()) }),
    `SELECT count(*) AS matching, coalesce([lower(hex(id)) FOR id IN min_by(doc_id, ${key}, ${filter.limit})], []) AS ids
     FROM ledger WHERE ${sql.condition}`,
    sql.parameters,
  )
  const ids = found?.ids ?? []
  const order = new Map(ids.map((id, i) => [id, i]))
  const rows = await rowsOf(audited, sql, ids)
  return { matching: found?.matching ?? 0, rows: rows.toSorted((a, b) => order.get(a.document)! - order.get(b.document)!) }
}

/** The documents of these ids (32 hex digits) that a filter fits, in no order. */
export async function rowsOf(
  { tables }: Audited,
  { condition, parameters, value, limit }: FilterSql,
  ids: readonly string[],
): Promise<readonly DocumentRow[]> {
  if (ids.length === 0) return []
  return tables.rows(
    Row,
    `SELECT lower(hex(doc_id)) AS document, url, coalesce(language, '') AS language, coalesce(source, '') AS source,
       ${fateOf} AS fate,
       nullif(measured, 'NaN'::DOUBLE) AS measured, nullif("limit", 'NaN'::DOUBLE) AS "limit",
       n_bytes AS bytes, n_tokens AS tokens, nullif(${value}, 'NaN'::DOUBLE) AS value, ${limit} AS bound
     FROM ledger JOIN (SELECT unhex(unnest($${parameters.length + 1}::VARCHAR[])) AS doc_id) USING (doc_id) WHERE ${condition}`,
    [...parameters, `[${ids.join(', ')}]`],
  )
}
