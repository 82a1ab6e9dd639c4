import type { LabelColumn, NumberColumn } from '../core/batch.ts'
import type { IdColumn } from '../native/parquet-write.ts'
import type { Store } from '../storage/store.ts'
import { readLedger } from './ledger-reader.ts'
import type { Snapshot } from './snapshot.ts'

/** Which of the dropped documents count. */
export interface GroupFilter {
  readonly source: string | undefined
  readonly language: string | undefined
}

export interface GroupMember {
  readonly document: string
  readonly url: string
  readonly source: string
  readonly language: string
  readonly rule: string
  readonly similarity: number
}

/** A kept document and what was dropped for it; `members` are the first ones, `size` counts all that pass the filter. */
export interface DuplicateGroup {
  readonly survivor: string
  readonly url: string
  readonly source: string
  readonly language: string
  readonly size: number
  readonly members: readonly GroupMember[]
}

/** Survivors counted at once. A ledger with more duplicates is read in several passes, each counting a part of all ids. */
const survivorsPerPass = 1_000_000

/** The largest groups of a snapshot, the largest first, those of one size by id. Reads a few columns of the ledger twice. */
export async function duplicateGroups(
  store: Store,
  snapshot: Snapshot,
  filter: GroupFilter,
  most: number,
  mostMembers: number,
): Promise<{ readonly groups: readonly DuplicateGroup[]; readonly duplicates: number; readonly survivors: number }> {
  const passes = Math.max(1, Math.ceil((snapshot.totals.read - snapshot.totals.kept) / survivorsPerPass))
  let largest: [id: string, size: number][] = []
  let [duplicates, survivors] = [0, 0]
  for (let pass = 0; pass < passes; pass += 1) {
    const sizes = new Map<string, number>()
    for await (const { rows, columns } of readLedger(store, snapshot, ['survivor', 'source', 'language'])) {
      const survivor = columns['survivor'] as IdColumn
      const counts = filterOf(columns, filter)
      const ids = Buffer.from(survivor.values.buffer, survivor.values.byteOffset, survivor.values.byteLength)
      for (let row = 0; row < rows; row += 1) {
        if (survivor.present?.[row] !== 1 || (ids[row * 16] ?? 0) % passes !== pass || !counts(row)) continue
        const id = ids.toString('latin1', row * 16, row * 16 + 16)
        sizes.set(id, (sizes.get(id) ?? 0) + 1)
        duplicates += 1
      }
    }
    survivors += sizes.size
    largest = [...largest, ...sizes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, most)
  }
  const found = await describe(store, snapshot, new Map(largest), filter, mostMembers)
  return { groups: largest.map(([id, size]) => ({ ...found.get(id)!, size })), duplicates, survivors }
}

function filterOf(columns: Readonly<Record<string, unknown>>, { source, language }: GroupFilter): (row: number) => boolean {
  const is = (name: string, wanted: string | undefined): ((row: number) => boolean) => {
    if (wanted === undefined) return () => true
    const { indices, labels } = columns[name] as LabelColumn
    return (row) => labels[indices[row] ?? -1] === wanted
  }
  const [bySource, byLanguage] = [is('source', source), is('language', language)]
  return (row) => bySource(row) && byLanguage(row)
}

async function describe(
  store: Store,
  snapshot: Snapshot,
  wanted: ReadonlyMap<string, number>,
  filter: GroupFilter,
  mostMembers: number,
): Promise<ReadonlyMap<string, Omit<DuplicateGroup, 'size'>>> {
  const groups = new Map<string, Omit<DuplicateGroup, 'size'> & { members: GroupMember[] }>()
  const hex = (id: string): string => Buffer.from(id, 'latin1').toString('hex')
  for (const id of wanted.keys()) groups.set(id, { survivor: hex(id), url: '', source: '', language: '', members: [] })
  const names = ['doc_id', 'url', 'source', 'language', 'stage', 'rule', 'similarity', 'survivor']
  const decoder = new TextDecoder()
  for await (const { rows, columns } of readLedger(store, snapshot, names)) {
    const [own, survivor] = [columns['doc_id'] as IdColumn, columns['survivor'] as IdColumn]
    const counts = filterOf(columns, filter)
    const label = (name: string, row: number): string => {
      const { indices, labels } = columns[name] as LabelColumn
      return labels[indices[row] ?? -1] ?? ''
    }
    const url = (row: number): string => {
      const column = columns['url']
      return column?.type === 'text' ? decoder.decode(column.values.subarray(column.offsets[row], column.offsets[row + 1])) : ''
    }
    const [ids, survivors] = [own, survivor].map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)) as [Buffer, Buffer]
    for (let row = 0; row < rows; row += 1) {
      const id = ids.toString('latin1', row * 16, row * 16 + 16)
      const itself = groups.get(id)
      if (itself !== undefined && survivor.present?.[row] !== 1)
        groups.set(id, { ...itself, url: url(row), source: label('source', row), language: label('language', row) })
      if (survivor.present?.[row] !== 1) continue
      const group = groups.get(survivors.toString('latin1', row * 16, row * 16 + 16))
      if (group === undefined || group.members.length >= mostMembers || !counts(row)) continue
      group.members.push({
        document: hex(id),
        url: url(row),
        source: label('source', row),
        language: label('language', row),
        rule: `${label('stage', row)}/${label('rule', row)}`,
        similarity: (columns['similarity'] as NumberColumn).values[row] ?? NaN,
      })
    }
  }
  return groups
}
