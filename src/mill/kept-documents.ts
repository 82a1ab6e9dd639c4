import { rowBytes, rowText, type LabelColumn, type NumberColumn, type TextColumn } from '../core/batch.ts'
import { QuernError } from '../core/errors.ts'
import { beforeCut } from '../dataset/cut-pieces.ts'
import { readLedger } from '../dataset/ledger-reader.ts'
import { languageOfShard } from '../dataset/layout.ts'
import { readEntries } from '../dataset/pages.ts'
import { readTexts } from '../dataset/read-texts.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import type { TextRows } from '../dataset/text.ts'
import type { Store } from '../storage/store.ts'
import { holdTexts, type HeldCandidate, type HeldRows, type HeldTexts } from './held-texts.ts'
import { keyColumns, type KeptRow, type KeyColumn } from './kept-row.ts'
import { sequenceRules } from './sequence-rules.ts'

export interface KeptDocuments {
  readonly rows: number
  /** rows x 16 bytes. */
  readonly ids: Uint8Array
  /** Those of the shards that hold the texts. */
  readonly languages: LabelColumn
  /** Whatever signatures and keys are made of; the texts as they were before a stage cut what is repeated. */
  readonly columns: Readonly<Record<KeyColumn, TextColumn>>
  /** What is left of the texts. */
  readonly left: TextColumn
  /** Some of the texts were cut by a version that did not keep what it cut: they stand in `columns` as they were left. */
  readonly lacking: boolean
}

/** A batch ends at this many rows, or at the first document that brings its text over this many bytes. */
const batchRows = 4096
const batchBytes = 16 << 20

/** Reads the documents that a snapshot's ledger has kept, in the order in which they entered the index. */
export interface KeptReader {
  /** Documents `from` to `to` (exclusive), fewer when there are no more. Going on behind the last call costs nothing twice. */
  read(from: number, to: number): AsyncGenerator<KeptDocuments>
  close(): Promise<void>
}

/**
 * The kept texts of a language lie in the order of the ledger too, so every language is read once, forwards; those of nights
 * that were held are put into the order in which they were decided, in a file in `scratch`.
 * Memory: a batch, a row group of the ledger, and one batch of each language.
 */
