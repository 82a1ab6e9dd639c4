import { rowText, type TextColumn } from '../core/batch.ts'
import { readLedger } from '../dataset/ledger-reader.ts'
import { movedTexts } from '../dataset/resolve-shard.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import { idTable } from '../native/id-table.ts'
import type { IdColumn } from '../native/parquet-write.ts'
import type { Store } from '../storage/store.ts'
import { idsOf, labelIn, type Orphan, orphanColumns, orphanIn } from './erase-plan.ts'
import { samePage } from './newer-versions.ts'
import { instantOf } from './survivor-order.ts'

/** A published page and what goes with it, should a newer version take its place. Ids are 16 characters of one byte each. */
export interface ReplaceablePage {
  readonly id: string
  /** Path of its shard, as the ledger names it. */
  readonly shard: string
  /** Newer versions whose texts are there, the newest first, those of one date as they were read. */
  readonly versions: readonly Orphan[]
  /** Other versions of the page: whichever is published stands for them. By id, with the rule that they keep. */
  readonly older: readonly (readonly [id: string, rule: string])[]
  /** What was dropped for its text, in the order in which it was read. */
  readonly duplicates: readonly Orphan[]
}

interface Version extends Orphan {
  readonly page: number
  readonly date: string
}

/**
 * The pages whose newer versions wait in a snapshot, in the order in which they were read. `hidden` says which documents may not
 * come in. Costs two passes over some columns of the ledger; memory: the ids of the pages and of all that names them.
 */
export async function planReplacement(
  store: Store,
  snapshot: Snapshot,
  waiting: Uint8Array,
  hidden: (id: string) => boolean,
): Promise<ReplaceablePage[]> {
  const moved = await movedTexts(store, snapshot)
  const waits = idTable(0, 1)
  waits.insert(waiting, new Float64Array(waiting.byteLength / 16))
  const pages = idTable(0, 1)
  const found: Version[] = []
  for await (const { columns } of readLedger(store, snapshot, [...orphanColumns, 'stage', 'rule', 'survivor'])) {
    const survivor = columns['survivor'] as IdColumn
    for (const [row, known] of waits.lookup((columns['doc_id'] as IdColumn).values, NaN).entries()) {
      // Erased or let in meanwhile, it waits no more.
      if (Number.isNaN(known) || survivor.present?.[row] !== 1 || ruleIn(columns, row) !== samePage) continue
      const orphan = orphanIn(columns, row, moved)
      if (orphan.text === undefined || hidden(orphan.id)) continue
      const page = survivor.values.slice(row * 16, row * 16 + 16)
      pages.insert(page, Float64Array.of(pages.size))
      found.push({ ...orphan, page: pages.lookup(page, NaN)[0] ?? NaN })
    }
  }
  return found.length === 0 ? [] : pagesOf(store, snapshot, moved, pages, found)
}

async function pagesOf(
  store: Store,
  snapshot: Snapshot,
  moved: ReadonlyMap<string, string>,
  table: ReturnType<typeof idTable>,
  found: readonly Version[],
): Promise<ReplaceablePage[]> {
  const facts = Array.from({ length: table.size }, () => ({
    id: '',
    shard: undefined as string | undefined,
    date: NaN,
    older: [] as (readonly [string, string])[],
    duplicates: [] as Orphan[],
  }))
  const order: number[] = []
  for await (const { columns } of readLedger(store, snapshot, [...orphanColumns, 'stage', 'rule', 'survivor', 'shard'])) {
    const [own, survivor] = [columns['doc_id'] as IdColumn, columns['survivor'] as IdColumn]
    const id = idsOf(own)
    for (const [row, place] of table.lookup(own.values, NaN).entries()) {
      const page = facts[place]
      if (page === undefined) continue
      order.push(place)
      page.id = id(row)
      page.shard = labelIn(columns['shard'], row)
      page.date = instantOf(rowText(columns['date'] as TextColumn, row))
    }
    for (const [row, place] of table.lookup(survivor.values, NaN).entries()) {
      const page = facts[place]
      if (page === undefined || survivor.present?.[row] !== 1) continue
      const rule = ruleIn(columns, row)
      if (rule.startsWith('url-duplicates/')) page.older.push([id(row), rule])
      else page.duplicates.push(orphanIn(columns, row, moved))
    }
  }
  const versions = new Map<number, Version[]>()
  for (const version of found) {
    // A page that is not published any more is nobody's place; one without a date is never older.
    if (facts[version.page]?.shard === undefined || !(instantOf(version.date) > (facts[version.page]?.date ?? NaN))) continue
    versions.set(version.page, [...(versions.get(version.page) ?? []), version])
  }
  return order.flatMap((place) => {
    const page = facts[place]
    const newer = versions.get(place)?.toSorted((a, b) => instantOf(b.date) - instantOf(a.date))
    if (page?.shard === undefined || newer === undefined) return []
    return [{ id: page.id, shard: page.shard, versions: newer, older: page.older, duplicates: page.duplicates }]
  })
}

function ruleIn(columns: Readonly<Record<string, unknown>>, row: number): string {
  return `${labelIn(columns['stage'], row)}/${labelIn(columns['rule'], row)}`
}
