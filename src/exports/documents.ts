import { createHash } from 'node:crypto'
import * as z from 'zod'
import { QuernError } from '../core/errors.ts'
import { type ArrowReader, openArrow } from '../dataset/arrow-reader.ts'
import type { ArrowColumns, ArrowValues } from '../dataset/arrow-schema.ts'
import { readEntries, type ShardEntry } from '../dataset/pages.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import type { Store } from '../storage/store.ts'

/** A run of documents of one language, none without a token; row i is `ids[offsets[i]..offsets[i + 1]]`, and `offsets[0]` is 0. */
export interface Documents {
  readonly rows: number
  readonly ids: Uint16Array | Uint32Array
  readonly offsets: Int32Array
  /** 16 bytes a row. */
  readonly docIds: Uint8Array
  /** Indices into `sources`. */
  readonly sourceIds: Uint16Array
  /** UTF-8 bytes of the text behind each row. */
  readonly nBytes: Uint32Array
  readonly sources: readonly string[]
  /** Rows of the shard that are not here: hidden by `suppressed/`, and without any token. */
  readonly suppressed: number
  readonly empty: number
  /** End tokens that do not stand at an end: a reader that looks for ends by token is misled by them. */
  readonly endsInside: number
  /** Tokens read for it, those of the rows that are not here included. */
  readonly read: number
}

export interface Selection {
  /** The token at the end of every document, whoever puts it there; null for none. */
  readonly endOfDocument: number | null
  /** Ids in hexadecimal that no reader may give out. */
  readonly hidden: ReadonlySet<string>
  /** A token to put behind every document; null where the dataset has put one there itself, or none is wanted. */
  readonly endToken: number | null
}

/**
 * All documents of one language in the order of its shards, a record batch (16 MiB, or one longer document) at a time and one
 * read ahead. Every byte of a shard is read once, in order, and hashed: after the last batch the hash is compared, so what
 * was yielded is right once the generator has ended, and thrown away when it throws `damaged-dataset`.
 */
export async function* readDocuments(store: Store, snapshot: Snapshot, language: string, selection: Selection): AsyncGenerator<Documents> {
  for await (const shard of readEntries(store, 'shards', snapshot.shards[language] ?? [])) {
    const { reader, batches } = await openVerified(store, shard)
    const sources = checkSchema(reader, shard, snapshot)
    for await (const columns of batches) {
      const documents = select(columns, sources, selection)
      yield { ...documents, endsInside: countInside(documents, selection.endOfDocument) }
    }
  }
}

async function openVerified(store: Store, shard: ShardEntry): Promise<{ reader: ArrowReader; batches: AsyncGenerator<ArrowColumns> }> {
  const hash = createHash('sha256')
  let hashed = 0
  const passing: Pick<Store, 'get' | 'stat'> = {
    stat: (key) => store.stat(key),
    async get(key, range) {
      const bytes = await store.get(key, range)
      if (range?.offset === hashed) {
        hash.update(bytes)
        hashed += range.length
      }
      return bytes
    },
  }
  const reader = await openArrow(passing, shard.path)

  /** Messages and batches follow one another; what lies between them is small, the footer behind the last too. */
  async function hashUpTo(offset: number): Promise<void> {
    if (hashed < offset) await passing.get(shard.path, { offset: hashed, length: offset - hashed })
  }

  async function load(index: number): Promise<ArrowColumns> {
    await hashUpTo(reader.blocks[index]?.offset ?? 0)
    return (await reader.read(index)).columns
  }

  async function* batches(): AsyncGenerator<ArrowColumns> {
    let next = reader.blocks.length === 0 ? undefined : load(0)
    for (let index = 0; next !== undefined; index++) {
      const columns = await next
      next = index + 1 < reader.blocks.length ? load(index + 1) : undefined
      next?.catch(() => undefined) // the consumer meets the error when its turn comes
      yield columns
    }
    await hashUpTo(shard.bytes)
    const sha256 = hash.digest('hex')
    if (sha256 !== shard.sha256 || hashed !== shard.bytes)
      throw new QuernError('damaged-dataset', `exporting ${shard.path}: its SHA-256 is ${sha256}, and the snapshot says ${shard.sha256}`, {
        remedy: `Run quern verify ${store.url}.`,
      })
  }

  return { reader, batches: batches() }
}

