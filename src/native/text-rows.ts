import type { TextColumn } from '../core/batch.ts'
import type { SourceBatch } from '../core/component.ts'
import type { TextRows } from './binding.d.cts'
import { checkOffsets } from './kernel.ts'

/** Rows of a source whose documents are text already. */
export function textBatch(rows: TextRows): SourceBatch {
  const count = rows.offset.length
  const text = (name: string, values: Uint8Array, offsets: Int32Array): TextColumn => {
    checkOffsets(name, values, offsets, count)
    return { type: 'text', values, offsets }
  }
  return {
    rows: count,
    columns: {
      offset: { type: 'number', values: rows.offset },
      length: { type: 'number', values: rows.length },
      text: text('text', rows.text, rows.textOffsets),
      url: text('url', rows.url, rows.urlOffsets),
      date: text('date', rows.date, rows.dateOffsets),
      title: text('title', rows.title, rows.titleOffsets),
      extra: text('extra', rows.extra, rows.extraOffsets),
    },
    verdict: { rule: rows.rule, measured: rows.measured, limit: rows.limit },
  }
}
