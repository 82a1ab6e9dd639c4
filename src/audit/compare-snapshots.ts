import * as z from 'zod'
import { type LedgerEntry, readEntries } from '../dataset/pages.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import { idPairs, noRow } from '../native/id-pairs.ts'
import type { Store } from '../storage/store.ts'
import { type DocumentColumns, eachGroup, type NumberedLabels, placing, readDocuments } from './document-columns.ts'
import { firstRows } from './first-rows.ts'
import { rowsOfLedger } from './ledger-rows.ts'

/** Before and after. */
export type Pair = readonly [before: number, after: number]

/** Documents of one language and source that had one fate and have another. */
export const Move = z.object({
  /** `kept`, `stage/rule`, or `absent` for a document that one of the two does not know. */
  from: z.string(),
  to: z.string(),
  language: z.string(),
  source: z.string(),
  documents: z.number(),
  /** Tokens that they have in the snapshot that keeps them; 0 where neither does. */
  tokens: z.number(),
})
export type Move = z.infer<typeof Move>

export interface MovedDocument {
  readonly document: string
  readonly url: string | null
}

export interface SnapshotDifference {
  readonly read: Pair
  readonly kept: Pair
  readonly tokens: Pair
  /** By `stage/rule`. */
  readonly rules: Readonly<Record<string, Pair>>
  readonly languages: Readonly<Record<string, { readonly kept: Pair; readonly tokens: Pair }>>
  readonly sources: Readonly<Record<string, { readonly read: Pair; readonly kept: Pair; readonly tokens: Pair }>>
  /** Most documents first. */
  readonly moves: readonly Move[]
}

/** Two snapshots beside each other. */
export interface Comparison {
  readonly difference: SnapshotDifference
  /** Some documents of a move, the same ones each time: those that a draw of their ids names first. */
  sample(move: Pick<Move, 'from' | 'to' | 'language' | 'source'>, count: number): Promise<readonly MovedDocument[]>
}

export interface ComparisonOptions {
  /** Told how many rows of both ledgers are read. */
  readonly onRows?: (rows: number) => void
  /** Columns of a snapshot that are in memory, or being read. */
  readonly known?: (snapshot: Snapshot) => Promise<DocumentColumns> | undefined
}

/** Rows of both sides whose fates differ; `noRow` for a document that one of them does not know. */
interface MovedRows {
  readonly before: Uint32Array
  readonly after: Uint32Array
}

/**
 * What differs between two snapshots of one dataset. Totals are compared as published. Documents are matched by id, and
 * only in ledger files that the two do not share: a night that added to its parent costs its own rows alone. While ids are
 * matched they lie in memory, 16 bytes each and up to 25 more a row; afterwards 10 bytes a row of both, and 8 of each that moved.
 */
export async function compareSnapshots(
  store: Store,
  before: Snapshot,
  after: Snapshot,
  { onRows = () => undefined, known = () => undefined }: ComparisonOptions = {},
): Promise<Comparison> {
  const [old, now] = await Promise.all([ledgerOf(store, before), ledgerOf(store, after)])
  const shared = new Set(old.map(({ path }) => path).filter((path) => now.some((entry) => entry.path === path)))
  const alone = (entries: readonly LedgerEntry[]) => entries.filter(({ path }) => !shared.has(path))
  // Columns of a whole ledger may lie in memory already; a part of one is read again.
  const whole = (snapshot: Snapshot) => (shared.size === 0 ? known(snapshot) : undefined)
  const was = await (whole(before) ?? readDocuments(store, alone(old), onRows))
  const is = await (whole(after) ?? readDocuments(store, alone(now), (rows) => onRows(was.rows + rows)))
  const moved = movedRows(was, is, idPairs(await idsOf(store, was), await idsOf(store, is)))
  const tokens = [await numbersOf(store, was, 'n_tokens'), await numbersOf(store, is, 'n_tokens')] as const
  const kinds = kindsOfMove(was, is)
  const moves = new Map<number, { documents: number; tokens: number }>()
  for (let at = 0; at < moved.before.length; at++) {
    const [from, to] = [moved.before[at]!, moved.after[at]!]
    const kind = kinds.of(from, to)
    let sum = moves.get(kind)
    if (sum === undefined) moves.set(kind, (sum = { documents: 0, tokens: 0 }))
    sum.documents++
    const now = to === noRow ? NaN : tokens[1][to]!
    const count = Number.isNaN(now) && from !== noRow ? tokens[0][from]! : now
    if (count > 0) sum.tokens += count
  }
  const named = [...moves].map(([kind, sum]) => ({ ...kinds.named(kind), ...sum }))
  return {
    difference: { ...totalsOf(before, after), moves: named.toSorted(byMove) },
    async sample(move, count) {
      const wanted = kinds.number(move)
      const first = firstRows(count)
      for (let at = 0; at < moved.before.length; at++) {
        const [from, to] = [moved.before[at]!, moved.after[at]!]
        if (kinds.of(from, to) === wanted) first.add(at, 0, sampled(to === noRow ? was.key[from]! : is.key[to]!))
      }
      const absent = move.to === 'absent'
      const rows = first.rows().map((at) => (absent ? moved.before : moved.after)[at]!)
      const { ids, texts } = await rowsOfLedger(store, absent ? was : is, rows, { texts: ['url'] })
      return ids.map((document, i) => ({ document, url: texts['url']![i]! })).toSorted((a, b) => (a.document < b.document ? -1 : 1))
    },
  }
}

const sampled = placing(0)

function byMove(a: Move, b: Move): number {
  if (a.documents !== b.documents) return b.documents - a.documents
  const words = ({ from, to, language, source }: Move) => [from, to, language, source]
  const at = words(a).findIndex((word, i) => word !== words(b)[i])
  return at === -1 ? 0 : words(a)[at]! < words(b)[at]! ? -1 : 1
}

