import type { Column, LabelColumn, NumberColumn, TextColumn } from '../core/batch.ts'
import { textBuilder } from '../core/text-builder.ts'
import { suppressionRules } from '../dataset/criteria.ts'
import { readLedgerFile } from '../dataset/ledger-reader.ts'
import { ledgerColumns } from '../dataset/ledger-schema.ts'
import { openLedgerWriter } from '../dataset/ledger-writer.ts'
import type { LedgerEntry } from '../dataset/pages.ts'
import { quernVersion } from '../dataset/version.ts'
import { openLedgerFile } from '../native/ledger-read.ts'
import type { IdColumn } from '../native/parquet-write.ts'
import type { Store } from '../storage/store.ts'
import { idsOf, labelIn } from './erase-plan.ts'

/** What has become of a duplicate whose survivor is gone, or of a document that a newer version replaced. */
export type Rejudged =
  | {
      readonly outcome: 'kept'
      readonly shard: string
      readonly row: number
      readonly tokens: number
      readonly bytes: number
      readonly cut: Cut | undefined
    }
  | {
      readonly outcome: 'dropped'
      /** `stage/rule`. */
      readonly rule: string
      readonly survivor: Uint8Array
      readonly measured: number
      readonly limit: number
      /** Object that holds its text from now on; absent for a text that stays where it is, if anywhere. */
      readonly text?: string
    }

/** What a duplicate stage took out of a kept text. */
export interface Cut {
  readonly stage: string
  readonly bytes: number
  readonly source: Uint8Array
}

/** What an erasure or a replacement changes in the ledger; ids are 16 characters of one byte each. */
export interface LedgerChanges {
  readonly erased: ReadonlyMap<string, number>
  readonly rejudged: ReadonlyMap<string, Rejudged>
  /** Where the rows of a shard's path have gone: its new path and rows. Paths of shards that stay as they are are not in it. */
  readonly shards: ReadonlyMap<string, { readonly path: string | undefined; readonly rows: Int32Array }>
  /** New paths of objects of dropped texts, undefined for one that is gone. */
  readonly dropped: ReadonlyMap<string, string | undefined>
}

/** Columns that stay of an erased document: which it was and where its original lies, so that it can be taken away there too. */
const left: ReadonlySet<string> = new Set(['doc_id', 'source', 'part', 'row', 'file', 'offset', 'length', 'language', 'outcome', 'stage', 'rule'])

/** A ledger file with the changes made, or the same where there are none for it. Memory: a row group. */
export async function rewriteLedger(store: Store, entry: LedgerEntry, changes: LedgerChanges): Promise<LedgerEntry[]> {
  if (!(await concerns(store, entry, changes))) return [entry]
  const { names } = openLedgerFile(await store.localPath(entry.path), entry.path)
  const measures = names.filter((name) => !Object.hasOwn(ledgerColumns, name))
  const writer = await openLedgerWriter(store, measures, quernVersion)
  try {
    const all = [...new Set([...Object.keys(ledgerColumns), ...measures])]
    for await (const { rows, columns } of readLedgerFile(store, entry, all)) await writer.writeRows(rows, changed(rows, columns, changes))
    return await writer.close()
  } catch (error) {
    await writer.abort()
    throw error
  }
}

async function concerns(store: Store, entry: LedgerEntry, { erased, rejudged, shards, dropped }: LedgerChanges): Promise<boolean> {
  for await (const { rows, columns } of readLedgerFile(store, entry, ['doc_id', 'shard', 'dropped_text'])) {
    if ((columns['shard'] as LabelColumn).labels.some((path) => shards.has(path))) return true
    if ((columns['dropped_text'] as LabelColumn).labels.some((path) => dropped.has(path))) return true
    const id = idsOf(columns['doc_id'] as IdColumn)
    for (let row = 0; row < rows; row += 1) if (erased.has(id(row)) || rejudged.has(id(row))) return true
  }
  return false
}

type LedgerColumn = Column | IdColumn

