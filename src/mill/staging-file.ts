import type { TextColumn } from '../core/batch.ts'
import { compress, decompress } from '../native/compression.ts'
import type { ObjectFacts, ObjectWriter, Store } from '../storage/store.ts'

/**
 * Staging lives from prepare to publication and is read by the mill alone, so it is not Arrow: chunks of raw columns,
 * each one zstd frame, found by the places that the part's record holds. Reading one chunk is one ranged read, and its
 * columns are views, not copies.
 */
export interface Chunk {
  readonly rows: number
  /** 16 bytes a row. */
  readonly ids: Uint8Array
  readonly numbers: Readonly<Record<string, Float64Array>>
  readonly texts: Readonly<Record<string, TextColumn>>
}

/** Where a chunk lies: byte offset and length of its frame, rows in it. */
export type ChunkPlace = readonly [offset: number, length: number, rows: number]

export interface StagingWriter {
  /** Returns the place of the chunk. */
  write(chunk: Chunk): Promise<ChunkPlace>
  close(key: string): Promise<ObjectFacts>
  abort(): Promise<void>
}

interface ChunkHeader {
  readonly rows: number
  readonly numbers: readonly string[]
  readonly texts: readonly (readonly [name: string, bytes: number])[]
}

/** A chunk is a few MiB; more than this is damage. */
const chunkLimit = 1 << 30
const level = 1

export async function createStaging(store: Store): Promise<StagingWriter> {
  const writer: ObjectWriter = await store.create()
  return {
    async write(chunk) {
      const frame = compress(encodeChunk(chunk), level)
      const place: ChunkPlace = [writer.bytes, frame.byteLength, chunk.rows]
      await writer.write(frame)
      return place
    },
    close: (key) => writer.close(key),
    abort: () => writer.abort(),
  }
}

export async function readChunk(store: Store, path: string, [offset, length]: ChunkPlace): Promise<Chunk> {
  return decodeChunk(decompress(await store.get(path, { offset, length }), chunkLimit))
}

/** Header length (u32), padding to 8, header, then numbers, offsets, ids and text bytes, each array padded to 8. */
function encodeChunk({ rows, ids, numbers, texts }: Chunk): Uint8Array {
  const header: ChunkHeader = {
    rows,
    numbers: Object.keys(numbers),
    texts: Object.entries(texts).map(([name, { values }]) => [name, values.byteLength]),
  }
  const headerBytes = Buffer.from(JSON.stringify(header))
  const arrays: (Float64Array | Int32Array | Uint8Array)[] = [
    ...Object.values(numbers),
    ...Object.values(texts).flatMap(({ offsets, values }) => [offsets, values]),
    ids,
  ]
  const total = arrays.reduce((sum, array) => sum + padded(array.byteLength), 8 + padded(headerBytes.byteLength))
  const bytes = new Uint8Array(total)
  new DataView(bytes.buffer).setUint32(0, headerBytes.byteLength, true)
  bytes.set(headerBytes, 8)
  let at = 8 + padded(headerBytes.byteLength)
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at)
    at += padded(array.byteLength)
  }
  return bytes
}

function decodeChunk(given: Uint8Array): Chunk {
  const bytes = given.byteOffset % 8 === 0 ? given : given.slice()
  const { buffer, byteOffset } = bytes
  const headerLength = new DataView(buffer, byteOffset).getUint32(0, true)
  const {
    rows,
    numbers: numberNames,
    texts: textNames,
  } = JSON.parse(Buffer.from(buffer, byteOffset + 8, headerLength).toString('utf8')) as ChunkHeader
  let at = byteOffset + 8 + padded(headerLength)
  const take = (length: number): number => {
    const start = at
    at += padded(length)
    return start
  }
  const numbers = Object.fromEntries(numberNames.map((name) => [name, new Float64Array(buffer, take(rows * 8), rows)]))
  const texts = Object.fromEntries(
    textNames.map(([name, length]): [string, TextColumn] => {
      const offsets = new Int32Array(buffer, take((rows + 1) * 4), rows + 1)
      return [name, { type: 'text', offsets, values: new Uint8Array(buffer, take(length), length) }]
    }),
  )
  return { rows, numbers, texts, ids: new Uint8Array(buffer, take(rows * 16), rows * 16) }
}

function padded(length: number): number {
  return (length + 7) & ~7
}

export function textIn(chunk: Chunk, name: string): TextColumn {
  const column = chunk.texts[name]
  if (column === undefined) throw new RangeError(`a staged chunk has no text column "${name}"`)
  return column
}
