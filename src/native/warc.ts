import type { Column } from '../core/batch.ts'
import type { SourceBatch, Stitch } from '../core/component.ts'
import { binding } from './binding.ts'
import { checkOffsets, kernel, turn } from './kernel.ts'

export interface WarcLayout {
  readonly kind: 'plain' | 'gzip' | 'zstd'
  /** Compressed, with members or frames that can be entered one by one. */
  readonly members: boolean
  /** Why the file is not read at all. */
  readonly refused: 'arc' | 'dictionary' | ''
}

/** What a file is, by its first few MiB. */
export function warcLayout(first: Uint8Array, fileBytes: number): WarcLayout {
  return kernel('looking at the beginning of a WARC file', () => binding.warcLayout(first, fileBytes) as WarcLayout)
}

export interface WarcReaderOptions {
  readonly kind: WarcLayout['kind']
  readonly members: boolean
  readonly fileBytes: number
  readonly start: number
  readonly end: number
  readonly search: boolean
  readonly maxRecordBytes: number
  readonly verifyDigests: boolean
  readonly batchRows: number
  readonly batchBytes: number
}

/** Rows of one window; `read(offset)` gives some bytes of the file from there, none only at its end. */
export async function* readWarc(options: WarcReaderOptions, read: (offset: number) => Promise<Uint8Array>): AsyncGenerator<SourceBatch, Stitch> {
  const reader = kernel('opening a WARC window', () => new binding.WarcReader({ ...options }))
  for (;;) {
    const progress = kernel('reading WARC records', () => reader.advance())
    if (progress === 0) {
      const bytes = await read(reader.wants())
      kernel('reading WARC records', () => reader.push(bytes))
      continue
    }
    const batch = take(reader)
    if (batch.rows > 0) yield batch
    await turn()
    if (progress === 2) return reader.stitch()
  }
}

function take(reader: InstanceType<typeof binding.WarcReader>): SourceBatch {
  const rows = kernel('reading WARC records', () => reader.take())
  const count = rows.offset.length
  const bytes = (type: 'text' | 'binary', name: string, values: Uint8Array, offsets: Int32Array): Column => {
    checkOffsets(name, values, offsets, count)
    return { type, values, offsets }
  }
  return {
    rows: count,
    columns: {
      offset: { type: 'number', values: rows.offset },
      length: { type: 'number', values: rows.length },
      url: bytes('text', 'url', rows.url, rows.urlOffsets),
      date: bytes('text', 'date', rows.date, rows.dateOffsets),
      content_type: bytes('text', 'content_type', rows.contentType, rows.contentTypeOffsets),
      payload: bytes('binary', 'payload', rows.payload, rows.payloadOffsets),
      text: bytes('text', 'text', rows.text, rows.textOffsets),
      rights_headers: bytes('text', 'rights_headers', rows.rightsHeaders, rows.rightsHeadersOffsets),
      rights_signals: bytes('text', 'rights_signals', rows.rightsSignals, rows.rightsSignalsOffsets),
      http_status: { type: 'number', values: rows.httpStatus },
    },
    verdict: { rule: rows.rule, measured: rows.measured, limit: rows.limit },
  }
}
