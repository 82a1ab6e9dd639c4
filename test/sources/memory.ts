import { statSync } from 'node:fs'
import { rowText, type Column } from '../../src/core/batch.ts'
import type { ByteInput, Source, Stitch, Window } from '../../src/core/component.ts'
import type { InputFile } from '../../src/core/document.ts'

/** Bytes as an input, with how much was read. */
export function memoryInput(data: Uint8Array): ByteInput & { read_bytes: () => number } {
  let count = 0
  return {
    bytes: data.byteLength,
    read: (offset, length) => {
      const part = data.subarray(offset, offset + length)
      count += part.byteLength
      return Promise.resolve(part)
    },
    read_bytes: () => count,
  }
}

export function inputFile(location = 'test'): InputFile {
  return { path: 'test', location, bytes: location === 'test' ? 0 : statSync(location).size, sha256: '' }
}

/** One row with every value as something that can be compared. */
export interface Row {
  readonly rule: string | undefined
  readonly [column: string]: string | number | undefined
}

function value(column: Column, row: number): string | number | undefined {
  if (column.type === 'number') return column.values[row]
  if (column.type === 'label') return column.labels[column.indices[row] ?? -1]
  return rowText(column, row)
}

export async function readWindow(
  source: Source,
  config: unknown,
  input: ByteInput,
  file: InputFile,
  window: Window,
  from?: number,
): Promise<{ rows: Row[]; stitch: Stitch }> {
  const rules = Object.keys(source.rules)
  const rows: Row[] = []
  const batches = source.read(input, file, window, from, config)
  for (;;) {
    const next = await batches.next()
    if (next.done === true) return { rows, stitch: next.value }
    const { columns, verdict } = next.value
    for (let i = 0; i < next.value.rows; i++) {
      const values = Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, value(column, i)]))
      rows.push({ ...values, rule: rules[verdict.rule[i] ?? -1] })
    }
  }
}

/** Every window as the mill reads it: once by its own search, and again where that found another place than the window before. */
export async function readAll(source: Source, config: unknown, input: ByteInput, file = inputFile()): Promise<Row[]> {
  const all: Row[] = []
  let expected = 0
  for (const window of await source.windows(file, input, config)) {
    let part = await readWindow(source, config, input, file, window)
    if (part.stitch.first !== expected) part = await readWindow(source, config, input, file, window, expected)
    all.push(...part.rows)
    expected = part.stitch.end
  }
  return all
}

/** The rows told as `url rule`, for short assertions. */
export function told(rows: readonly Row[]): string[] {
  return rows.map((row) => `${row['url']} ${row.rule ?? 'kept'}`.trim())
}
