import { setImmediate } from 'node:timers/promises'
import type { LabelColumn } from '../core/batch.ts'
import { QuernError } from '../core/errors.ts'
import { readLedgerFile } from '../dataset/ledger-reader.ts'
import type { LedgerEntry } from '../dataset/pages.ts'
import { type HostTable, hostTable } from '../native/host-table.ts'
import { openLedgerFile } from '../native/ledger-read.ts'
import type { IdColumn } from '../native/parquet-write.ts'
import type { Store } from '../storage/store.ts'
import { type LabelNumbers, labelNumbers } from './label-numbers.ts'

/**
 * What rows of a ledger are chosen by, as numbers in memory: 10 bytes a row. A question passes over them in some
 * milliseconds for millions of rows, and then reads of the ledger what it shows, for those rows alone (`ledger-rows.ts`).
 */
export interface DocumentColumns {
  readonly rows: number
  /** Row groups in the order of the rows. */
  readonly groups: readonly RowGroup[]
  /** Index into its names; 0, whose name is '', is none. */
  readonly language: NumberedLabels
  readonly source: NumberedLabels
  /** `kept`, or the `stage/rule` that dropped the row. */
  readonly fate: NumberedLabels
  /** The first four bytes of the id, which is a hash: draws and finds rows without reading ids. */
  readonly key: Uint32Array
}

export interface NumberedLabels {
  readonly numbers: Uint16Array
  readonly names: readonly string[]
}

export interface RowGroup {
  readonly file: LedgerEntry
  /** Of the file. */
  readonly group: number
  /** Rows before it. */
  readonly first: number
  readonly rows: number
}

export async function readDocuments(
  store: Store,
  entries: readonly LedgerEntry[],
  onRows: (rows: number) => void = () => undefined,
): Promise<DocumentColumns> {
  const rows = entries.reduce((sum, entry) => sum + entry.rows, 0)
  const [languages, sources, fates] = [labelNumbers(), labelNumbers(), labelNumbers()]
  const [language, source, fate] = [new Uint16Array(rows), new Uint16Array(rows), new Uint16Array(rows)]
  const key = new Uint32Array(rows)
  const groups: RowGroup[] = []
  for (const file of entries) {
    let group = 0
    for await (const { rows: count, columns } of readLedgerFile(store, file, ['doc_id', 'language', 'source', 'outcome', 'stage', 'rule'])) {
      const first = groups.length === 0 ? 0 : groups.at(-1)!.first + groups.at(-1)!.rows
      groups.push({ file, group: group++, first, rows: count })
      const label = (name: string) => columns[name] as LabelColumn
      languages.put(label('language'), language.subarray(first, first + count))
      sources.put(label('source'), source.subarray(first, first + count))
      putFates(label('outcome'), label('stage'), label('rule'), fates, fate.subarray(first, first + count))
      const ids = (columns['doc_id'] as IdColumn).values
      for (let row = 0; row < count; row++) key[first + row] = keyOf(ids, row)
      onRows(first + count)
      // What was read is given back when the event loop turns.
      await setImmediate()
    }
  }
  const numbered = (numbers: Uint16Array, { names }: LabelNumbers): NumberedLabels => {
    // Numbers beyond two bytes would wrap, and rows be shown under another name.
    if (names.length > 65_536)
      throw new QuernError(
        'damaged-dataset',
        `reading the ledger of ${store.url}: a column of labels has ${names.length - 1} of them, beginning with ${names[1]}`,
        {
          remedy: `Run quern verify ${store.url}; sources, languages and rules are at most 65,535 each.`,
        },
      )
    return { numbers, names }
  }
  return { rows, groups, language: numbered(language, languages), source: numbered(source, sources), fate: numbered(fate, fates), key }
}

function putFates(outcome: LabelColumn, stage: LabelColumn, rule: LabelColumn, fates: LabelNumbers, into: Uint16Array): void {
  const kept = outcome.labels.indexOf('kept')
  const keptNumber = fates.numberOf('kept')
  // One string a pair of stage and rule and not one a row. Index -1 is no label.
  const known = new Int32Array((stage.labels.length + 1) * (rule.labels.length + 1)).fill(-1)
  for (let row = 0; row < into.length; row++) {
    if (outcome.indices[row] === kept) {
      into[row] = keptNumber
      continue
    }
    const [ofStage, ofRule] = [stage.indices[row]!, rule.indices[row]!]
    const pair = (ofStage + 1) * (rule.labels.length + 1) + ofRule + 1
    if (known[pair] === -1) known[pair] = fates.numberOf(`${stage.labels[ofStage] ?? ''}/${rule.labels[ofRule] ?? ''}`)
    into[row] = known[pair]!
  }
}

/** The first four bytes of an id, the highest first. */
export function keyOf(ids: Uint8Array, row: number): number {
  const at = row * 16
  return ((ids[at]! << 24) | (ids[at + 1]! << 16) | (ids[at + 2]! << 8) | ids[at + 3]!) >>> 0
}

/**
 * The place of a row in a draw of a seed: the key of its id, mixed so that every seed has an order of its own (the
 * finalizer of MurmurHash3, which takes each of 2^32 numbers to another one). Rows of one place come in the ledger's order.
 */
export function placing(seed: number): (key: number) => number {
  const salt = mix((mix(Math.floor(seed / 2 ** 32)) ^ seed) >>> 0)
  return (key) => mix((key ^ salt) >>> 0)
}

function mix(of: number): number {
  let hash = of
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Hosts of all rows: 4 bytes a row, and each name once. */
export interface DocumentHosts {
  readonly numbers: Uint32Array
  readonly table: HostTable
}

export async function readHosts(
  store: Store,
  { rows, groups }: DocumentColumns,
  onRows: (rows: number) => void = () => undefined,
): Promise<DocumentHosts> {
  const numbers = new Uint32Array(rows)
  const table = hostTable()
  await eachGroup(store, groups, (file, { group, first, rows: count }) => {
    if (file.names.includes('url')) numbers.set(table.add(file.text(group, 'url')), first)
    onRows(first + count)
  })
  return { numbers, table }
}

/** Which object holds the text of each row, by the number of its path; 0 where none does. Kept rows name their shard. 4 bytes a row. */
export interface DocumentTexts {
  readonly numbers: Uint32Array
  readonly paths: readonly string[]
}

export async function readTexts(store: Store, { rows, groups, fate }: DocumentColumns): Promise<DocumentTexts> {
  const numbers = new Uint32Array(rows)
  const paths = labelNumbers()
  const kept = fate.names.indexOf('kept')
  await eachGroup(store, groups, (file, { group, first, rows: count }) => {
    const [shards, dropped] = ['shard', 'dropped_text'].map((column) => {
      const { labels, indices } = file.names.includes(column) ? file.labels(group, column) : { labels: [], indices: new Int32Array(count).fill(-1) }
      return { indices, numbers: labels.map((path) => paths.numberOf(path)) }
    })
    for (let row = 0; row < count; row++) {
      const { indices, numbers: of } = fate.numbers[first + row] === kept ? shards! : dropped!
      numbers[first + row] = of[indices[row]!] ?? 0
    }
  })
  return { numbers, paths: paths.names }
}

export async function eachGroup(
  store: Store,
  groups: readonly RowGroup[],
  take: (file: ReturnType<typeof openLedgerFile>, group: RowGroup) => void,
): Promise<void> {
  for (const [path, of] of Map.groupBy(groups, ({ file }) => file.path)) {
    const file = openLedgerFile(await store.localPath(path), path)
    for (const group of of) {
      take(file, group)
      await setImmediate()
    }
  }
}
