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

const MovedDocument = z.object({ document: z.string(), url: z.string().nullable() })
export type MovedDocument = z.infer<typeof MovedDocument>

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

/** Two snapshots beside each other; who moved stays a table of its own until it is closed. */
export interface Comparison {
  readonly difference: SnapshotDifference
  /** Some documents of a move, the same ones each time: those with the smallest hashes of their ids. */
  sample(move: Move, count: number): Promise<MovedDocument[]>
  close(): Promise<void>
}

let comparisons = 0

/**
 * What differs between two snapshots of one dataset. Totals are compared as published. Documents are matched by id, and
 * only in ledger files that the two do not share: a night that added to its parent costs its own rows alone. Of documents
 * that moved, about 40 bytes stay in memory.
 */
export async function compareSnapshots(store: Store, tables: LedgerTables, before: Snapshot, after: Snapshot): Promise<Comparison> {
  // Several comparisons live in one connection, and one may be made while another is asked for samples.
  const name = `moved_${++comparisons}`
  await tableOfMoved(store, tables, name, before, after)
  const moves = await tables.rows(
    Move,
    `SELECT "from", "to", language, source, count(*) AS documents, coalesce(sum(tokens), 0)::DOUBLE AS tokens
     FROM ${name} GROUP BY ALL ORDER BY documents DESC, "from", "to", language, source`,
  )
  return {
    difference: { ...totalsOf(before, after), moves },
    sample: ({ from, to, language, source }, count) =>
      tables.rows(
        MovedDocument,
        `SELECT lower(hex(doc_id)) AS document, any_value(url) AS url FROM (
           SELECT id FROM ${name} WHERE "from" = $1 AND "to" = $2 AND language = $3 AND source = $4 ORDER BY md5(id::VARCHAR), id LIMIT ${Math.trunc(count)})
         JOIN (SELECT doc_id, doc_id::UUID AS id, url FROM ${name}_${to === 'absent' ? 'before' : 'after'}) USING (id)
         GROUP BY doc_id ORDER BY document`,
        [from, to, language, source],
      ),
    close: async () => {
      await tables.rows(z.unknown(), `DROP TABLE ${name}`)
      for (const side of ['before', 'after']) await tables.rows(z.unknown(), `DROP VIEW ${name}_${side}`)
    },
  }
}

function totalsOf(before: Snapshot, after: Snapshot): Omit<SnapshotDifference, 'moves'> {
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
  }
}

async function tableOfMoved(store: Store, tables: LedgerTables, name: string, before: Snapshot, after: Snapshot): Promise<void> {
  const [old, now] = await Promise.all([entriesOf(store, before), entriesOf(store, after)])
  const shared = new Set(old.map(({ path }) => path).filter((path) => now.some((entry) => entry.path === path)))
  const alone = (entries: readonly LedgerEntry[]) => entries.filter(({ path }) => !shared.has(path))
  const sides = [`${name}_before`, `${name}_after`] as const
  await tables.view(sides[0], alone(old))
  await tables.view(sides[1], alone(now))
  const fate = `CASE WHEN outcome = 'kept' THEN 'kept' ELSE stage || '/' || rule END`
  // Ids as 128-bit numbers: joined at half the cost of 16 bytes of anything.
  const side = (view: string) => `SELECT doc_id::UUID AS id, coalesce(language, '') AS language, source, n_tokens, ${fate} AS fate FROM ${view}`
  await tables.rows(
    z.unknown(),
    `CREATE TEMP TABLE ${name} AS
     SELECT coalesce(b.id, a.id) AS id,
       coalesce(b.language, a.language) AS language, coalesce(b.source, a.source) AS source,
       coalesce(a.fate, 'absent') AS "from", coalesce(b.fate, 'absent') AS "to", coalesce(b.n_tokens, a.n_tokens) AS tokens
     FROM (${side(sides[0])}) a FULL JOIN (${side(sides[1])}) b USING (id)
     WHERE a.fate IS DISTINCT FROM b.fate`,
  )
}

async function entriesOf(store: Store, snapshot: Snapshot): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = []
  for await (const entry of readEntries(store, 'ledger', snapshot.ledger)) entries.push(entry)
  return entries
}
