import { performance } from 'node:perf_hooks'
import * as z from 'zod'
import { type ArrowReader, openArrow } from '../dataset/arrow-reader.ts'
import { shardResolver } from '../dataset/resolve-shard.ts'
import { readSuppressed } from '../dataset/suppress.ts'
import type { Audited } from './audited.ts'
import { type DocumentFilter, type FilterSql, filterSql } from './document-filter.ts'
import { type DocumentRow, rowsOf } from './document-list.ts'
import { type Snippet, wordMatcher } from './word-match.ts'

export interface FoundDocument extends DocumentRow {
  readonly snippet: Snippet
}

export interface SearchAnswer {
  readonly rows: readonly FoundDocument[]
  /** What this search looked at. */
  readonly texts: number
  readonly bytes: number
  /** Objects with texts that the filter fits, and how many of them are behind, with earlier searches. */
  readonly files: number
  readonly filesDone: number
  /** Documents that the filter fits, whose texts can be searched, and those without a retained text. */
  readonly documents: number
  readonly withoutText: number
  /** Give it as `from` to go on; null when all has been searched. */
  readonly next: string | null
}

/** How long a question may take: then it answers with what it has, and where to go on. */
const mostMs = 4000
/** Up to so many documents that the filter fits, only blocks of texts that hold one of them are read. */
const mostNamed = 50_000

/**
 * Documents of a filter whose text has some words. There is no index of words: texts lie compressed in blocks of at most
 * 4 MiB, kept ones by language beside their shards, dropped ones by part, and are read block by block, one in memory at a
 * time. The ledger says which objects hold documents of the filter; they are read in an order by hash and seed, so that a
 * search that stops early has looked at a sample of all nights. Stops when it has enough, or after four seconds.
 */
export async function searchDocuments(audited: Audited, filter: DocumentFilter, timeMs = mostMs): Promise<SearchAnswer> {
  const match = wordMatcher(filter.words ?? '')
  const until = performance.now() + timeMs
  const { store } = audited
  const sql = await filterSql(audited, filter)
  const { files, documents, withoutText } = await filesOf(audited, sql, filter.seed)
  const named = documents <= mostNamed && sql.condition !== 'true' ? await idsOf(audited, sql) : undefined
  const hidden = await readSuppressed(store)
  let [file = 0, block = 0, row = 0] = (filter.from ?? '').split('.').map(Number)
  const rows: FoundDocument[] = []
  let [texts, bytes] = [0, 0]
  for (; file < files.length; file++, block = 0) {
    const reader = await openArrow(store, files[file]!)
    for (; block < reader.blocks.length; block++, row = 0) {
      const ids = await idsOfBlock(reader, block)
      const wanted = ids.map((id) => !hidden.has(id) && (named === undefined || named.has(id)))
      if (!wanted.includes(true, row)) continue
      const column = (await reader.read(block, ['text'])).columns['text']!
      const all = Buffer.from(column.values.buffer, column.values.byteOffset, column.values.byteLength)
      while (row < ids.length) {
        // At least one block a question, or a slow store would never get on.
        if (rows.length >= filter.limit || (texts > 0 && performance.now() > until))
          return { rows, texts, bytes, files: files.length, filesDone: file, documents, withoutText, next: [file, block, row].join('.') }
        const snippets = new Map<string, Snippet>()
        for (; row < ids.length && snippets.size < filter.limit - rows.length; row++) {
          if (!wanted[row]) continue
          const [start, end] = [column.offsets![row]!, column.offsets![row + 1]!]
          texts++
          bytes += end - start
          const snippet = match(all.toString('utf8', start, end))
          if (snippet !== undefined) snippets.set(ids[row]!, snippet)
        }
        // The filter is asked again: without names, the block holds documents that it does not fit.
        for (const fitting of await rowsOf(audited, sql, [...snippets.keys()])) rows.push({ ...fitting, snippet: snippets.get(fitting.document)! })
      }
    }
  }
  return { rows, texts, bytes, files: files.length, filesDone: files.length, documents, withoutText, next: null }
}

async function idsOfBlock(reader: ArrowReader, block: number): Promise<readonly string[]> {
  const { rows, columns } = await reader.read(block, ['doc_id'])
  const values = columns['doc_id']!.values as Uint8Array
  const ids = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  return Array.from({ length: rows }, (_, row) => ids.toString('hex', row * 16, row * 16 + 16))
}

/** The objects that hold texts of a filter's documents, in the order of a search. */
async function filesOf(
  { store, snapshot, tables }: Audited,
  { condition, parameters }: FilterSql,
  seed: number,
): Promise<{ readonly files: readonly string[]; readonly documents: number; readonly withoutText: number }> {
  const rows = await tables.rows(
    z.object({ path: z.string().nullable(), kept: z.boolean(), documents: z.number() }),
    `SELECT path, kept, documents FROM (
       SELECT CASE WHEN outcome = 'kept' THEN shard ELSE dropped_text END AS path, outcome = 'kept' AS kept, count(*) AS documents
       FROM ledger WHERE ${condition} GROUP BY ALL) ORDER BY md5(path || '-${seed}')`,
    parameters,
  )
  const resolve = shardResolver(store, snapshot)
  const files = new Set<string>()
  let [documents, withoutText] = [0, 0]
  for (const row of rows) {
    const path = row.path === null ? undefined : row.kept ? (await resolve(row.path))?.text.path : row.path
    if (path === undefined) withoutText += row.documents
    else {
      documents += row.documents
      files.add(path)
    }
  }
  return { files: [...files], documents, withoutText }
}

async function idsOf({ tables }: Audited, { condition, parameters }: FilterSql): Promise<ReadonlySet<string>> {
  const rows = await tables.rows(z.object({ id: z.string() }), `SELECT lower(hex(doc_id)) AS id FROM ledger WHERE ${condition}`, parameters)
  return new Set(rows.map(({ id }) => id))
}
