import { rowText, type TextColumn } from '../core/batch.ts'
import { readLedger } from '../dataset/ledger-reader.ts'
import type { PageRef } from '../dataset/pages.ts'
import { type IdTable, idTable } from '../native/id-table.ts'
import type { IdColumn } from '../native/parquet-write.ts'
import type { Store } from '../storage/store.ts'
import { stringsOf } from './id-files.ts'
import { decodePlacement } from './placement-file.ts'
import type { TaskPipeline } from './portable-pipeline.ts'
import { sequenceRules } from './sequence-rules.ts'
import type { PartRecord } from './staged-part.ts'
import { readChunk, textIn } from './staging-file.ts'
import { instantOf } from './survivor-order.ts'

/** The rule of a later version of a page that is kept already. */
export const samePage: (typeof sequenceRules)[number] = 'url-duplicates/same-page'

/** Whether newer versions of pages are to take the place of published ones. */
export function replacesPages({ stages }: Pick<TaskPipeline, 'stages'>): boolean {
  const stage = stages.find(({ component }) => component.name === 'url-duplicates')
  return (stage?.config as { readonly replace?: boolean } | undefined)?.replace === true
}

interface Sequenced {
  readonly record: PartRecord
  readonly sequenced: { readonly placementKey: string }
}

/**
 * Tonight's documents that were dropped for an older version of their page which an earlier night published: their ids, 16
 * bytes each, ascending. `ledger` is that of the earlier nights. Costs the rows of the parts that have such a document, and a
 * pass over ids and dates of that ledger; memory: about 200 bytes for each document that was dropped for its page and has a date.
 */
export async function newerVersions(store: Store, parts: readonly Sequenced[], ledger: readonly PageRef[]): Promise<Uint8Array> {
  if (ledger.length === 0) return new Uint8Array(0)
  const table = idTable(0, 1)
  const found: { readonly id: Buffer; readonly page: number; readonly date: number }[] = []
  for (const { record, sequenced } of parts) await addVersions(store, record, sequenced.placementKey, table, found)
  if (found.length === 0) return new Uint8Array(0)
  const dates = new Float64Array(table.size).fill(NaN)
  for await (const { columns } of readLedger(store, { ledger }, ['doc_id', 'date'])) {
    const pages = table.lookup((columns['doc_id'] as IdColumn).values, NaN)
    for (const [row, page] of pages.entries()) if (!Number.isNaN(page)) dates[page] = instantOf(rowText(columns['date'] as TextColumn, row))
  }
  // A page of tonight itself has no date here: nothing is later than NaN.
  const newer = found.filter(({ page, date }) => date > (dates[page] ?? NaN))
  return Buffer.concat(newer.map(({ id }) => id).sort((a, b) => Buffer.compare(a, b)))
}

async function addVersions(
  store: Store,
  record: PartRecord,
  placementKey: string,
  table: IdTable,
  found: { readonly id: Buffer; readonly page: number; readonly date: number }[],
): Promise<void> {
  const code = sequenceRules.indexOf(samePage)
  const { outcome, survivor } = decodePlacement(await store.get(placementKey))
  if (!outcome.includes(code)) return
  let candidate = 0
  for (const place of record.files.rows.chunks) {
    const chunk = await readChunk(store, record.files.rows.path, place)
    const dates = textIn(chunk, 'date')
    for (let row = 0; row < chunk.rows; row += 1) {
      if ((chunk.numbers['verdict']?.[row] ?? -1) >= 0) continue
      const at = candidate
      candidate += 1
      const date = outcome[at] === code ? instantOf(rowText(dates, row)) : NaN
      if (Number.isNaN(date)) continue
      const page = survivor.slice(at * 16, at * 16 + 16)
      table.insert(page, Float64Array.of(table.size))
      found.push({ id: Buffer.from(chunk.ids.slice(row * 16, row * 16 + 16)), page: table.lookup(page, NaN)[0] ?? NaN, date })
    }
  }
}

/** Where a night notes its newer versions for its tasks. */
export function versionsKey(pass: string): string {
  return `staging/sequence-${pass}/versions`
}

/** Ids as strings of 16 characters, of a file of ids; none where there is no file. */
export async function readVersionIds(store: Store, key: string | undefined): Promise<ReadonlySet<string>> {
  return new Set(key === undefined ? [] : stringsOf(await store.get(key)))
}
