import type { LabelColumn } from '../core/batch.ts'
import { type IdColumn, type ParquetColumn, type ParquetKind, parquetWriter } from '../native/parquet-write.ts'
import type { ObjectWriter, Store } from '../storage/store.ts'
import { layout } from './layout.ts'
import { groupRows, ledgerKinds } from './ledger-schema.ts'
import type { LedgerEntry } from './pages.ts'

/** Numbers for double and int64 columns, text, labels, ids; a value a row. */
export type LedgerColumns = Readonly<Record<string, ParquetColumn>>

export interface LedgerWriter {
  /** Any number of rows, in the order in which documents were read. A column that is not given is all null. Buffers must not be reused. */
  writeRows(rows: number, columns: LedgerColumns): Promise<void>
  /** The files written, in order. */
  close(): Promise<LedgerEntry[]>
  abort(): Promise<void>
}

interface Slice {
  readonly columns: LedgerColumns
  readonly from: number
  readonly to: number
}

/**
 * Files of about a million rows, in row groups of 65,536: cut by rows alone, so that the same rows give the same files.
 * `version` is Quern's, for `created_by`.
 */
export async function openLedgerWriter(
  store: Store,
  measures: readonly string[],
  version: string,
  rowsPerFile = 16 * groupRows,
): Promise<LedgerWriter> {
  const kinds = ledgerKinds(measures)
  const files: LedgerEntry[] = []
  let waiting: Slice[] = []
  let rowsWaiting = 0
  let file: { readonly object: ObjectWriter; readonly writer: ReturnType<typeof parquetWriter>; rows: number } | undefined

  async function writeGroup(): Promise<void> {
    file ??= {
      object: await store.create(),
      writer: parquetWriter(kinds, groupRows, `quern ${version}`, { 'quern.format': 'quern-ledger/1', 'quern.measures': measures.join(',') }),
      rows: 0,
    }
    const columns: Record<string, ParquetColumn> = {}
    for (const [name, kind] of Object.entries(kinds)) {
      const column = joinColumn(waiting, name, kind)
      if (column !== undefined) columns[name] = column
    }
    await file.object.write(file.writer.writeGroup(rowsWaiting, columns))
    file.rows += rowsWaiting
    waiting = []
    rowsWaiting = 0
    if (file.rows >= rowsPerFile) await closeFile()
  }

  async function closeFile(): Promise<void> {
    if (file === undefined) return
    const { object, writer, rows } = file
    await object.write(writer.finish())
    files.push({ ...(await object.close(layout.ledger)), rows })
    file = undefined
  }

  return {
    async writeRows(rows, columns) {
      checkColumns(kinds, rows, columns)
      for (let from = 0; from < rows;) {
        const to = Math.min(rows, from + groupRows - rowsWaiting)
        waiting.push({ columns, from, to })
        rowsWaiting += to - from
        from = to
        if (rowsWaiting === groupRows) await writeGroup()
      }
    },
    async close() {
      if (rowsWaiting > 0) await writeGroup()
      await closeFile()
      return files
    },
    async abort() {
      await file?.object.abort()
      file = undefined
    },
  }
}

const columnTypes = { double: 'number', int64: 'number', text: 'text', label: 'label', id: 'id', 'optional-id': 'id' } as const

/** A wrong column is a bug of the mill: better here, with its name, than in a file. */
function checkColumns(kinds: Readonly<Record<string, ParquetKind>>, rows: number, columns: LedgerColumns): void {
  if (columns['doc_id'] === undefined) throw new TypeError('the ledger needs a doc_id in every row')
  for (const [name, column] of Object.entries(columns)) {
    const kind = kinds[name]
    if (kind === undefined) throw new TypeError(`the ledger has no column "${name}"`)
    if (column.type !== columnTypes[kind]) throw new TypeError(`column "${name}" of the ledger is a ${column.type}, expected ${columnTypes[kind]}`)
    const has =
      column.type === 'text'
        ? column.offsets.length - 1
        : column.type === 'label'
          ? column.indices.length
          : column.values.length / (column.type === 'id' ? 16 : 1)
    if (has !== rows) throw new RangeError(`column "${name}" of the ledger has ${has} values for ${rows} rows`)
  }
}

function joinColumn(slices: readonly Slice[], name: string, kind: ParquetKind): ParquetColumn | undefined {
  if (slices.every(({ columns }) => columns[name] === undefined)) return undefined
  const rows = slices.reduce((sum, { from, to }) => sum + to - from, 0)
  if (kind === 'label') return joinLabels(slices, name, rows)
  if (kind === 'text') return joinText(slices, name, rows)
  if (kind === 'id' || kind === 'optional-id') return joinIds(slices, name, rows)
  const values = new Float64Array(rows).fill(NaN)
  let at = 0
  for (const { columns, from, to } of slices) {
    const column = columns[name]
    if (column?.type === 'number') values.set(column.values.subarray(from, to), at)
    at += to - from
  }
  return { type: 'number', values }
}

function joinText(slices: readonly Slice[], name: string, rows: number): ParquetColumn {
  const offsets = new Int32Array(rows + 1)
  const parts: Uint8Array[] = []
  let row = 0
  let base = 0
  for (const { columns, from, to } of slices) {
    const column = columns[name]
    const first = column?.type === 'text' ? (column.offsets[from] as number) : 0
    for (let i = from + 1; i <= to; i++) offsets[++row] = base + (column?.type === 'text' ? (column.offsets[i] as number) - first : 0)
    if (column?.type === 'text') parts.push(column.values.subarray(first, column.offsets[to]))
    base = offsets[row] as number
  }
  return { type: 'text', values: Buffer.concat(parts), offsets }
}

/** Labels of all slices in order of first use by a slice; their indices follow. */
function joinLabels(slices: readonly Slice[], name: string, rows: number): LabelColumn {
  const indices = new Int32Array(rows).fill(-1)
  const places = new Map<string, number>()
  let at = 0
  for (const { columns, from, to } of slices) {
    const column = columns[name]
    if (column?.type === 'label') {
      const own = column.labels.map((label) => places.get(label) ?? (places.set(label, places.size), places.size - 1))
      for (let row = from; row < to; row++) indices[at + row - from] = own[column.indices[row] as number] ?? -1
    }
    at += to - from
  }
  return { type: 'label', indices, labels: [...places.keys()] }
}

function joinIds(slices: readonly Slice[], name: string, rows: number): IdColumn {
  const values = new Uint8Array(rows * 16)
  const present = new Uint8Array(rows)
  let at = 0
  for (const { columns, from, to } of slices) {
    const column = columns[name]
    if (column?.type === 'id') {
      values.set(column.values.subarray(from * 16, to * 16), at * 16)
      if (column.present === null) present.fill(1, at, at + to - from)
      else present.set(column.present.subarray(from, to), at)
    }
    at += to - from
  }
  return { type: 'id', values, present }
}
