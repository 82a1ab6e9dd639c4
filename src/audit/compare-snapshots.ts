import * as z from 'zod'
import { type LedgerEntry, readEntries } from '../dataset/pages.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import type { Store } from '../storage/store.ts'
import type { LedgerTables } from './ledger-tables.ts'

/** Before and after. */
export type Pair = readonly [before: number, after: number]

/** Documents of one language and source that had one fate and have another. */
export const Move = z.object({
  /** `kept`, `stage/rule`, or `absent` for a document that one of the two does not know. */
  from: z.string(),
  to: z.string(),
  language: z.string(),
  source: z.string(),
  documents: z.number(),
  /** Tokens that they have in the snapshot that keeps them; 0 where neither does. */
  tokens: z.number(),
})
export type Move = z.infer<typeof Move>

export interface SnapshotDifference {
  readonly read: Pair
  readonly kept: Pair
  readonly tokens: Pair
  /** By `stage/rule`. */
  readonly rules: Readonly<Record<string, Pair>>
  readonly languages: Readonly<Record<string, { readonly kept: Pair; readonly tokens: Pair }>>
  readonly sources: Readonly<Record<string, { readonly read: Pair; readonly kept: Pair; readonly tokens: Pair }>>
  /** Most documents first. */
  readonly moves: readonly Move[]
}

/**
 * What differs between two snapshots of one dataset. Totals are compared as published. Documents are matched by id, and
 * only in ledger files that the two do not share: a night that added to its parent costs its own rows alone.
 */
export async function compareSnapshots(store: Store, tables: LedgerTables, before: Snapshot, after: Snapshot): Promise<SnapshotDifference> {
  await viewDifference(store, tables, before, after)
  const moves = await tables.rows(
    Move,
    `SELECT "from", "to", language, source, count(*) AS documents, coalesce(sum(tokens), 0)::DOUBLE AS tokens
     FROM moved GROUP BY ALL ORDER BY documents DESC, "from", "to", language, source`,
  )
  const [a, b] = [before.totals, after.totals]
  const pair = (pick: (totals: Snapshot['totals']) => number | undefined): Pair => [pick(a) ?? 0, pick(b) ?? 0]
  const each = <T>(table: (totals: Snapshot['totals']) => Readonly<Record<string, unknown>>, value: (key: string) => T): Record<string, T> =>
    Object.fromEntries([...new Set([...Object.keys(table(a)), ...Object.keys(table(b))])].toSorted().map((key) => [key, value(key)]))
  return {
    read: pair(({ read }) => read),
    kept: pair(({ kept }) => kept),
    tokens: pair(({ tokens }) => tokens),
    rules: each(
      ({ dropped }) => dropped,
      (rule) => pair(({ dropped }) => dropped[rule]),
    ),
    languages: each(
      ({ byLanguage }) => byLanguage,
      (code) => ({ kept: pair(({ byLanguage }) => byLanguage[code]?.kept), tokens: pair(({ byLanguage }) => byLanguage[code]?.tokens) }),
    ),
    sources: each(
      ({ bySource }) => bySource,
      (name) => ({
        read: pair(({ bySource }) => bySource[name]?.read),
        kept: pair(({ bySource }) => bySource[name]?.kept),
        tokens: pair(({ bySource }) => bySource[name]?.tokens),
      }),
    ),
    moves,
  }
}

const Sample = z.object({ document: z.string(), url: z.string().nullable(), measured: z.number().nullable(), limit: z.number().nullable() })

/** Some documents of a move, the same ones each time: those with the smallest hashes of their ids. After `compareSnapshots`. */
export async function sampleMove(tables: LedgerTables, { from, to, language, source }: Move, count: number): Promise<z.infer<typeof Sample>[]> {
  return tables.rows(
    Sample,
    `SELECT lower(hex(doc_id)) AS document, url, measured, "limit" FROM moved
     WHERE "from" = $1 AND "to" = $2 AND language = $3 AND source = $4 ORDER BY md5(hex(doc_id)), doc_id LIMIT ${Math.trunc(count)}`,
    [from, to, language, source],
  )
}

async function viewDifference(store: Store, tables: LedgerTables, before: Snapshot, after: Snapshot): Promise<void> {
  const [old, now] = await Promise.all([entriesOf(store, before), entriesOf(store, after)])
  const shared = new Set(old.map(({ path }) => path).filter((path) => now.some((entry) => entry.path === path)))
  const alone = (entries: readonly LedgerEntry[]) => entries.filter(({ path }) => !shared.has(path))
  await tables.view('only_before', alone(old))
  await tables.view('only_after', alone(now))
  const fate = `CASE WHEN outcome = 'kept' THEN 'kept' ELSE stage || '/' || rule END`
  const side = (view: string) =>
    `SELECT doc_id, url, measured, "limit", coalesce(language, '') AS language, source, n_tokens, ${fate} AS fate FROM ${view}`
  // A view, not a table: a rebuild of 5 million documents is joined once a query and never held twice.
  await tables.rows(
    z.unknown(),
    `CREATE OR REPLACE TEMP VIEW moved AS
     SELECT coalesce(b.doc_id, a.doc_id) AS doc_id, coalesce(b.url, a.url) AS url,
       coalesce(b.measured, a.measured) AS measured, coalesce(b."limit", a."limit") AS "limit",
       coalesce(b.language, a.language) AS language, coalesce(b.source, a.source) AS source,
       coalesce(a.fate, 'absent') AS "from", coalesce(b.fate, 'absent') AS "to", coalesce(b.n_tokens, a.n_tokens) AS tokens
     FROM (${side('only_before')}) a FULL JOIN (${side('only_after')}) b USING (doc_id)
     WHERE a.fate IS DISTINCT FROM b.fate`,
  )
}

async function entriesOf(store: Store, snapshot: Snapshot): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = []
  for await (const entry of readEntries(store, 'ledger', snapshot.ledger)) entries.push(entry)
  return entries
}
