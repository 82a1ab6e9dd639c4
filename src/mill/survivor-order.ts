import { rowText } from '../core/batch.ts'
import type { Store } from '../storage/store.ts'
import type { KeyPlan } from './key-plan.ts'
import type { PartRecord } from './staged-part.ts'
import { readChunk, textIn } from './staging-file.ts'

/**
 * What decides who survives among documents of one night: the longer text, the higher value of a measure, or, among versions
 * of one page, the later date. `column` is that of the address among the candidates' keys.
 */
export type SurvivorOrder =
  | { readonly by: 'length' }
  | { readonly by: 'measure'; readonly measure: string }
  | { readonly by: 'date'; readonly column: number }

/** What the pipeline asks for; undefined where the first in input order survives. `config/survivor-measure.ts` refuses two orders. */
export function survivorOrder(
  stages: readonly { readonly name: string; readonly config: unknown }[],
  { columns }: KeyPlan,
): SurvivorOrder | undefined {
  const configOf = (name: string): { readonly keep?: string; readonly 'best-by'?: string } | undefined =>
    stages.find((stage) => stage.name === name)?.config as never
  const near = configOf('near-duplicates')
  if (near?.keep === 'longest') return { by: 'length' }
  if (near?.keep === 'best') return { by: 'measure', measure: near['best-by'] ?? '' }
  if (configOf('url-duplicates')?.keep === 'newest') return { by: 'date', column: columns.findIndex(({ stage }) => stage === 'url-duplicates') }
  return undefined
}

/** What candidates are ordered by, a number each in their order; documents without it have none. Candidates are the staged rows that no rule dropped. */
export async function ranksOf(store: Store, record: PartRecord, order: SurvivorOrder, textBytes: Uint32Array): Promise<Float64Array> {
  if (order.by === 'length') return Float64Array.from(textBytes)
  const values = new Float64Array(record.candidates)
  let filled = 0
  for (const place of record.files.rows.chunks) {
    const chunk = await readChunk(store, record.files.rows.path, place)
    const measured = order.by === 'measure' ? chunk.numbers[order.measure] : undefined
    const dates = order.by === 'date' ? textIn(chunk, 'date') : undefined
    for (let row = 0; row < chunk.rows; row += 1) {
      if ((chunk.numbers['verdict']?.[row] ?? -1) >= 0) continue
      values[filled] = dates === undefined ? (measured?.[row] ?? NaN) : instantOf(rowText(dates, row))
      filled += 1
    }
  }
  return values
}

/** Milliseconds since 1970 of an ISO 8601 date; one without a zone is taken for UTC, so that it is the same on every machine. NaN: none. */
export function instantOf(date: string): number {
  const [, day, time, zone] = /^(\d{4}(?:-\d\d(?:-\d\d)?)?)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(date.trim()) ?? []
  if (day === undefined) return NaN
  return Date.parse(time === undefined ? day : `${day}T${time}${zone ?? 'Z'}`)
}

/** The order in which a night's candidates are decided, as their numbers in plan order. */
export function decidingOrder(order: SurvivorOrder, ranks: Float64Array, keys: Uint32Array): Uint32Array {
  const places = Uint32Array.from(ranks, (_, place) => place)
  // Not minus infinity: the difference of two of them would be no order.
  const rank = (place: number): number => (Number.isNaN(ranks[place]) ? -Number.MAX_VALUE : (ranks[place] ?? 0))
  const better = (a: number, b: number): number => rank(b) - rank(a) || a - b
  return order.by === 'date' ? newestFirst(places, keys, better) : places.sort(better)
}

/**
 * Plan order, but versions of one page change places among themselves: the newest stands where the first of them stood. So a
 * page is kept in its newest version that no other rule drops, and documents of one version are decided as they came.
 */
function newestFirst(places: Uint32Array, keys: Uint32Array, better: (a: number, b: number) => number): Uint32Array {
  const word = (place: number, i: number): number => keys[place * 4 + i] ?? 0
  const compare = (a: number, b: number): number =>
    word(a, 0) - word(b, 0) || word(a, 1) - word(b, 1) || word(a, 2) - word(b, 2) || word(a, 3) - word(b, 3)
  const byKey = places.slice().sort((a, b) => compare(a, b) || a - b)
  const isNone = (place: number): boolean => (word(place, 0) | word(place, 1) | word(place, 2) | word(place, 3)) === 0
  for (let from = 0; from < byKey.length;) {
    const first = byKey[from] ?? 0
    let to = from + 1
    while (to < byKey.length && compare(first, byKey[to] ?? 0) === 0) to += 1
    const versions = byKey.subarray(from, to)
    if (versions.length > 1 && !isNone(first))
      versions
        .slice()
        .sort(better)
        .forEach((version, i) => (places[versions[i] ?? 0] = version))
    from = to
  }
  return places
}
