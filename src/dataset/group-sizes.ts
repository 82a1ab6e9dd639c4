import * as z from 'zod'
import type { Store } from '../storage/store.ts'
import { openArrow } from './arrow-reader.ts'
import { openArrowWriter } from './arrow-writer.ts'
import type { ArrowSchema } from './arrow-schema.ts'
import { layout } from './layout.ts'
import { readLedgerFile } from './ledger-reader.ts'
import type { LedgerEntry } from './pages.ts'

const count = z.int().nonnegative()

/** A file of group sizes; a snapshot's sizes are the sums over its files. */
export const GroupFile = z.strictObject({
  path: z.string(),
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Rows: kept documents that others were dropped for. */
  groups: count,
})

export type GroupFile = z.infer<typeof GroupFile>

/** Kept documents in byte order of their ids, and how many documents were dropped as duplicates of each. */
export interface GroupSizes {
  readonly ids: Uint8Array
  readonly members: Uint32Array
}

const schema: ArrowSchema = { fields: { doc_id: 'fixed<16>', members: 'uint32' }, metadata: { format: 'quern-groups/1' } }
const batch = { compress: false, batchRows: 65_536, batchBytes: 2 ** 24 }

/** Ids counted at once: about 100 bytes each in a Map. More duplicates than this are counted in several passes. */
const duplicatesPerPass = 1_000_000

/**
 * Side files of a snapshot: how many documents each kept one stands for, by id, so that a trainer can weigh by it what
 * deduplication has removed. A night adds one file; a file that is not four times as large as the one behind it is merged
 * with it, so that a year has a handful of files and writes each row a few times.
 */
export async function addGroupSizes(store: Store, base: readonly GroupFile[], ledger: readonly LedgerEntry[], dropped: number): Promise<GroupFile[]> {
  const files = [...base]
  const tonight = await writeFile(store, survivorsOf(store, ledger, dropped))
  if (tonight !== undefined) files.push(tonight)
  for (;;) {
    const [before, last] = files.slice(-2)
    if (before === undefined || last === undefined || before.groups >= 4 * last.groups) return files
    const merged = await writeFile(store, readGroupSizes(store, [before, last]))
    files.splice(-2, 2, ...(merged === undefined ? [] : [merged]))
  }
}

/** Survivors of a night with how often they are named, in order of id; `dropped` bounds how many rows name one. */
async function* survivorsOf(store: Store, ledger: readonly LedgerEntry[], dropped: number): AsyncGenerator<GroupSizes> {
  const passes = Math.min(256, Math.ceil(dropped / duplicatesPerPass))
  for (let pass = 0; pass < passes; pass += 1) {
    const counts = new Map<string, number>()
    for await (const id of survivorIds(store, ledger)) {
      if (Math.floor((id.charCodeAt(0) * passes) / 256) !== pass) continue
      counts.set(id, (counts.get(id) ?? 0) + 1)
    }
    const ids = [...counts.keys()].sort()
    yield { ids: Buffer.from(ids.join(''), 'latin1'), members: Uint32Array.from(ids, (id) => counts.get(id) ?? 0) }
  }
}

/** Each as 16 characters of one byte: such strings sort like their bytes. */
async function* survivorIds(store: Store, ledger: readonly LedgerEntry[]): AsyncGenerator<string> {
  for (const entry of ledger)
    for await (const { rows, columns } of readLedgerFile(store, entry, ['survivor'])) {
      const { survivor } = columns
      if (survivor?.type !== 'id') continue
      const ids = Buffer.from(survivor.values.buffer, survivor.values.byteOffset, survivor.values.byteLength)
      for (let row = 0; row < rows; row += 1) if (survivor.present?.[row] === 1) yield ids.toString('latin1', row * 16, row * 16 + 16)
    }
}

async function writeFile(store: Store, sizes: AsyncGenerator<GroupSizes>): Promise<GroupFile | undefined> {
  const writer = await openArrowWriter(await store.create(), schema, batch)
  try {
    for await (const { ids, members } of sizes) await writer.write(members.length, { doc_id: { values: ids }, members: { values: members } })
    if (writer.rows === 0) {
      await writer.abort()
      return undefined
    }
    const { path, bytes, sha256, rows } = await writer.close(layout.groups)
    return { path, bytes, sha256, groups: rows }
  } catch (error) {
    await writer.abort()
    throw error
  }
}

/** The sums over several files in order of id, some thousand rows at a time. */
export async function* readGroupSizes(store: Store, files: readonly GroupFile[]): AsyncGenerator<GroupSizes> {
  let cursors: readonly Cursor[] = (await Promise.all(files.map((file) => openCursor(store, file.path)))).filter((cursor) => cursor !== undefined)
  let ids: string[] = []
  let members: number[] = []
  while (cursors.length > 0) {
    let least = cursors[0]!.id()
    for (const cursor of cursors) if (cursor.id() < least) least = cursor.id()
    let sum = 0
    const left: Cursor[] = []
    for (const cursor of cursors) {
      const same = cursor.id() === least
      if (same) sum += cursor.members()
      if (!same || (await cursor.next())) left.push(cursor)
    }
    cursors = left
    ids.push(least)
    members.push(sum)
    if (ids.length === batch.batchRows || cursors.length === 0) {
      yield { ids: Buffer.from(ids.join(''), 'latin1'), members: Uint32Array.from(members) }
      ids = []
      members = []
    }
  }
}

interface Cursor {
  id(): string
  members(): number
  next(): Promise<boolean>
}

async function openCursor(store: Store, path: string): Promise<Cursor | undefined> {
  const reader = await openArrow(store, path)
  let [block, row, rows] = [-1, 0, 0]
  let ids: Buffer = Buffer.alloc(0)
  let counts = new Uint32Array(0)
  const next = async (): Promise<boolean> => {
    row += 1
    while (row >= rows) {
      block += 1
      if (block >= reader.blocks.length) return false
      const read = await reader.read(block)
      const values = read.columns['doc_id']?.values as Uint8Array
      ids = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
      counts = read.columns['members']?.values as Uint32Array<ArrayBuffer>
      rows = read.rows
      row = 0
    }
    return true
  }
  row = -1
  return (await next()) ? { id: () => ids.toString('latin1', row * 16, row * 16 + 16), members: () => counts[row] ?? 0, next } : undefined
}
