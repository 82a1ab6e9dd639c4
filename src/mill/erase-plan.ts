import { type LabelColumn, rowText, type TextColumn } from '../core/batch.ts'
import { type Criteria, matcher } from '../dataset/criteria.ts'
import { type LedgerGroup, readLedger } from '../dataset/ledger-reader.ts'
import { movedTexts } from '../dataset/resolve-shard.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import type { IdColumn } from '../native/parquet-write.ts'
import type { Store } from '../storage/store.ts'

/** A duplicate of something that is erased. */
export interface Orphan {
  /** 16 characters of one byte each, as everywhere in this file. */
  readonly id: string
  readonly source: string
  readonly date: string
  /** Object that holds its text, where it was retained. */
  readonly text: string | undefined
}

export interface ErasePlan {
  /** Codes of `suppressionRules` by id. */
  readonly erased: ReadonlyMap<string, number>
  /** In the order in which they were read. */
  readonly orphans: readonly Orphan[]
}

/** What the criteria name and has not been erased yet, and the duplicates that name it. Two passes over some columns of the ledger; memory: these ids. */
export async function planErasure(store: Store, snapshot: Snapshot, criteria: Criteria): Promise<ErasePlan> {
  const erased = await findErased(store, snapshot, criteria)
  const orphans: Orphan[] = []
  if (erased.size === 0) return { erased, orphans }
  const moved = await movedTexts(store, snapshot)
  for await (const { rows, columns } of readLedger(store, snapshot, [...orphanColumns, 'survivor', 'rule'])) {
    const [own, survivor] = [columns['doc_id'] as IdColumn, columns['survivor'] as IdColumn]
    const [ids, survivors] = [idsOf(own), idsOf(survivor)]
    for (let row = 0; row < rows; row += 1) {
      if (survivor.present?.[row] !== 1 || !erased.has(survivors(row)) || erased.has(ids(row))) continue
      // A page that a newer version replaced was published once: its keys are erased from the index, and it does not come in again.
      if (labelIn(columns['rule'], row) !== 'replaced') orphans.push(orphanIn(columns, row, moved))
    }
  }
  return { erased, orphans }
}

/** What `orphanIn` needs of the ledger. */
export const orphanColumns = ['doc_id', 'source', 'date', 'dropped_text'] as const

/** A dropped document of a ledger row; `moved` says where objects of dropped texts are that were merged. */
export function orphanIn(columns: LedgerGroup['columns'], row: number, moved: ReadonlyMap<string, string>): Orphan {
  const text = labelIn(columns['dropped_text'], row)
  return {
    id: idsOf(columns['doc_id'] as IdColumn)(row),
    source: labelIn(columns['source'], row) ?? '',
    date: rowText(columns['date'] as TextColumn, row),
    text: text === undefined ? undefined : (moved.get(text) ?? text),
  }
}

async function findErased(store: Store, snapshot: Snapshot, criteria: Criteria): Promise<Map<string, number>> {
  const erased = new Map<string, number>()
  const match = matcher(criteria)
  for await (const { rows, columns } of readLedger(store, snapshot, ['doc_id', 'url', 'source', 'stage'])) {
    const [own, source, stage] = [columns['doc_id'] as IdColumn, columns['source'] as LabelColumn, columns['stage'] as LabelColumn]
    const whole = source.labels.map((name) => match.source(name, snapshot.totals.bySource[name]?.licence ?? ''))
    const gone = stage.labels.indexOf('suppressed')
    const byRow = match.looksAtRows ? match.rows(own.values, columns['url'] as TextColumn) : undefined
    const ids = idsOf(own)
    for (let row = 0; row < rows; row += 1) {
      const code = whole[source.indices[row] ?? -1] || byRow?.[row] || 0
      if (code > 0 && (gone < 0 || stage.indices[row] !== gone)) erased.set(ids(row), code)
    }
  }
  return erased
}

export function idsOf({ values }: Pick<IdColumn, 'values'>): (row: number) => string {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  return (row) => bytes.toString('latin1', row * 16, row * 16 + 16)
}

export function labelIn(column: unknown, row: number): string | undefined {
  const { indices, labels } = column as LabelColumn
  return labels[indices[row] ?? -1]
}
