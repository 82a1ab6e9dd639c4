import type { BinaryColumn, LabelColumn, TextColumn } from '../core/batch.ts'
import type { Store } from '../storage/store.ts'
import { openArrow } from './arrow-reader.ts'
import type { ArrowColumn, ArrowSchema } from './arrow-schema.ts'
import { openArrowWriter } from './arrow-writer.ts'
import { cutPieces } from './cut-pieces.ts'
import { layout } from './layout.ts'
import { openHostsWriter } from './hosts.ts'
import type { DroppedEntry, ShardEntry } from './pages.ts'

/** Kept text, row for row beside its token shard. Strings are empty where the source knew nothing. */
export const keptTextSchema: ArrowSchema = {
  fields: {
    doc_id: 'fixed<16>',
    url: 'utf8',
    language: 'utf8',
    text: 'utf8',
    title: 'utf8',
    author: 'utf8',
    published: 'utf8',
    licence_link: 'utf8',
    date: 'utf8',
    licence: 'utf8',
    rights: 'utf8',
    page_licence: 'utf8',
    source: 'utf8',
    extra: 'utf8',
  },
  metadata: { 'quern.format': 'quern-text/1' },
}

/** The same where a stage may have cut the texts: what it cut stands in the last column. */
export const cutTextSchema: ArrowSchema = { ...keptTextSchema, fields: { ...keptTextSchema.fields, [cutPieces]: 'binary' } }

/** The text of dropped documents; the ledger names the object of each. */
export const droppedTextSchema: ArrowSchema = {
  fields: { doc_id: 'fixed<16>', url: 'utf8', language: 'utf8', text: 'utf8' },
  metadata: { 'quern.format': 'quern-dropped/1' },
}

export interface DroppedRows {
  readonly rows: number
  /** 16 bytes a row. */
  readonly docIds: Uint8Array
  readonly url: TextColumn
  readonly language: TextColumn
  readonly text: TextColumn
}

export interface TextRows extends DroppedRows {
  readonly title: TextColumn
  readonly author: TextColumn
  readonly published: TextColumn
  readonly licence_link: TextColumn
  readonly date: TextColumn
  readonly licence: TextColumn
  /** What the rights stage decided, and the licence that the page itself names. */
  readonly rights: TextColumn
  readonly page_licence: TextColumn
  readonly source: TextColumn
  readonly extra: TextColumn
  /** What was cut from each text (`cut-pieces.ts`); absent: from none. */
  readonly cut_pieces?: BinaryColumn
}

export interface TextWriter<Rows, Result> {
  write(rows: Rows): Promise<void>
  close(): Promise<Result>
  abort(): Promise<void>
}

/** Small batches, so that the text of one document costs an auditor little to read. */
const options = { compress: true, batchRows: 4096, batchBytes: 4 << 20 } as const

/** What lies beside a token shard: the kept text, and the hosts alone for those who do not have the text. */
export type BesideShard = Pick<ShardEntry, 'text' | 'hosts'>

/** `cutting` says whether some of the rows may come with what was cut from them. */
export async function openTextWriter(store: Store, language: string, cutting: boolean): Promise<TextWriter<TextRows, BesideShard>> {
  const writer = await openArrowWriter(await store.create(), cutting ? cutTextSchema : keptTextSchema, options)
  const hosts = await openHostsWriter(store, language)
  return {
    async write({ rows, docIds, cut_pieces: pieces, ...columns }) {
      if (pieces !== undefined && !cutting) throw new TypeError('rows came with what was cut from them, to a file without a column for it')
      const cut = pieces ?? { values: new Uint8Array(0), offsets: new Int32Array(rows + 1) }
      await writer.write(rows, { doc_id: { values: docIds }, ...columns, ...(cutting ? { [cutPieces]: cut } : {}) })
      await hosts.write(rows, columns.url)
    },
    async close() {
      const { path, bytes, sha256 } = await writer.close(layout.text(language))
      return { text: { path, bytes, sha256 }, hosts: await hosts.close() }
    },
    async abort() {
      await Promise.all([writer.abort(), hosts.abort()])
    },
  }
}

export async function openDroppedWriter(store: Store): Promise<TextWriter<DroppedRows, DroppedEntry>> {
  const writer = await openArrowWriter(await store.create(), droppedTextSchema, options)
  return {
    write: ({ rows, docIds, ...columns }) => writer.write(rows, { doc_id: { values: docIds }, ...columns }),
    async close() {
      const { path, bytes, sha256, rows } = await writer.close(layout.dropped)
      return { path, bytes, sha256, documents: rows }
    },
    abort: () => writer.abort(),
  }
}

/** A label a row as text, for columns that say one of few things. */
export function labelsAsText(column: LabelColumn): TextColumn {
  const labels = column.labels.map((label) => new TextEncoder().encode(label))
  const offsets = new Int32Array(column.indices.length + 1)
  column.indices.forEach((label, row) => {
    offsets[row + 1] = (offsets[row] as number) + (labels[label]?.byteLength ?? 0)
  })
  const values = new Uint8Array(offsets[column.indices.length] as number)
  column.indices.forEach((label, row) => {
    const bytes = labels[label]
    if (bytes !== undefined) values.set(bytes, offsets[row])
  })
  return { type: 'text', values, offsets }
}

/** The same text for every row. */
export function sameText(text: string, rows: number): TextColumn {
  return labelsAsText({ type: 'label', indices: new Int32Array(rows), labels: [text] })
}

const decoder = new TextDecoder()

/** One row of a text file as strings; undefined when the file has no such row. */
export async function readTextRow(store: Store, path: string, row: number): Promise<TextRow | undefined> {
  const reader = await openArrow(store, path)
  let first = 0
  for (let block = 0; block < reader.blocks.length; block++) {
    const rows = await reader.rowsOf(block)
    if (row < first + rows) return rowOf((await reader.read(block)).columns, row - first)
    first += rows
  }
  return undefined
}

/** The row of a document among dropped texts; only the ids are read until it is found. */
export async function findDroppedText(store: Store, path: string, docId: Uint8Array): Promise<TextRow | undefined> {
  if ((await store.stat(path)) === undefined) return undefined
  const reader = await openArrow(store, path)
  for (let block = 0; block < reader.blocks.length; block++) {
    const { rows, columns } = await reader.read(block, ['doc_id'])
    const ids = columns['doc_id']?.values as Uint8Array
    for (let row = 0; row < rows; row++)
      if (Buffer.compare(ids.subarray(row * 16, row * 16 + 16), docId) === 0) return rowOf((await reader.read(block)).columns, row)
  }
  return undefined
}

export type TextRow = Readonly<Record<string, string>>

function rowOf(columns: Readonly<Record<string, ArrowColumn>>, row: number): TextRow {
  const fields = Object.entries(columns).flatMap(([name, { values, offsets }]) => {
    if (name === cutPieces) return []
    if (offsets === undefined) return [[name, Buffer.from((values as Uint8Array).subarray(row * 16, row * 16 + 16)).toString('hex')]]
    return [[name, decoder.decode((values as Uint8Array).subarray(offsets[row], offsets[row + 1]))]]
  })
  return Object.fromEntries(fields) as TextRow
}
