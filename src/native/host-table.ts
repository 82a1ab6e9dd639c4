import type { TextColumn } from '../core/batch.ts'
import { binding } from './binding.ts'
import { calling } from './native-error.ts'

/** A number for each host that addresses name, in lower case; 0 for an address without one. */
export interface HostTable {
  /** The numbers of the hosts of a column's addresses. */
  add(column: TextColumn): Uint32Array
  /** How many numbers there are, with 0. */
  readonly size: number
  name(number: number): string
  /** A byte a number: 1 for a host (in any case) and all below it. */
  under(host: string): Uint8Array
  /** At most so many numbers, the highest counts first, equal ones by name. `counts` has one a number; 0 leaves it out. */
  top(counts: Uint32Array, most: number): Uint32Array
}

export function hostTable(): HostTable {
  const table = new binding.HostTable()
  const calls = <T>(kernel: () => T): T => calling('numbering hosts', 'native-failed', kernel)
  return {
    add: ({ values, offsets }) => calls(() => table.add(values, offsets)),
    get size() {
      return table.size()
    },
    name: (number) => calls(() => table.name(number)),
    under: (host) => calls(() => table.under(host)),
    top: (counts, most) => calls(() => table.top(counts, most)),
  }
}
