import { compress, decompress } from '../native/compression.ts'
import type { RepeatBlock } from '../native/repeats.ts'
import type { ObjectFacts, Store } from '../storage/store.ts'
import type { PartRecord } from './staged-part.ts'
import type { ChunkPlace } from './staging-file.ts'

const chunkLimit = 1 << 30

export interface RepeatWriter {
  add(block: RepeatBlock): Promise<void>
  close(key: string): Promise<ObjectFacts & { readonly chunks: readonly ChunkPlace[] }>
  abort(): Promise<void>
}

/** What candidates repeat, a chunk for each block of them; the third number of its place is how many candidates it speaks of. */
export async function createRepeats(store: Store): Promise<RepeatWriter> {
  const writer = await store.create()
  const chunks: ChunkPlace[] = []
  return {
    async add({ texts, runs }) {
      if (texts === 0) return
      const frame = compress(new Uint8Array(runs.buffer, runs.byteOffset, runs.byteLength), 1)
      chunks.push([writer.bytes, frame.byteLength, texts])
      await writer.write(frame)
    },
    async close(key) {
      return { ...(await writer.close(key)), chunks }
    },
    abort: () => writer.abort(),
  }
}

/** Reads the part's blocks one after the other; undefined after the last. */
export function repeatBlocks(store: Store, { key, files }: Pick<PartRecord, 'key' | 'files'>): () => Promise<RepeatBlock | undefined> {
  const { repeats } = files
  if (repeats === undefined) throw new RangeError(`part ${key} does not say what its documents repeat`)
  const places = repeats.chunks.values()
  return async () => {
    const { value } = places.next()
    return value === undefined ? undefined : readBlock(store, repeats.path, value)
  }
}

async function readBlock(store: Store, path: string, [offset, length, texts]: ChunkPlace): Promise<RepeatBlock> {
  const bytes = decompress(await store.get(path, { offset, length }), chunkLimit)
  return { texts, runs: new Uint32Array(bytes.slice().buffer) }
}
