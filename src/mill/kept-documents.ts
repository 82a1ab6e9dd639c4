import { rowBytes, type NumberColumn, type TextColumn } from '../core/batch.ts'
import { QuernError } from '../core/errors.ts'
import { beforeCut } from '../dataset/cut-pieces.ts'
import { readLedger } from '../dataset/ledger-reader.ts'
import { languageOfShard } from '../dataset/layout.ts'
import { readEntries } from '../dataset/pages.ts'
import { readTexts } from '../dataset/read-texts.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import type { TextRows } from '../dataset/text.ts'
import type { Store } from '../storage/store.ts'

export interface KeptDocuments {
  readonly rows: number
  /** rows x 16 bytes. */
  readonly ids: Uint8Array
  /** Whatever signatures and keys are made of; the texts as they were before a stage cut what is repeated. */
  readonly columns: Readonly<Record<KeyColumn, TextColumn>>
  /** What is left of the texts. */
  readonly left: TextColumn
  /** Some of the texts were cut by a version that did not keep what it cut: they stand in `columns` as they were left. */
  readonly lacking: boolean
}

/** Columns of kept texts that duplicate stages compare. */
const keyColumns = ['text', 'title', 'url', 'author', 'published', 'date', 'extra'] as const
type KeyColumn = (typeof keyColumns)[number]

/** A batch ends at this many rows, or at the first document that brings its text over this many bytes. */
const batchRows = 4096
const batchBytes = 16 << 20

/** Reads the documents that a snapshot's ledger has kept, in the order in which they were read. */
export interface KeptReader {
  /** Documents `from` to `to` (exclusive), fewer when there are no more. Going on behind the last call costs nothing twice. */
  read(from: number, to: number): AsyncGenerator<KeptDocuments>
  close(): Promise<void>
}

/**
 * The kept texts of a language lie in the order of the ledger too, so every language is read once, forwards.
 * Memory: a batch, a row group of the ledger, and one batch of each language.
 */
export function openKeptDocuments(store: Store, snapshot: Snapshot): KeptReader {
  let documents = inLedgerOrder(store, snapshot)
  let place = 0
  return {
    async *read(from, to) {
      if (place > from) {
        await documents.return(undefined)
        documents = inLedgerOrder(store, snapshot)
        place = 0
      }
      let rows: CutRow[] = []
      let bytes = 0
      while (place < to) {
        const { value } = await documents.next()
        if (value === undefined) break
        place += 1
        if (place <= from) continue
        rows.push(value)
        bytes += value.values.text.byteLength + value.left.byteLength
        if (rows.length < batchRows && bytes < batchBytes) continue
        yield batchOf(rows)
        rows = []
        bytes = 0
      }
      if (rows.length > 0) yield batchOf(rows)
    },
    async close() {
      await documents.return(undefined)
    },
  }
}

async function* inLedgerOrder(store: Store, snapshot: Snapshot): AsyncGenerator<CutRow, undefined> {
  const languages = new Map<string, AsyncGenerator<KeptRow, undefined>>()
  try {
    for await (const { rows: count, columns } of readLedger(store, snapshot, ['doc_id', 'outcome', 'shard', 'cut_bytes'])) {
      const { doc_id: ids, outcome, shard } = columns
      const cutBytes = (columns['cut_bytes'] as NumberColumn).values
      if (ids?.type !== 'id' || outcome?.type !== 'label' || shard?.type !== 'label') throw new TypeError('the ledger columns have other types')
      const kept = outcome.labels.indexOf('kept')
      const codes = shard.labels.map((path) => languageOfShard(path) ?? '')
      for (let row = 0; row < count; row += 1) {
        if (outcome.indices[row] !== kept) continue
        const language = codes[shard.indices[row] as number] ?? ''
        const texts = languages.get(language) ?? rowsOf(store, snapshot, language)
        languages.set(language, texts)
        const { value } = await texts.next()
        const id = ids.values.subarray(row * 16, row * 16 + 16)
        if (value === undefined || Buffer.compare(value.id, id) !== 0) throw otherOrder(store, language, id)
        yield { ...value, lacking: (cutBytes[row] ?? 0) > 0 && !value.cut }
      }
    }
  } finally {
    for (const texts of languages.values()) await texts.return(undefined)
  }
  return undefined
}

interface KeptRow {
  readonly id: Uint8Array
  readonly values: Readonly<Record<KeyColumn, Uint8Array>>
  readonly left: Uint8Array
  /** Something was cut, and is in `values` again. */
  readonly cut: boolean
}

interface CutRow extends KeptRow {
  readonly lacking: boolean
}

async function* rowsOf(store: Store, snapshot: Snapshot, language: string): AsyncGenerator<KeptRow, undefined> {
  for await (const shard of readEntries(store, 'shards', snapshot.shards[language] ?? []))
    for await (const texts of readTexts(store, shard.text.path))
      for (let row = 0; row < texts.rows; row += 1) yield rowOf(store, shard.text.path, texts, row)
  return undefined
}

function rowOf(store: Store, path: string, texts: TextRows, row: number): KeptRow {
  const id = texts.docIds.subarray(row * 16, row * 16 + 16)
  const left = rowBytes(texts.text, row)
  const pieces = texts.cut_pieces && rowBytes(texts.cut_pieces, row)
  const cut = pieces !== undefined && pieces.byteLength > 0
  const text = cut ? beforeCut(left, pieces) : left
  if (text === undefined)
    throw new QuernError('damaged-dataset', `reading ${path}: what was cut from document ${Buffer.from(id).toString('hex')} does not fit its text`, {
      remedy: `Run quern verify on ${store.url}; what it finds has to be restored first.`,
    })
  const values = Object.fromEntries(keyColumns.map((name) => [name, name === 'text' ? text : rowBytes(texts[name], row)]))
  return { id, values: values as KeptRow['values'], left, cut }
}

function batchOf(rows: readonly CutRow[]): KeptDocuments {
  const ids = new Uint8Array(rows.length * 16)
  for (const [row, { id }] of rows.entries()) ids.set(id, row * 16)
  const columns = Object.fromEntries(keyColumns.map((name) => [name, columnOf(rows.map(({ values }) => values[name]))])) as Record<
    KeyColumn,
    TextColumn
  >
  const left = rows.some(({ cut }) => cut) ? columnOf(rows.map((row) => row.left)) : columns.text
  return { rows: rows.length, ids, columns, left, lacking: rows.some(({ lacking }) => lacking) }
}

function columnOf(rows: readonly Uint8Array[]): TextColumn {
  const offsets = new Int32Array(rows.length + 1)
  for (const [row, value] of rows.entries()) offsets[row + 1] = (offsets[row] as number) + value.byteLength
  return { type: 'text', values: Buffer.concat(rows), offsets }
}

function otherOrder(store: Store, language: string, id: Uint8Array): QuernError {
  return new QuernError(
    'damaged-dataset',
    `reading the kept texts of ${language === '' ? 'a document without a shard' : language}: they do not continue with document ${Buffer.from(id).toString('hex')}, which the ledger names next`,
    {
      remedy: `Run quern verify on ${store.url}; what it finds has to be restored first. Where documents were erased, a lost run is gone: quern run --rebuild.`,
    },
  )
}
