import * as z from 'zod'
import { QuernError } from '../core/errors.ts'
import type { Audited } from './audited.ts'

/** Which documents are wanted; what is absent does not narrow. */
export const DocumentFilter = z.strictObject({
  language: z.string().optional(),
  source: z.string().optional(),
  /** `kept`, `dropped`, or `stage/rule`. */
  fate: z.string().optional(),
  host: z.string().optional(),
  /** A measure with a range; its rows come nearest to `near` first, if that is given. */
  measure: z.string().optional(),
  least: z.number().optional(),
  most: z.number().optional(),
  near: z.number().optional(),
  /** Which side of `near`: below, above or both. */
  side: z.enum(['below', 'above']).optional(),
  seed: z.int().default(0),
  limit: z.int().min(1).max(500).default(100),
})
export type DocumentFilter = z.infer<typeof DocumentFilter>

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
  value: z.number().nullable(),
})
export type DocumentRow = z.infer<typeof Row>

export interface DocumentList {
  /** Documents that the filter fits, of which `rows` are a sample. */
  readonly matching: number
  readonly rows: readonly DocumentRow[]
}

/** A sample of the documents that a filter fits: drawn by the hash of id and seed, or the nearest to a value of a measure. */
export async function listDocuments({ tables, rules }: Audited, filter: DocumentFilter): Promise<DocumentList> {
  const parameters: (string | number)[] = []
  const put = (value: string | number): string => `$${parameters.push(value)}`
  const measure = filter.measure
  const known = new Set(rules.stages.flatMap(({ component }) => Object.keys(component.measures)))
  if (measure !== undefined && !known.has(measure))
    throw new QuernError('not-found', `the snapshot has no measure "${measure}"`, { remedy: 'Choose one that the page of a rule shows.' })
  const value = measure === undefined ? 'NULL::DOUBLE' : `"${measure}"`
  const where: string[] = []
  if (filter.language !== undefined) where.push(`coalesce(language, '') = ${put(filter.language)}`)
  if (filter.source !== undefined) where.push(`source = ${put(filter.source)}`)
  if (filter.host !== undefined) where.push(`${hostOf('url')} = ${put(filter.host)}`)
  if (filter.fate === 'kept' || filter.fate === 'dropped') where.push(`outcome = ${put(filter.fate)}`)
  else if (filter.fate !== undefined) {
    const slash = filter.fate.indexOf('/')
    where.push(`stage = ${put(filter.fate.slice(0, slash))} AND rule = ${put(filter.fate.slice(slash + 1))}`)
  }
  if (measure !== undefined) where.push(`NOT isnan(${value}) AND ${value} IS NOT NULL`)
  if (filter.least !== undefined) where.push(`${value} >= ${put(filter.least)}`)
  if (filter.most !== undefined) where.push(`${value} <= ${put(filter.most)}`)
  if (filter.near !== undefined && filter.side === 'below') where.push(`${value} < ${put(filter.near)}`)
  if (filter.near !== undefined && filter.side === 'above') where.push(`${value} > ${put(filter.near)}`)
  const condition = where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`
  const [count] = await tables.rows(z.object({ matching: z.number() }), `SELECT count(*) AS matching FROM ledger ${condition}`, parameters)
  const order = filter.near === undefined ? '' : `abs(${value} - ${put(filter.near)}), `
  const rows = await tables.rows(
    Row,
    `SELECT lower(hex(doc_id)) AS document, url, coalesce(language, '') AS language, coalesce(source, '') AS source,
       CASE WHEN outcome = 'kept' THEN 'kept' ELSE stage || '/' || rule END AS fate,
       nullif(measured, 'NaN'::DOUBLE) AS measured, nullif("limit", 'NaN'::DOUBLE) AS "limit",
       n_bytes AS bytes, n_tokens AS tokens, nullif(${value}, 'NaN'::DOUBLE) AS value
     FROM ledger ${condition} ORDER BY ${order}hash(doc_id, ${put(filter.seed)}), doc_id LIMIT ${filter.limit}`,
    parameters,
  )
  return { matching: count?.matching ?? 0, rows }
}

/** SQL for the host of an address, without user and port. */
export function hostOf(column: string): string {
  return `lower(regexp_extract(${column}, '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]*)', 1))`
}
