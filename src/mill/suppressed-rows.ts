import type { TextColumn } from '../core/batch.ts'
import { type Criteria, isEmpty, matcher } from '../dataset/criteria.ts'
import type { Store } from '../storage/store.ts'
import { firstSuppressed } from './sequence-rules.ts'
import type { PartRecord } from './staged-part.ts'
import { readChunk, textIn } from './staging-file.ts'

interface Source {
  readonly name: string
  readonly licence: string
}

/** Codes of `suppressionRules` for rows of one source, 0 for those that stay. */
export interface SuppressedRows {
  /** The code of all of them, or 0 where it depends on the row. */
  readonly whole: number
  readonly of: (ids: Uint8Array, urls: TextColumn) => Uint8Array
}

/** What a source's rows are asked, or undefined where no criterion can hold for any of them: then nothing has to be read. */
export function suppressedRows(criteria: Criteria): (source: Source) => SuppressedRows | undefined {
  if (isEmpty(criteria)) return () => undefined
  const match = matcher(criteria)
  return ({ name, licence }) => {
    const whole = match.source(name, licence)
    if (whole > 0) return { whole, of: (ids) => new Uint8Array(ids.byteLength / 16).fill(whole) }
    return match.looksAtRows ? { whole, of: match.rows } : undefined
  }
}

/**
 * Outcomes of a part's candidates that must not come in again, 0 for the others. Costs a read of the part's staged rows,
 * and only where a document, address or host is suppressed.
 */
export async function suppressedCandidates(
  store: Store,
  record: PartRecord,
  suppressed: SuppressedRows | undefined,
): Promise<Uint8Array | undefined> {
  if (suppressed === undefined || record.candidates === 0) return undefined
  const outcomes = new Uint8Array(record.candidates)
  if (suppressed.whole > 0) return outcomes.fill(firstSuppressed + suppressed.whole - 1)
  let candidate = 0
  for (const place of record.files.rows.chunks) {
    const chunk = await readChunk(store, record.files.rows.path, place)
    const codes = suppressed.of(chunk.ids, textIn(chunk, 'url'))
    for (let row = 0; row < chunk.rows; row += 1) {
      if ((chunk.numbers['verdict']?.[row] ?? -1) >= 0) continue
      const code = codes[row] ?? 0
      if (code > 0) outcomes[candidate] = firstSuppressed + code - 1
      candidate += 1
    }
  }
  return outcomes
}
