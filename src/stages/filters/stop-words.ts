import type { Batch } from '../../core/batch.ts'
import type { RowLists } from '../../native/measures.ts'
import type { RowSettings } from './language-limits.ts'

/** The stop words of each row's language file, or the same list for all; the lists met so far, numbered for the kernel. */
export function stopWordLists(fixed: readonly string[] | undefined, settingsOf: (batch: Batch) => (row: number) => RowSettings): RowLists {
  if (fixed !== undefined) return { lists: [fixed], ofRows: ({ rows }) => new Int32Array(rows) }
  const lists: (readonly string[])[] = []
  const numbers = new Map<number, number>()
  const numberOf = ({ settings, group }: RowSettings): number => {
    const known = numbers.get(group)
    if (known !== undefined) return known
    // Checked to be words when the file was read.
    const list = settings['stop-words'] as readonly string[] | undefined
    const number = list === undefined ? -1 : lists.push(list) - 1
    numbers.set(group, number)
    return number
  }
  return {
    lists,
    ofRows(batch) {
      const settings = settingsOf(batch)
      return Int32Array.from({ length: batch.rows }, (_, row) => numberOf(settings(row)))
    },
  }
}
