import { openLedgerFile } from '../native/ledger-read.ts'
import type { Store } from '../storage/store.ts'
import type { DocumentColumns } from './document-columns.ts'

/** What is read of the ledger for some rows: ids as 32 hex digits, null for no text and no number. */
export interface LedgerRows {
  readonly ids: readonly string[]
  readonly texts: Readonly<Record<string, readonly (string | null)[]>>
  readonly numbers: Readonly<Record<string, readonly (number | null)[]>>
}

/**
 * Columns of some rows, in the order given. Of each row group only pages with one of the rows are decoded, so a hundred rows
 * out of millions cost some tens of megabytes, and not whole columns.
 */
export async function rowsOfLedger(
  store: Store,
  { groups }: Pick<DocumentColumns, 'groups'>,
  rows: readonly number[],
  wanted: { readonly texts?: readonly string[]; readonly numbers?: readonly string[] },
): Promise<LedgerRows> {
  const ids = rows.map(() => '')
  const columns = <T>(names: readonly string[] = []) => Object.fromEntries(names.map((name) => [name, rows.map((): T | null => null)]))
  const texts = columns<string>(wanted.texts)
  const numbers = columns<number>(wanted.numbers)
  const ascending = rows.map((row, at) => ({ row, at })).toSorted((a, b) => a.row - b.row)
  const inGroups = Map.groupBy(ascending, ({ row }) => groups[groupOf(groups, row)]!)
  for (const [path, of] of Map.groupBy(inGroups, ([{ file }]) => file.path)) {
    const file = openLedgerFile(await store.localPath(path), path)
    for (const [{ group, first }, places] of of) {
      // A row that is wanted twice is read once.
      const distinct = [...new Set(places.map(({ row }) => row - first))]
      const at = Uint32Array.from(distinct)
      const index = new Map(distinct.map((row, i) => [row, i]))
      const put = <T>(into: T[], value: (i: number) => T) => {
        for (const place of places) into[place.at] = value(index.get(place.row - first)!)
      }
      const found = Buffer.from(file.idsAt(group, 'doc_id', at))
      put(ids, (i) => found.toString('hex', i * 16, i * 16 + 16))
      for (const [name, into] of Object.entries(texts).filter(([column]) => file.names.includes(column))) {
        const { values, offsets } = file.textAt(group, name, at)
        const text = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
        put(into, (i) => (offsets[i] === offsets[i + 1] ? null : text.toString('utf8', offsets[i], offsets[i + 1])))
      }
      for (const [name, into] of Object.entries(numbers).filter(([column]) => file.names.includes(column))) {
        const values = file.numbersAt(group, name, at)
        put(into, (i) => (Number.isNaN(values[i]) ? null : values[i]!))
      }
    }
  }
  return { ids, texts, numbers }
}

/** By bisection. */
function groupOf(groups: DocumentColumns['groups'], row: number): number {
  let [low, high] = [0, groups.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (groups[middle]!.first <= row) low = middle
    else high = middle - 1
  }
  return low
}
