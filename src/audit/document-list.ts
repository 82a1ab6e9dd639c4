import * as z from 'zod'
import type { Audited } from './audited.ts'
import { type DocumentFilter, type FilterSql, filterSql } from './document-filter.ts'

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
  const [count] = await audited.tables.rows(
    z.object({ matching: z.number() }),
    `SELECT count(*) AS matching FROM ledger WHERE ${sql.condition}`,
    sql.parameters,
  )
  const rows = await selectRows(audited, sql, 'true', [], `${sql.order}hash(doc_id, ${filter.seed}), doc_id`, filter.limit)
  return { matching: count?.matching ?? 0, rows }
}

/** The documents of these ids (32 hex digits) that a filter fits, in no order. */
export async function rowsOf(audited: Audited, sql: FilterSql, ids: readonly string[]): Promise<readonly DocumentRow[]> {
  if (ids.length === 0) return []
  const list = ids.map((_, i) => `from_hex($${sql.parameters.length + i + 1})`).join(', ')
  return selectRows(audited, sql, `doc_id IN (${list})`, ids, 'doc_id', ids.length)
}

async function selectRows(
  { tables }: Audited,
  { condition, parameters, value, limit }: FilterSql,
  more: string,
  values: readonly string[],
  order: string,
  most: number,
): Promise<readonly DocumentRow[]> {
  return tables.rows(
    Row,
    `SELECT lower(hex(doc_id)) AS document, url, coalesce(language, '') AS language, coalesce(source, '') AS source,
       CASE WHEN outcome = 'kept' THEN 'kept' ELSE stage || '/' || rule END AS fate,
       nullif(measured, 'NaN'::DOUBLE) AS measured, nullif("limit", 'NaN'::DOUBLE) AS "limit",
       n_bytes AS bytes, n_tokens AS tokens, nullif(${value}, 'NaN'::DOUBLE) AS value, ${limit} AS bound
     FROM ledger WHERE (${condition}) AND ${more} ORDER BY ${order} LIMIT ${most}`,
    [...parameters, ...values],
  )
}
