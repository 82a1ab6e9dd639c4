import type { Store } from '../storage/store.ts'
import { openArrow } from './arrow-reader.ts'
import type { ArrowColumn } from './arrow-schema.ts'

/** Visits the ids of every batch of a shard or text file, 16 bytes a row, with the row of the first; no other column is read. */
export async function eachDocId(store: Store, path: string, visit: (ids: Uint8Array, firstRow: number) => void): Promise<void> {
  const reader = await openArrow(store, path)
  let row = 0
  for (const index of reader.blocks.keys()) {
    const { rows, columns } = await reader.read(index, ['doc_id'])
    visit((columns['doc_id'] as ArrowColumn).values as Uint8Array, row)
    row += rows
  }
}
