import { binding } from './binding.ts'
import { calling } from './native-error.ts'

/** 16-byte ids to numbers, 24 bytes a slot, in one of several partitions so that a check of any size fits in memory. */
export interface IdTable {
  /** Returns the rows whose id was there before; those change nothing. */
  insert(ids: Uint8Array, values: Float64Array): Uint32Array
  /** A number a row: NaN when the id is missing, `others` when it belongs to another partition. */
  lookup(ids: Uint8Array, others: number): Float64Array
  readonly size: number
}

export function idTable(partition: number, partitions: number): IdTable {
  const table = new binding.IdTable(partition, partitions)
  return {
    insert: (ids, values) => calling('inserting ids', 'native-failed', () => table.insert(ids, values)),
    lookup: (ids, others) => calling('looking up ids', 'native-failed', () => table.lookup(ids, others)),
    get size() {
      return table.size()
    },
  }
}
