import { createHash } from 'node:crypto'
import { layout } from '../dataset/layout.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import type { Store } from '../storage/store.ts'

/** All ids of both, 16 bytes each: each once and ascending. */
export function joinIds(some: Uint8Array, more: Uint8Array): Uint8Array {
  return packIds([...stringsOf(some), ...stringsOf(more)])
}

/** Ids that are strings of 16 characters of one byte each, as bytes: each once and ascending. */
export function packIds(ids: Iterable<string>): Uint8Array {
  return Buffer.from([...new Set(ids)].sort().join(''), 'latin1')
}

/** Ids as strings of 16 characters of one byte each. */
export function* stringsOf(ids: Uint8Array): Generator<string> {
  const bytes = Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength)
  for (let at = 0; at < bytes.byteLength; at += 16) yield bytes.toString('latin1', at, at + 16)
}

/** Puts a file of ids as a snapshot names it. */
export async function putIds(store: Store, ids: Uint8Array): Promise<NonNullable<Snapshot['index']['erased']>> {
  const sha256 = createHash('sha256').update(ids).digest('hex')
  const path = layout.index(sha256)
  await store.put(path, ids)
  return { path, bytes: ids.byteLength, sha256, documents: ids.byteLength / 16 }
}
