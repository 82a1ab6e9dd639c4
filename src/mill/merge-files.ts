import { openArrow } from '../dataset/arrow-reader.ts'
import { readOpenLedger } from '../dataset/ledger-reader.ts'
import { groupRows, ledgerColumns } from '../dataset/ledger-schema.ts'
import { openLedgerWriter } from '../dataset/ledger-writer.ts'
import { type DroppedEntry, type LedgerEntry, type ListEntries, type PageRef, readPage } from '../dataset/pages.ts'
import { openDroppedWriter } from '../dataset/text.ts'
import { quernVersion } from '../dataset/version.ts'
import { type LedgerFile, openLedgerFile } from '../native/ledger-read.ts'
import type { Store } from '../storage/store.ts'
import { asText } from './erase-shards.ts'
import { defaultMergeWidth, planMerges } from './index-runs.ts'
import { hashOf } from './keys.ts'

/** Lists whose small files become larger ones. */
export type MergedList = 'ledger' | 'dropped'

/** Files that follow each other in a list, as a task. */
export interface FileMergeTask {
  readonly key: string
  readonly kind: MergedList
  readonly files: readonly (LedgerEntry | DroppedEntry)[]
}

/**
 * Sizes of files: rows of the ledger, bytes of dropped texts. Below `lowest` all count alike and are copied again every few
 * nights; a merge never makes more than `most`, about what a large night writes into one file anyway.
 */
const sizes = {
  ledger: { of: (entry: LedgerEntry | DroppedEntry) => (entry as LedgerEntry).rows, tiers: { lowest: 4096, most: 16 * groupRows } },
  dropped: { of: (entry: LedgerEntry | DroppedEntry) => entry.bytes, tiers: { lowest: 1 << 18, most: 64 << 20 } },
} as const

/** The beginning of a list, and what follows it once the merges are done. */
export interface MergedFiles<L extends MergedList> {
  readonly pages: readonly PageRef[]
  readonly entries: readonly ListEntries[L][]
}

/**
 * Begins the merges of a parent's ledger or dropped texts, to be done beside everything else of the night, by the rule that
 * holds for the runs of the index: what a snapshot names follows from its parent and its night. Only the list's last page is looked
 * at: files before it were small once and are what became of them.
 */
export async function startFileMerges<L extends MergedList>(
  store: Store,
  kind: L,
  pages: readonly PageRef[],
  run: (task: FileMergeTask) => Promise<ListEntries[L][]>,
): Promise<() => Promise<MergedFiles<L>>> {
  const last = pages.at(-1)
  if (last === undefined) return () => Promise.resolve({ pages, entries: [] })
  const entries: ListEntries[L][] = await readPage(store, kind, last)
  const { of, tiers } = sizes[kind]
  const merges = planMerges(entries.map(of), defaultMergeWidth, tiers).map(({ start, end }) => {
    const files = entries.slice(start, end)
    return { start, end, merged: run({ key: hashOf({ merge: files.map(({ sha256 }) => sha256), list: kind }), kind, files }) }
  })
  return async () => {
    const all: ListEntries[L][] = []
    let at = 0
    for (const { start, end, merged } of merges) {
      all.push(...entries.slice(at, start), ...(await merged))
      at = end
    }
    return { pages: pages.slice(0, -1), entries: [...all, ...entries.slice(at)] }
  }
}

/** Copies files that follow each other into a new one. They stay for the snapshots that name them. Memory: a row group, or a batch of texts. */
export async function mergeFiles(store: Store, { key, kind, files }: FileMergeTask): Promise<(LedgerEntry | DroppedEntry)[]> {
  const record = `parts/${key}.json`
  const done = await store.find(record)
  if (done !== undefined) return JSON.parse(Buffer.from(done).toString('utf8')) as (LedgerEntry | DroppedEntry)[]
  const merged = kind === 'ledger' ? await mergeLedger(store, files as LedgerEntry[]) : [await mergeDropped(store, files as DroppedEntry[])]
  await store.put(record, JSON.stringify(merged))
  return merged
}

interface OpenFile {
  readonly entry: LedgerEntry
  readonly file: LedgerFile
}

/** Files of other measures than their neighbour's, from nights under other rules, begin a file of their own: a measure that was never taken is no empty one. */
async function mergeLedger(store: Store, files: readonly LedgerEntry[]): Promise<LedgerEntry[]> {
  const groups: { names: string; members: OpenFile[] }[] = []
  for (const entry of files) {
    const file = openLedgerFile(await store.localPath(entry.path), entry.path)
    const names = file.names.join()
    const group = groups.at(-1)
    if (group?.names === names) group.members.push({ entry, file })
    else groups.push({ names, members: [{ entry, file }] })
  }
  const merged: LedgerEntry[] = []
  for (const { members } of groups) merged.push(...(members.length === 1 ? members.map(({ entry }) => entry) : await copyLedger(store, members)))
  return merged
}

async function copyLedger(store: Store, files: readonly OpenFile[]): Promise<LedgerEntry[]> {
  const measures = (files[0]?.file.names ?? []).filter((name) => !Object.hasOwn(ledgerColumns, name))
  const names = [...Object.keys(ledgerColumns), ...measures]
  const writer = await openLedgerWriter(store, measures, quernVersion)
  try {
    for (const { file, entry } of files) for (const { rows, columns } of readOpenLedger(file, entry, names)) await writer.writeRows(rows, columns)
    return await writer.close()
  } catch (error) {
    await writer.abort()
    throw error
  }
}

async function mergeDropped(store: Store, files: readonly DroppedEntry[]): Promise<DroppedEntry> {
  const writer = await openDroppedWriter(store)
  try {
    for (const { path } of files) {
      const reader = await openArrow(store, path)
      for (const block of reader.blocks.keys()) {
        const { rows, columns } = await reader.read(block)
        const docIds = columns['doc_id']?.values as Uint8Array
        await writer.write({ rows, docIds, url: asText(columns['url']), language: asText(columns['language']), text: asText(columns['text']) })
      }
    }
    return { ...(await writer.close()), absorbed: files.flatMap(({ path, absorbed = [] }) => [...absorbed, path]) }
  } catch (error) {
    await writer.abort()
    throw error
  }
}