export function openKeptDocuments(store: Store, snapshot: Snapshot, held: readonly HeldRows[], scratch: string): KeptReader {
  let documents = inIndexOrder(store, snapshot, held, scratch)
  let place = 0
  return {
    async *read(from, to) {
      if (place > from) {
        await documents.return(undefined)
        documents = inIndexOrder(store, snapshot, held, scratch)
        place = 0
      }
      let rows: KeptRow[] = []
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

async function* inIndexOrder(store: Store, snapshot: Snapshot, held: readonly HeldRows[], scratch: string): AsyncGenerator<KeptRow, undefined> {
  let night: { readonly rows: HeldRows; readonly texts: HeldTexts } | undefined
  try {
    for await (const { rows, candidate, kept } of inLedgerOrder(store, snapshot, held)) {
      if (night !== undefined && rows !== night.rows) {
        const { texts } = night
        night = undefined
        try {
          yield* texts.take()
        } finally {
          texts.close()
        }
      }
      if (rows !== undefined) {
        night ??= { rows, texts: holdTexts(rows, scratch) }
        night.texts.add(candidate, kept)
      } else if (kept !== undefined) yield kept
    }
    if (night !== undefined) yield* night.texts.take()
  } finally {
    night?.texts.close()
  }
  return undefined
}

interface LedgerOrder {
  /** The held night that it came in. */
  readonly rows: HeldRows | undefined
  readonly candidate: HeldCandidate
  /** Undefined: dropped when all documents were compared; told only where that decides the order. */
  readonly kept: KeptRow | undefined
}

const sequenceStages = new Set(sequenceRules.map((rule) => rule.split('/')[0]))

async function* inLedgerOrder(store: Store, snapshot: Snapshot, held: readonly HeldRows[]): AsyncGenerator<LedgerOrder, undefined> {
  const languages = new Map<string, AsyncGenerator<StoredRow, undefined>>()
  const measures = held.flatMap(({ order }) => (order.by === 'measure' ? [order.measure] : []))
  const names = ['doc_id', 'outcome', 'shard', 'cut_bytes', ...(held.length === 0 ? [] : ['stage', 'url', 'date', ...new Set(measures)])]
  let first = 0
  let next = 0
  try {
    for await (const { rows: count, columns } of readLedger(store, snapshot, names)) {
      const { doc_id: ids, outcome, shard, stage } = columns
      const { url, date } = columns as Readonly<Record<string, TextColumn | undefined>>
      const numbers = (name: string): Float64Array => (columns[name] as NumberColumn).values
      const cutBytes = numbers('cut_bytes')
      if (ids?.type !== 'id' || outcome?.type !== 'label' || shard?.type !== 'label') throw new TypeError('the ledger columns have other types')
      const kept = outcome.labels.indexOf('kept')
      const codes = shard.labels.map((path) => languageOfShard(path) ?? '')
      const compared = stage?.type === 'label' ? stage.labels.map((name) => sequenceStages.has(name)) : []
      for (let row = 0; row < count; row += 1) {
        const number = first + row
        while (number >= (held[next]?.to ?? Infinity)) next += 1
        const rows = number >= (held[next]?.from ?? Infinity) ? held[next] : undefined
        const order = rows?.order
        const dropped = outcome.indices[row] !== kept
        if (dropped && (order?.by !== 'date' || stage?.type !== 'label' || compared[stage.indices[row] ?? -1] !== true)) continue
        const candidate = {
          url: order === undefined || url === undefined ? nothing : rowBytes(url, row),
          date: order?.by === 'date' && date !== undefined ? rowText(date, row) : '',
          measured: order?.by === 'measure' ? (numbers(order.measure)[row] ?? NaN) : NaN,
        }
        if (dropped) {
          yield { rows, candidate, kept: undefined }
          continue
        }
        const language = codes[shard.indices[row] as number] ?? ''
        const texts = languages.get(language) ?? rowsOf(store, snapshot, language)
        languages.set(language, texts)
        const { value } = await texts.next()
        const id = ids.values.subarray(row * 16, row * 16 + 16)
        if (value === undefined || Buffer.compare(value.id, id) !== 0) throw otherOrder(store, language, id)
        yield { rows, candidate, kept: { ...value, lacking: (cutBytes[row] ?? 0) > 0 && !value.cut } }
      }
      first += count
    }
  } finally {
    for (const texts of languages.values()) await texts.return(undefined)
  }
  return undefined
}

const nothing = new Uint8Array(0)

interface StoredRow extends Omit<KeptRow, 'lacking'> {
  /** Something was cut, and is in `values` again. */
  readonly cut: boolean
}

async function* rowsOf(store: Store, snapshot: Snapshot, language: string): AsyncGenerator<StoredRow, undefined> {
  for await (const shard of readEntries(store, 'shards', snapshot.shards[language] ?? []))
    for await (const texts of readTexts(store, shard.text.path))
      for (let row = 0; row < texts.rows; row += 1) yield { ...rowOf(store, shard.text.path, texts, row), language }
  return undefined
}

function rowOf(store: Store, path: string, texts: TextRows, row: number): Omit<StoredRow, 'language'> {
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

function batchOf(rows: readonly KeptRow[]): KeptDocuments {
  const ids = new Uint8Array(rows.length * 16)
  for (const [row, { id }] of rows.entries()) ids.set(id, row * 16)
  const columns = Object.fromEntries(keyColumns.map((name) => [name, columnOf(rows.map(({ values }) => values[name]))])) as Record<
    KeyColumn,
    TextColumn
  >
  const left = rows.some((row) => row.left !== row.values.text) ? columnOf(rows.map((row) => row.left)) : columns.text
  const labels = [...new Set(rows.map(({ language }) => language))]
  const languages = { type: 'label', indices: Int32Array.from(rows, ({ language }) => labels.indexOf(language)), labels } as const
  return { rows: rows.length, ids, languages, columns, left, lacking: rows.some(({ lacking }) => lacking) }
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
      remedy: `Run quern verify on ${store.url}; what it finds has to be restored first. Where documents were erased or replaced, a lost run is gone: quern run --rebuild makes a new index.`,
    },
  )
}