function changed(rows: number, read: Readonly<Record<string, LedgerColumn>>, changes: LedgerChanges): Record<string, never> {
  const columns: Record<string, LedgerColumn> = Object.fromEntries(Object.entries(read).map(([name, column]) => [name, copy(column)]))
  const numbers = (name: string): Float64Array => (columns[name] as NumberColumn).values
  const id = idsOf(columns['doc_id'] as IdColumn)
  const labels = new Map<string, Map<string, number>>()
  const setLabel = (name: string, row: number, value: string | undefined): void => {
    const column = columns[name] as LabelColumn
    let known = labels.get(name)
    if (known === undefined) labels.set(name, (known = new Map(column.labels.map((label, i) => [label, i]))))
    let code = value === undefined ? -1 : known.get(value)
    if (code === undefined) {
      known.set(value ?? '', (code = known.size))
      ;(column.labels as string[]).push(value ?? '')
    }
    column.indices[row] = code
  }
  const setId = (name: string, row: number, value: Uint8Array | undefined): void => {
    const column = columns[name] as IdColumn
    column.values.fill(0, row * 16, row * 16 + 16)
    if (value !== undefined) column.values.set(value, row * 16)
    if (column.present !== null) column.present[row] = value === undefined ? 0 : 1
  }
  const emptied = new Set<number>()
  for (let row = 0; row < rows; row += 1) {
    const code = changes.erased.get(id(row))
    if (code !== undefined) {
      const [stage, rule] = (suppressionRules[code] ?? '').split('/')
      for (const [name, column] of Object.entries(columns)) {
        if (left.has(name)) continue
        if (column.type === 'number') column.values[row] = NaN
        else if (column.type === 'label') setLabel(name, row, undefined)
        else if (column.type === 'id') setId(name, row, undefined)
      }
      emptied.add(row)
      setLabel('outcome', row, 'dropped')
      setLabel('stage', row, stage)
      setLabel('rule', row, rule)
      continue
    }
    const shard = changes.shards.get(labelIn(columns['shard'], row) ?? '')
    if (shard !== undefined) {
      numbers('shard_row')[row] = shard.rows[numbers('shard_row')[row] ?? 0] ?? NaN
      setLabel('shard', row, shard.path)
    }
    const text = labelIn(columns['dropped_text'], row)
    if (text !== undefined && changes.dropped.has(text)) setLabel('dropped_text', row, changes.dropped.get(text))
    const fate = changes.rejudged.get(id(row))
    if (fate?.outcome === 'dropped') {
      const [stage, rule] = fate.rule.split('/')
      setLabel('outcome', row, 'dropped')
      setLabel('stage', row, stage)
      setLabel('rule', row, rule)
      setId('survivor', row, fate.survivor)
      for (const name of ['shard', 'cut_by']) setLabel(name, row, undefined)
      for (const name of ['shard_row', 'n_tokens', 'cut_bytes']) numbers(name)[row] = NaN
      setId('cut_from', row, undefined)
      if (fate.text !== undefined) setLabel('dropped_text', row, fate.text)
      numbers('measured')[row] = fate.measured
      numbers('limit')[row] = fate.limit
      numbers('similarity')[row] = stage === 'duplicate-lines' || stage === 'duplicate-paragraphs' ? NaN : fate.measured
    } else if (fate !== undefined) {
      for (const name of ['stage', 'rule', 'dropped_text']) setLabel(name, row, undefined)
      for (const name of ['measured', 'limit', 'similarity']) numbers(name)[row] = NaN
      setId('survivor', row, undefined)
      setLabel('outcome', row, 'kept')
      setLabel('shard', row, fate.shard)
      numbers('shard_row')[row] = fate.row
      numbers('n_tokens')[row] = fate.tokens
      numbers('n_bytes')[row] = fate.bytes
      if (fate.cut !== undefined) {
        numbers('cut_bytes')[row] = fate.cut.bytes
        setLabel('cut_by', row, fate.cut.stage)
        setId('cut_from', row, fate.cut.source)
      }
    }
  }
  for (const [name, column] of Object.entries(columns)) if (column.type === 'text' && !left.has(name)) columns[name] = without(column, emptied)
  return columns as Record<string, never>
}

function copy(column: LedgerColumn): LedgerColumn {
  if (column.type === 'number') return { ...column, values: column.values.slice() }
  if (column.type === 'label') return { ...column, indices: column.indices.slice(), labels: [...column.labels] }
  if (column.type === 'id') return { ...column, values: column.values.slice(), present: column.present?.slice() ?? null }
  return column
}

function without(column: TextColumn, rows: ReadonlySet<number>): TextColumn {
  if (rows.size === 0) return column
  const builder = textBuilder()
  for (let row = 0; row + 1 < column.offsets.length; row += 1)
    if (rows.has(row)) builder.appendBytes(new Uint8Array(0))
    else builder.append(column, row)
  return builder.take()
}
