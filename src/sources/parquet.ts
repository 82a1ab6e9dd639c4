import * as z from 'zod'
import { defineSource } from '../core/component.ts'
import { QuernError } from '../core/errors.ts'
import { parquetLayout, readParquet } from '../native/parquet-read.ts'
import { localFile } from './parquet-file.ts'

const batchRows = 1024
const batchBytes = 8 << 20

const config = z.strictObject({
  'max-record-bytes': z
    .int()
    .min(1)
    .max(1 << 30)
    .default(32 << 20)
    .describe('Largest row, counting its text and its other columns as JSON; a larger one is dropped.'),
  'text-field': z.string().min(1).default('text').describe('The column that holds the text.'),
  'url-field': z.string().min(1).default('url').describe('The column that holds the address.'),
  'date-field': z.string().min(1).default('date').describe('The column that holds the date, as text or time.'),
  'title-field': z.string().min(1).default('title').describe('The column that holds the title.'),
})

/**
 * Parquet files. A window is a row group, counted in rows, as is `offset`. Columns that become none of the document's stay
 * as one JSON object: binary values as text where they are UTF-8, else in base64. Of a file on object storage the footer
 * and the row group that is read come to the local disk.
 */
export default defineSource<z.output<typeof config>>({
  name: 'parquet',
  summary: 'Reads Parquet files, one document a row.',
  version: 1,
  config,
  writes: ['offset', 'length', 'text', 'url', 'date', 'title', 'extra'],
  rules: {
    'parquet/no-text': 'The text column holds nothing in this row, or only white space.',
    'unreadable/bad-utf8': 'The text is not UTF-8.',
    'unreadable/too-large': 'The row is larger than `max-record-bytes`.',
    'unreadable/bad-parquet': 'The file, or the rest of the row group, is damaged; `length` says how many rows.',
  },

  async windows(file, input, settings) {
    const local = await localFile(file, input)
    const layout = parquetLayout(local.path)
    await local.remove()
    if (layout === undefined) return [{ start: 0, end: 1 }]
    const field = settings['text-field']
    if (!layout.columns.includes(field))
      throw new QuernError('unsupported-input', `reading ${file.path}: it has no column "${field}", only ${layout.columns.join(', ')}`, {
        remedy: 'Name the column of the text with text-field',
      })
    let start = 0
    const windows = layout.groups.filter(({ rows }) => rows > 0).map(({ rows }) => ({ start, end: (start += rows) }))
    return windows.length === 0 ? [{ start: 0, end: 0 }] : windows
  },

  async *read(input, file, window, _from, settings) {
    const local = await localFile(file, input)
    try {
      await local.bringRows(window)
      const options = {
        path: local.path,
        start: window.start,
        end: window.end,
        maxRecordBytes: settings['max-record-bytes'],
        textField: settings['text-field'],
        urlField: settings['url-field'],
        dateField: settings['date-field'],
        titleField: settings['title-field'],
      }
      yield* readParquet(options, batchRows, batchBytes)
    } finally {
      await local.remove()
    }
    return { first: window.start, end: window.end }
  },
})
