import type { Audited } from './audited.ts'
import { placing } from './document-columns.ts'
import { type DocumentFilter, type FittingRows, fittingRows } from './document-filter.ts'
import { firstRows } from './first-rows.ts'
import { rowsOfLedger } from './ledger-rows.ts'

export interface DocumentRow {
  readonly document: string
  readonly url: string | null
  readonly language: string
  readonly source: string
  readonly fate: string
  readonly measured: number | null
  readonly limit: number | null
  readonly bytes: number | null
  readonly tokens: number | null
  /** Of the measure that was asked about, with the limit that it is compared with. */
  readonly value: number | null
  readonly bound: number | null
}

export interface DocumentList {
  /** Documents that the filter fits, of which `rows` are a sample. */
  readonly matching: number
  readonly rows: readonly DocumentRow[]
}

/**
 * A sample of the documents that a filter fits, or the nearest to a limit or a value of a measure; equally near ones, and
 * all of a sample, in the order of a draw of the seed (`placing`).
 */
export async function listDocuments(audited: Audited, filter: DocumentFilter): Promise<DocumentList> {
  const fitting = await fittingRows(audited, filter)
  const { mask, count, values, limits } = fitting
  const { key, language } = await audited.documents()
  const place = placing(filter.seed)
  // Limits differ by language: what counts is the distance as a share of the limit, where it is not zero.
  const distance =
    values === undefined || limits === undefined
      ? undefined
      : (row: number): number => {
          const limit = limits[language.numbers[row]!]!
          return Math.abs(values[row]! - limit) / Math.max(Math.abs(limit), 1e-9)
        }
  const first = firstRows(filter.limit)
  for (let row = 0; row < mask.length; row++) {
    if (mask[row] === 0) continue
    first.add(row, distance === undefined ? 0 : distance(row), place(key[row]!))
  }
  return { matching: count, rows: await documentRows(audited, fitting, first.rows()) }
}

/** These rows, which a filter fits, as they are shown; in the order given. */
export async function documentRows(audited: Audited, { values, limits }: FittingRows, rows: readonly number[]): Promise<readonly DocumentRow[]> {
  const documents = await audited.documents()
  const { language, source, fate } = documents
  const { ids, texts, numbers } = await rowsOfLedger(audited.store, documents, rows, {
    texts: ['url'],
    numbers: ['measured', 'limit', 'n_bytes', 'n_tokens'],
  })
  const number = (value: number | undefined): number | null => (value === undefined || Number.isNaN(value) ? null : value)
  return rows.map((row, i) => ({
    document: ids[i]!,
    url: texts['url']![i]!,
    language: language.names[language.numbers[row]!]!,
    source: source.names[source.numbers[row]!]!,
    fate: fate.names[fate.numbers[row]!]!,
    measured: numbers['measured']![i]!,
    limit: numbers['limit']![i]!,
    bytes: numbers['n_bytes']![i]!,
    tokens: numbers['n_tokens']![i]!,
    value: number(values?.[row]),
    bound: number(limits?.[language.numbers[row]!]),
  }))
}
