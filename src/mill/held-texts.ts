import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { TextColumn } from '../core/batch.ts'
import { addressKeys, keyBytes } from '../native/document-keys.ts'
import { keyColumns, type KeptRow } from './kept-row.ts'
import { decidingOrder, instantOf, type SurvivorOrder } from './survivor-order.ts'

/** A night that was held before it was decided: rows [from, to) of the ledger. */
export interface HeldRows {
  readonly from: number
  readonly to: number
  readonly order: SurvivorOrder
  /** Parameters of addresses that do not count where versions of a page are compared. */
  readonly dropped: readonly string[]
}

/** What the ledger says of a candidate of such a night. */
export interface HeldCandidate {
  readonly url: Uint8Array
  readonly date: string
  readonly measured: number
}

export interface HeldTexts {
  /** The next candidate in the order of the ledger; `kept` where the night kept it. */
  add(candidate: HeldCandidate, kept: KeptRow | undefined): void
  /** The kept ones in the order in which the night decided them. */
  take(): Generator<KeptRow>
  close(): void
}

/**
 * Puts the kept texts of a held night into the order in which it decided. They lie in a local file meanwhile; in memory are 16
 * bytes a candidate, and 16 of its address where versions of a page are compared. No stage that cuts texts holds a night.
 */
export function holdTexts({ order, dropped }: HeldRows, folder: string): HeldTexts {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'held.texts')
  const file = openSync(path, 'w+')
  const ranks: number[] = []
  const places: number[] = []
  const languages: string[] = []
  const keys: Uint8Array[] = []
  let end = 0

  function write(bytes: Uint8Array): void {
    writeSync(file, bytes, 0, bytes.byteLength, end)
    end += bytes.byteLength
  }

  /** Id, the lengths of the columns, their bytes. */
  function read(place: number): Omit<KeptRow, 'language'> {
    let at = place
    const take = (length: number): Uint8Array => {
      const bytes = new Uint8Array(length)
      readSync(file, bytes, 0, length, at)
      at += length
      return bytes
    }
    const id = take(16)
    const lengths = new Uint32Array(take(keyColumns.length * 4).buffer)
    const values = Object.fromEntries(keyColumns.map((name, i) => [name, take(lengths[i] ?? 0)])) as KeptRow['values']
    return { id, values, left: values.text, lacking: false }
  }

  return {
    add({ url, date, measured }, kept) {
      ranks.push(order.by === 'date' ? instantOf(date) : order.by === 'measure' ? measured : (kept?.values.text.byteLength ?? NaN))
      places.push(kept === undefined ? -1 : end)
      languages.push(kept?.language ?? '')
      if (order.by === 'date') keys.push(addressKeys(oneRow(url), dropped))
      if (kept === undefined) return
      write(kept.id)
      write(new Uint8Array(Uint32Array.from(keyColumns, (name) => kept.values[name].byteLength).buffer))
      for (const name of keyColumns) write(kept.values[name])
    },
    *take() {
      const addresses = new Uint8Array(keys.length * keyBytes)
      for (const [at, key] of keys.entries()) addresses.set(key, at * keyBytes)
      for (const candidate of decidingOrder(order, Float64Array.from(ranks), new Uint32Array(addresses.buffer))) {
        const place = places[candidate] ?? -1
        if (place >= 0) yield { ...read(place), language: languages[candidate] ?? '' }
      }
    },
    close() {
      closeSync(file)
      rmSync(path)
    },
  }
}

function oneRow(values: Uint8Array): TextColumn {
  return { type: 'text', values, offsets: Int32Array.of(0, values.byteLength) }
}
