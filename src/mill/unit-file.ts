import { unitKeyBytes, type UnitKeys } from '../native/document-keys.ts'
import { compress, decompress } from '../native/compression.ts'
import type { ObjectFacts, Store } from '../storage/store.ts'
import { candidateChunkRows } from './candidate-file.ts'
import type { ChunkPlace } from './staging-file.ts'

/** A chunk closes at this many units, so that documents of nothing but short lines do not gather in memory. */
const chunkUnits = 1 << 19
const chunkLimit = 1 << 30

export interface UnitWriter {
  /** The units of one candidate: a row of a batch's. */
  add(units: UnitKeys, row: number): Promise<void>
  close(key: string): Promise<ObjectFacts & { readonly chunks: readonly ChunkPlace[] }>
  abort(): Promise<void>
}

/** Units of candidates, in chunks that never reach over a chunk of the candidate file. */
export async function createUnits(store: Store): Promise<UnitWriter> {
  const writer = await store.create()
  const chunks: ChunkPlace[] = []
  let rows: { readonly units: UnitKeys; readonly row: number }[] = []
  let units = 0
  let inCandidates = 0

  async function flush(): Promise<void> {
    if (rows.length === 0) return
    const frame = compress(encode(rows, units), 1)
    chunks.push([writer.bytes, frame.byteLength, rows.length])
    rows = []
    units = 0
    await writer.write(frame)
  }

  return {
    async add(of, row) {
      const count = (of.offsets[row + 1] ?? 0) - (of.offsets[row] ?? 0)
      rows.push({ units: rowUnits(of, row), row: 0 })
      units += count
      inCandidates = (inCandidates + 1) % candidateChunkRows
      if (units >= chunkUnits || inCandidates === 0) await flush()
    },
    async close(key) {
      await flush()
      return { ...(await writer.close(key)), chunks }
    },
    abort: () => writer.abort(),
  }
}

/** A copy of one row, which does not keep the batch. */
function rowUnits({ offsets, keys, ranges, sizes }: UnitKeys, row: number): UnitKeys {
  const [from, to] = [offsets[row] ?? 0, offsets[row + 1] ?? 0]
  return {
    offsets: Uint32Array.of(0, to - from),
    keys: keys.slice(from * unitKeyBytes, to * unitKeyBytes),
    ranges: ranges.slice(from * 4, to * 4),
    sizes: sizes.slice(row * 2, row * 2 + 2),
  }
}

/** Rows and units (u32 each), offsets, sizes, ranges, keys. */
function encode(rows: readonly { readonly units: UnitKeys }[], total: number): Uint8Array {
  const words = new Uint32Array(2 + rows.length + 1 + rows.length * 2 + total * 4 + total * 2)
  words.set([rows.length, total])
  const sizes = 2 + rows.length + 1
  const ranges = sizes + rows.length * 2
  const keys = new Uint8Array(words.buffer, (ranges + total * 4) * 4)
  let at = 0
  rows.forEach(({ units }, row) => {
    words.set(units.sizes, sizes + row * 2)
    words.set(units.ranges, ranges + at * 4)
    keys.set(units.keys, at * unitKeyBytes)
    at += units.offsets[1] ?? 0
    words[2 + row + 1] = at
  })
  return new Uint8Array(words.buffer)
}

export async function readUnits(store: Store, path: string, [offset, length]: ChunkPlace): Promise<UnitKeys> {
  const bytes = decompress(await store.get(path, { offset, length }), chunkLimit)
  const words = new Uint32Array(bytes.byteOffset % 4 === 0 ? bytes.buffer : bytes.slice().buffer, bytes.byteOffset % 4 === 0 ? bytes.byteOffset : 0)
  const [rows = 0, total = 0] = words
  const sizes = 2 + rows + 1
  const ranges = sizes + rows * 2
  const end = ranges + total * 4
  return {
    offsets: words.subarray(2, sizes),
    sizes: words.subarray(sizes, ranges),
    ranges: words.subarray(ranges, end),
    keys: new Uint8Array(words.buffer, words.byteOffset + end * 4, total * unitKeyBytes),
  }
}