/** One vocabulary an export: what a trainer is told of the tokens must hold for every shard. Returns the names of its sources. */
function checkSchema({ schema }: ArrowReader, shard: ShardEntry, { tokenizer }: Snapshot): readonly string[] {
  const columns = { input_ids: `list<${tokenizer.dtype}>`, doc_id: 'fixed<16>', source_id: 'uint16', n_bytes: 'uint32' }
  const sources = z.array(z.string()).safeParse(tryJson(schema.metadata['sources'] ?? ''))
  if (!sources.success || Object.entries(columns).some(([name, type]) => schema.fields[name] !== type))
    throw new QuernError('damaged-dataset', `exporting ${shard.path}: it is no shard of tokens of ${tokenizer.dtype}`, {
      remedy: 'Run quern verify on the dataset.',
    })
  const end = tokenizer.endOfDocument === null ? '' : String(tokenizer.endOfDocument)
  if (schema.metadata['tokenizer_sha256'] === tokenizer.sha256 && schema.metadata['end_of_document'] === end) return sources.data
  throw new QuernError('damaged-dataset', `exporting ${shard.path}: it was made with another tokenizer or end of document than the snapshot names`, {
    remedy: 'Export an older snapshot, or run the pipeline again with --rebuild.',
  })
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The rows that a trainer may have. Nothing is copied where all rows stay and no token is added. */
function select(columns: ArrowColumns, sources: readonly string[], { hidden, endToken }: Selection): Omit<Documents, 'endsInside'> {
  const column = <T extends ArrowValues>(name: string): T => (columns[name] as { values: T }).values
  const ids = column<Uint16Array | Uint32Array>('input_ids')
  const offsets = columns['input_ids']?.offsets as Int32Array
  const all = { docIds: column<Uint8Array>('doc_id'), sourceIds: column<Uint16Array>('source_id'), nBytes: column<Uint32Array>('n_bytes') }
  const counts = { suppressed: 0, empty: 0, read: ids.length }
  const stay: number[] = []
  for (let row = 0; row + 1 < offsets.length; row++) {
    const id = all.docIds
    if (hidden.size > 0 && hidden.has(Buffer.from(id.buffer, id.byteOffset + 16 * row, 16).toString('hex'))) counts.suppressed++
    else if (offsets[row] === offsets[row + 1]) counts.empty++
    else stay.push(row)
  }
  const rows = stay.length
  if (rows === offsets.length - 1 && endToken === null) return { rows, ids, offsets, ...all, sources, ...counts }
  const ends = endToken === null ? 0 : 1
  const length = stay.reduce((sum, row) => sum + lengthOf(offsets, row) + ends, 0)
  const wide = ids instanceof Uint32Array || (endToken ?? 0) > 0xffff
  const kept = {
    ids: wide ? new Uint32Array(length) : new Uint16Array(length),
    offsets: new Int32Array(rows + 1),
    docIds: new Uint8Array(16 * rows),
    sourceIds: new Uint16Array(rows),
    nBytes: new Uint32Array(rows),
  }
  stay.forEach((row, at) => {
    const start = kept.offsets[at] as number
    const end = start + lengthOf(offsets, row)
    kept.ids.set(ids.subarray(offsets[row], offsets[row + 1]), start)
    if (endToken !== null) kept.ids[end] = endToken
    kept.offsets[at + 1] = end + ends
    kept.docIds.set(all.docIds.subarray(16 * row, 16 * row + 16), 16 * at)
    kept.sourceIds[at] = all.sourceIds[row] as number
    kept.nBytes[at] = all.nBytes[row] as number
  })
  return { rows, ...kept, sources, ...counts }
}

function lengthOf(offsets: Int32Array, row: number): number {
  return (offsets[row + 1] as number) - (offsets[row] as number)
}

function countInside({ ids, offsets }: Pick<Documents, 'ids' | 'offsets'>, end: number | null): number {
  let inside = 0
  let row = 0
  for (let at = end === null ? -1 : ids.indexOf(end); at !== -1; at = ids.indexOf(end as number, at + 1)) {
    while ((offsets[row + 1] as number) <= at) row++
    if (at + 1 !== offsets[row + 1]) inside++
  }
  return inside
}
