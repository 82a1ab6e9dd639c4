import { createHash } from 'node:crypto'
import { type Batch, type Column, rowText, textColumn } from '../../src/core/batch.ts'
import type { Example } from '../../src/core/component.ts'
import { emptyColumn } from '../../src/core/document.ts'
import type { Judgement } from '../../src/mill/judge.ts'

type Row = Pick<Example<unknown>, 'text' | 'html' | 'url' | 'signals' | 'language'>

/** Text that no filter was written for; each row also comes as a page, for stages that read pages. */
export const hostileRows: readonly Row[] = [
  '',
  ' ',
  '\n',
  'a',
  'ä',
  '.',
  '\u0000',
  'one line of a megabyte '.repeat(45_591),
  'x'.repeat(1 << 20),
  '\n'.repeat(10_000),
  // What a decoder leaves of lone surrogates and of bytes that are no UTF-8.
  'a\uFFFDb \uFFFD\uFFFD',
  'e\u0301'.repeat(50),
  `a${'\u0300'.repeat(5000)} b`,
  '\u202Eright to left\u202C \u200B\u200D\uFEFF',
  '👩‍👩‍👧‍👦 🇪🇺 𝔘𝔫𝔦𝔠𝔬𝔡𝔢',
  'Ein ganz gewöhnlicher Satz.\r\nUnd noch einer.\u2028Und ein dritter.\u0085',
  'слово '.repeat(300),
  '漢字仮名交じり文'.repeat(40),
  '- item\n'.repeat(200),
  '…'.repeat(100),
]
  .flatMap((text) => [{ text }, { html: `<html><body><p>${text}</p></body></html>`, text: '' }])
  .flatMap((row, i) => (i % 2 === 0 ? [row, { ...row, language: ['de', 'en', 'xx'][i % 3]! }] : [row]))

/** Rows as a source would bring them: text is there already, a page comes as its payload. */
export function batchOf(rows: readonly Row[]): Batch {
  const labels = [...new Set(rows.flatMap(({ language }) => (language === undefined ? [] : [language])))].toSorted()
  const payload = textColumn(rows.map(({ html }) => html ?? ''))
  return {
    rows: rows.length,
    columns: {
      offset: { type: 'number', values: Float64Array.from(rows, (_, row) => row) },
      length: { type: 'number', values: Float64Array.from(rows, () => 1) },
      url: textColumn(rows.map(({ url }, row) => url ?? `https://example.org/${row % 3}`)),
      date: emptyColumn('date', rows.length),
      rights_signals: textColumn(rows.map(({ signals }) => signals ?? '')),
      payload: { ...payload, type: 'binary' },
      content_type: textColumn(rows.map(({ html }) => (html === undefined ? '' : 'text/html; charset=utf-8'))),
      text: textColumn(rows.map(({ text, html }) => (html === undefined ? (text ?? '') : ''))),
      title: emptyColumn('title', rows.length),
      author: emptyColumn('author', rows.length),
      published: emptyColumn('published', rows.length),
      licence_link: emptyColumn('licence_link', rows.length),
      html_language: emptyColumn('html_language', rows.length),
      extra: emptyColumn('extra', rows.length),
      language: { type: 'label', indices: Int32Array.from(rows, ({ language }) => (language === undefined ? -1 : labels.indexOf(language))), labels },
    },
  }
}

/** Rows start to end of a batch; buffers are shared as the mill shares them, so offsets need not begin at 0 of their buffer. */
export function slice(batch: Batch, start: number, end: number): Batch {
  const columns = Object.entries(batch.columns).map(([name, column]) => [name, sliceColumn(column, start, end)] as const)
  return { rows: end - start, columns: Object.fromEntries(columns) }
}

function sliceColumn(column: Column, start: number, end: number): Column {
  if (column.type === 'number') return { ...column, values: column.values.subarray(start, end) }
  if (column.type === 'label') return { ...column, indices: column.indices.subarray(start, end) }
  const first = column.offsets[start]!
  return {
    ...column,
    values: column.values.subarray(first, column.offsets[end]),
    offsets: column.offsets.slice(start, end + 1).map((offset) => offset - first),
  }
}

/** A column as values that compare. */
export function rowsOf({ columns }: Judgement, name: string): readonly (string | number | null)[] {
  const column = columns[name]
  if (column === undefined) return []
  if (column.type === 'number') return [...column.values].map((value) => (Number.isNaN(value) ? null : value))
  if (column.type === 'label') return [...column.indices].map((index) => column.labels[index] ?? null)
  return Array.from({ length: column.offsets.length - 1 }, (_, row) => rowText(column, row))
}

/** SHA-256 of all that a batch holds. */
export function digest({ columns }: Batch): string {
  const hash = createHash('sha256')
  for (const column of Object.values(columns)) {
    hash.update(column.type)
    if ('labels' in column) hash.update(column.labels.join())
    for (const part of Object.values(column)) if (ArrayBuffer.isView(part)) hash.update(part as Uint8Array)
  }
  return hash.digest('hex')
}
