import { createHash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { type ArrowReader, openArrow } from '../dataset/arrow-reader.ts'
import { shardResolver } from '../dataset/resolve-shard.ts'
import { readSuppressed } from '../dataset/suppress.ts'
import type { Audited } from './audited.ts'
import { type DocumentFilter, type FittingRows, fittingRows } from './document-filter.ts'
import { type DocumentRow, documentRows } from './document-list.ts'
import { type Snippet, wordMatcher } from './word-match.ts'

export interface FoundDocument extends DocumentRow {
  readonly snippet: Snippet
}

export interface SearchAnswer {
  readonly rows: readonly FoundDocument[]
  /** What this search looked at. */
  readonly texts: number
  readonly bytes: number
  /** Objects with texts that the filter fits, and how many of them are behind, with earlier searches. */
  readonly files: number
  readonly filesDone: number
  /** Documents that the filter fits, whose texts can be searched, and those without a retained text. */
  readonly documents: number
  readonly withoutText: number
  /** Give it as `from` to go on; null when all has been searched. */
  readonly next: string | null
}

/** How long a question may take: then it answers with what it has, and where to go on. */
const mostMs = 4000
/** Up to so many documents that the filter fits, only blocks of texts that hold one of them are read. */
const mostNamed = 50_000

/**
 * Documents of a filter whose text has some words. There is no index of words: texts lie compressed in blocks of at most
 * 4 MiB, kept ones by language beside their shards, dropped ones by part, and are read block by block, one in memory at a
 * time. The ledger says which objects hold documents of the filter; they are read in an order by hash and seed, so that a
 * search that stops early has looked at a sample of all nights. Stops when it has enough, or after four seconds.
 */
export async function searchDocuments(audited: Audited, filter: DocumentFilter, timeMs = mostMs): Promise<SearchAnswer> {
  const match = wordMatcher(filter.words ?? '')
  const until = performance.now() + timeMs
  const { store } = audited
  const fitting = await fittingRows(audited, filter)
  const { files, documents, withoutText } = await filesOf(audited, fitting, filter.seed)
  const { key } = await audited.documents()
  const named = documents <= mostNamed ? keysOf(fitting, key) : undefined
  const hidden = await readSuppressed(store)
  let [file = 0, block = 0, row = 0] = (filter.from ?? '').split('.').map(Number)
  const rows: FoundDocument[] = []
  let [texts, bytes] = [0, 0]
  for (; file < files.length; file++, block = 0) {
    const reader = await openArrow(store, files[file]!)
    for (; block < reader.blocks.length; block++, row = 0) {
      const ids = await idsOfBlock(reader, block)
      const wanted = ids.map((id) => !hidden.has(id) && (named === undefined || named.has(Number.parseInt(id.slice(0, 8), 16))))
      if (!wanted.includes(true, row)) continue
      const column = (await reader.read(block, ['text'])).columns['text']!
      const all = Buffer.from(column.values.buffer, column.values.byteOffset, column.values.byteLength)
      while (row < ids.length) {
        // At least one block a question, or a slow store would never get on.
        if (rows.length >= filter.limit || (texts > 0 && performance.now() > until))
          return { rows, texts, bytes, files: files.length, filesDone: file, documents, withoutText, next: [file, block, row].join('.') }
        const snippets = new Map<string, Snippet>()
        for (; row < ids.length && snippets.size < filter.limit - rows.length; row++) {
          if (!wanted[row]) continue
          const [start, end] = [column.offsets![row]!, column.offsets![row + 1]!]
          texts++
          bytes += end - start
          const snippet = match(all.toString('utf8', start, end))
          if (snippet !== undefined) snippets.set(ids[row]!, snippet)
        }
        // The filter is asked again: the block holds documents that it does not fit, and names are parts of ids.
        const places = rowsWithKeys(fitting, key, new Set([...snippets.keys()].map((id) => Number.parseInt(id.slice(0, 8), 16))))
        for (const found of await documentRows(audited, fitting, places)) {
          const snippet = snippets.get(found.document)
          if (snippet !== undefined) rows.push({ ...found, snippet })
        }
      }
    }
  }
  return { rows, texts, bytes, files: files.length, filesDone: files.length, documents, withoutText, next: null }
}

async function idsOfBlock(reader: ArrowReader, block: number): Promise<readonly string[]> {
  const { rows, columns } = await reader.read(block, ['doc_id'])
  const values = columns['doc_id']!.values as Uint8Array
  const ids = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  return Array.from({ length: rows }, (_, row) => ids.toString('hex', row * 16, row * 16 + 16))
}

/** The objects that hold texts of a filter's documents, in the order of a search. */
async function filesOf(
  audited: Audited,
  { mask }: FittingRows,
  seed: number,
): Promise<{ readonly files: readonly string[]; readonly documents: number; readonly withoutText: number }> {
  const { numbers, paths } = await audited.texts()
  const { fate } = await audited.documents()
  const keptNumber = fate.names.indexOf('kept')
  const kept = new Uint32Array(paths.length)
  const dropped = new Uint32Array(paths.length)
  for (let row = 0; row < mask.length; row++) if (mask[row] === 1) (fate.numbers[row] === keptNumber ? kept : dropped)[numbers[row]!]!++
  const place = (path: string): string => createHash('md5').update(`${path}-${seed}`).digest('hex')
  const named = paths
    .flatMap((path, number) => (number > 0 && kept[number]! + dropped[number]! > 0 ? [{ path, number, place: place(path) }] : []))
    .toSorted((a, b) => (a.place < b.place ? -1 : 1))
  const resolve = shardResolver(audited.store, audited.snapshot)
  const files = new Set<string>()
  let documents = 0
  let withoutText = kept[0]! + dropped[0]!
  for (const { path, number } of named) {
    const texts = [
      { path: kept[number] === 0 ? undefined : (await resolve(path))?.text.path, count: kept[number]! },
      { path: dropped[number] === 0 ? undefined : path, count: dropped[number]! },
    ]
    for (const of of texts) {
      if (of.path === undefined) withoutText += of.count
      else {
        documents += of.count
        files.add(of.path)
      }
    }
  }
  return { files: [...files], documents, withoutText }
}

function keysOf({ mask }: FittingRows, key: Uint32Array): ReadonlySet<number> {
  const found = new Set<number>()
  for (let row = 0; row < mask.length; row++) if (mask[row] === 1) found.add(key[row]!)
  return found
}

/** Rows that fit and whose ids begin with one of these keys. A bit for each beginning of a key spares most rows the look into the set. */
function rowsWithKeys({ mask }: FittingRows, key: Uint32Array, keys: ReadonlySet<number>): readonly number[] {
  if (keys.size === 0) return []
  const maybe = new Uint8Array(1 << 16)
  for (const one of keys) maybe[one >>> 16] = 1
  const rows: number[] = []
  for (let row = 0; row < mask.length; row++) if (maybe[key[row]! >>> 16] === 1 && mask[row] === 1 && keys.has(key[row]!)) rows.push(row)
  return rows
}
