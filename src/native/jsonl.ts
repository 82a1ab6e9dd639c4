import type { SourceBatch, Stitch } from '../core/component.ts'
import { binding } from './binding.ts'
import { kernel, turn } from './kernel.ts'
import { textBatch } from './text-rows.ts'

export type JsonlKind = 'plain' | 'gzip' | 'zstd' | 'bzip2'

/** How a file is packed, by its first bytes. */
export function jsonlKind(first: Uint8Array): JsonlKind {
  return kernel('looking at the beginning of a JSONL file', () => binding.jsonlKind(first) as JsonlKind)
}

export interface JsonlReaderOptions {
  readonly kind: JsonlKind
  readonly fileBytes: number
  readonly start: number
  readonly end: number
  readonly search: boolean
  readonly maxLineBytes: number
  readonly batchRows: number
  readonly batchBytes: number
  readonly textField: string
  readonly urlField: string
  readonly dateField: string
  readonly titleField: string
}

/** Rows of one window; `read(offset)` gives some bytes of the file from there, none only at its end. */
export async function* readJsonl(options: JsonlReaderOptions, read: (offset: number) => Promise<Uint8Array>): AsyncGenerator<SourceBatch, Stitch> {
  const reader = kernel('opening a JSONL window', () => new binding.JsonlReader({ ...options }))
  for (;;) {
    const progress = kernel('reading JSON lines', () => reader.advance())
    if (progress === 0) {
      const bytes = await read(reader.wants())
      kernel('reading JSON lines', () => reader.push(bytes))
      continue
    }
    const batch = textBatch(kernel('reading JSON lines', () => reader.take()))
    if (batch.rows > 0) yield batch
    await turn()
    if (progress === 2) return reader.stitch()
  }
}
