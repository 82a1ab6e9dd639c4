import type { BinaryColumn, Column, LabelColumn, TextColumn } from '../core/batch.ts'
import { textBuilder, type TextBuilder } from '../core/text-builder.ts'
import type { Chunk } from './staging-file.ts'

/** Rows of one chunk of staged rows. The same for every batching of the input, since chunks are cut again by rows. */
export const chunkRows = 8192
const firstRows = 64

export interface RowTable {
  readonly total: number
  /** Label columns' dictionaries, in order of first appearance. */
  readonly labels: Readonly<Record<string, readonly string[]>>
  /** Adds rows; calls `flush` once for every full chunk. */
  add(rows: number, ids: Uint8Array, columns: Readonly<Record<string, Column>>): Promise<void>
  finish(): Promise<void>
}

/** Gathers rows of fixed columns into chunks of `chunkRows`. Memory: one chunk. */
export function rowTable(
  numberNames: readonly string[],
  textNames: readonly string[],
  labelNames: readonly string[],
  flush: (chunk: Chunk) => Promise<void>,
): RowTable {
  const numbers: Record<string, Float64Array> = {}
  for (const name of [...numberNames, ...labelNames]) numbers[name] = new Float64Array(firstRows)
  const texts: Record<string, TextBuilder> = {}
  for (const name of textNames) texts[name] = textBuilder()
  const dictionaries: Record<string, Map<string, number>> = {}
  for (const name of labelNames) dictionaries[name] = new Map()
  let capacity = firstRows
  let ids = new Uint8Array(capacity * 16)
  let filled = 0
  let total = 0

  /** Small parts are many: their columns do not begin at the size of a chunk. */
  function room(rows: number): void {
    if (rows <= capacity) return
    capacity = Math.min(chunkRows, Math.max(rows, capacity * 4))
    const wider = new Uint8Array(capacity * 16)
    wider.set(ids)
    ids = wider
    for (const [name, values] of Object.entries(numbers)) {
      const column = (numbers[name] = new Float64Array(capacity))
      column.set(values)
    }
  }

  async function flushChunk(): Promise<void> {
    if (filled === 0) return
    const chunk: Chunk = {
      rows: filled,
      ids: ids.slice(0, filled * 16),
      numbers: Object.fromEntries(Object.entries(numbers).map(([name, values]) => [name, values.slice(0, filled)])),
      texts: Object.fromEntries(Object.entries(texts).map(([name, builder]) => [name, builder.take()])),
    }
    filled = 0
    await flush(chunk)
  }

  return {
    get total() {
      return total
    },
    get labels() {
      return Object.fromEntries(Object.entries(dictionaries).map(([name, map]) => [name, [...map.keys()]]))
    },
    async add(rows, rowIds, columns) {
      for (let from = 0; from < rows;) {
        const to = Math.min(rows, from + chunkRows - filled)
        room(filled + to - from)
        ids.set(rowIds.subarray(from * 16, to * 16), filled * 16)
        for (const name of numberNames) {
          const column = columns[name]
          if (column?.type === 'number') numbers[name]?.set(column.values.subarray(from, to), filled)
          else numbers[name]?.fill(NaN, filled, filled + to - from)
        }
        for (const name of textNames) appendTexts(texts[name], columns[name], from, to)
        for (const name of labelNames) encodeLabels(numbers[name], dictionaries[name], columns[name], from, to, filled)
        filled += to - from
        total += to - from
        from = to
        if (filled === chunkRows) await flushChunk()
      }
    },
    finish: flushChunk,
  }
}

const nothing = new Uint8Array(0)

function appendTexts(builder: TextBuilder | undefined, column: Column | undefined, from: number, to: number): void {
  const source: TextColumn | BinaryColumn | undefined = column?.type === 'text' || column?.type === 'binary' ? column : undefined
  for (let row = from; row < to; row += 1) {
    if (source === undefined) builder?.appendBytes(nothing)
    else builder?.append(source, row)
  }
}

function encodeLabels(
  values: Float64Array | undefined,
  dictionary: Map<string, number> | undefined,
  column: Column | undefined,
  from: number,
  to: number,
  at: number,
): void {
  if (values === undefined || dictionary === undefined) return
  const source: LabelColumn | undefined = column?.type === 'label' ? column : undefined
  for (let row = from; row < to; row += 1) {
    const label = source?.labels[source.indices[row] ?? -1]
    let code = -1
    if (label !== undefined) {
      code = dictionary.get(label) ?? dictionary.size
      if (code === dictionary.size) dictionary.set(label, code)
    }
    values[at + row - from] = code
  }
}