/** What becomes of the pairs, in the order of the later snapshot; what only the earlier one knows comes last. */
function movedRows(was: DocumentColumns, is: DocumentColumns, pairs: Uint32Array): MovedRows {
  const fates = new Map(was.fate.names.map((name, i) => [name, i]))
  const sameFate = Int32Array.from(is.fate.names, (name) => fates.get(name) ?? -1)
  const known = new Uint8Array(was.rows)
  let count = 0
  for (let row = 0; row < is.rows; row++) {
    const pair = pairs[row]!
    if (pair !== noRow) known[pair] = 1
    if (pair === noRow || was.fate.numbers[pair] !== sameFate[is.fate.numbers[row]!]) count++
  }
  for (let row = 0; row < was.rows; row++) count += 1 - known[row]!
  const moved = { before: new Uint32Array(count), after: new Uint32Array(count) }
  let at = 0
  const put = (before: number, after: number) => {
    moved.before[at] = before
    moved.after[at++] = after
  }
  for (let row = 0; row < is.rows; row++) {
    const pair = pairs[row]!
    if (pair === noRow || was.fate.numbers[pair] !== sameFate[is.fate.numbers[row]!]) put(pair, row)
  }
  for (let row = 0; row < was.rows; row++) if (known[row] === 0) put(row, noRow)
  return moved
}

/** A number for each combination of fates, language and source: a string for each of millions would cost seconds. Language and source are the later snapshot's, where it has the document. */
function kindsOfMove(was: DocumentColumns, is: DocumentColumns) {
  const [froms, tos] = [
    [...was.fate.names, 'absent'],
    [...is.fate.names, 'absent'],
  ]
  const joined = (pick: (of: DocumentColumns) => NumberedLabels) => {
    const names = [...new Set([...pick(is).names, ...pick(was).names])]
    return { names, was: Int32Array.from(pick(was).names, (name) => names.indexOf(name)) }
  }
  const languages = joined(({ language }) => language)
  const sources = joined(({ source }) => source)
  const combine = (from: number, to: number, language: number, source: number): number =>
    ((from * tos.length + to) * languages.names.length + language) * sources.names.length + source
  return {
    of(before: number, after: number): number {
      const from = before === noRow ? froms.length - 1 : was.fate.numbers[before]!
      if (after !== noRow) return combine(from, is.fate.numbers[after]!, is.language.numbers[after]!, is.source.numbers[after]!)
      return combine(from, tos.length - 1, languages.was[was.language.numbers[before]!]!, sources.was[was.source.numbers[before]!]!)
    },
    number: ({ from, to, language, source }: Pick<Move, 'from' | 'to' | 'language' | 'source'>): number => {
      const places = [froms.indexOf(from), tos.indexOf(to), languages.names.indexOf(language), sources.names.indexOf(source)] as const
      return places.includes(-1) ? -1 : combine(...places)
    },
    named(number: number): Pick<Move, 'from' | 'to' | 'language' | 'source'> {
      const source = number % sources.names.length
      const rest = Math.floor(number / sources.names.length)
      const language = rest % languages.names.length
      const fates = Math.floor(rest / languages.names.length)
      return {
        from: froms[Math.floor(fates / tos.length)]!,
        to: tos[fates % tos.length]!,
        language: languages.names[language]!,
        source: sources.names[source]!,
      }
    },
  }
}

async function idsOf(store: Store, { rows, groups }: DocumentColumns): Promise<Uint8Array> {
  const ids = new Uint8Array(rows * 16)
  await eachGroup(store, groups, (file, { group, first }) => ids.set(file.ids(group, 'doc_id').values, first * 16))
  return ids
}

async function numbersOf(store: Store, { rows, groups }: DocumentColumns, column: string): Promise<Float64Array> {
  const values = new Float64Array(rows).fill(NaN)
  await eachGroup(store, groups, (file, { group, first }) => {
    if (file.names.includes(column)) values.set(file.numbers(group, column).values, first)
  })
  return values
}

/** What snapshots say of themselves: all but who moved. */
export function totalsOf(before: Snapshot, after: Snapshot): Omit<SnapshotDifference, 'moves'> {
  const [a, b] = [before.totals, after.totals]
  const pair = (pick: (totals: Snapshot['totals']) => number | undefined): Pair => [pick(a) ?? 0, pick(b) ?? 0]
  const each = <T>(table: (totals: Snapshot['totals']) => Readonly<Record<string, unknown>>, value: (key: string) => T): Record<string, T> =>
    Object.fromEntries([...new Set([...Object.keys(table(a)), ...Object.keys(table(b))])].toSorted().map((key) => [key, value(key)]))
  return {
    read: pair(({ read }) => read),
    kept: pair(({ kept }) => kept),
    tokens: pair(({ tokens }) => tokens),
    rules: each(
      ({ dropped }) => dropped,
      (rule) => pair(({ dropped }) => dropped[rule]),
    ),
    languages: each(
      ({ byLanguage }) => byLanguage,
      (code) => ({ kept: pair(({ byLanguage }) => byLanguage[code]?.kept), tokens: pair(({ byLanguage }) => byLanguage[code]?.tokens) }),
    ),
    sources: each(
      ({ bySource }) => bySource,
      (name) => ({
        read: pair(({ bySource }) => bySource[name]?.read),
        kept: pair(({ bySource }) => bySource[name]?.kept),
        tokens: pair(({ bySource }) => bySource[name]?.tokens),
      }),
    ),
  }
}

export async function ledgerOf(store: Store, snapshot: Snapshot): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = []
  for await (const entry of readEntries(store, 'ledger', snapshot.ledger)) entries.push(entry)
  return entries
}
