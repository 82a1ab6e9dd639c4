import * as z from 'zod'
import { defineSource } from '../core/component.ts'
import { jsonlKind, readJsonl } from '../native/jsonl.ts'
import { cutWindows } from './windows.ts'

/** A read of this size costs one request on object storage and keeps the reader's buffer small. */
const readBytes = 1 << 20
const batchRows = 4096
const batchBytes = 8 << 20

const config = z.strictObject({
  'part-bytes': z
    .int()
    .min(1)
    .default(32 << 20)
    .describe('File bytes in one unit of work, for files that are not compressed.'),
  'max-line-bytes': z
    .int()
    .min(1)
    .max(1 << 30)
    .default(32 << 20)
    .describe('Longest line, with its line end; a longer one is dropped.'),
  'text-field': z.string().min(1).default('text').describe('The field that holds the text.'),
  'url-field': z.string().min(1).default('url').describe('The field that holds the address.'),
  'date-field': z.string().min(1).default('date').describe('The field that holds the date.'),
  'title-field': z.string().min(1).default('title').describe('The field that holds the title.'),
})

/**
 * JSON lines: plain, gzip and bzip2 (any number of members), zstd. `offset` is the line's place in the plain bytes. Fields that
 * become no column (`id` among them) stay as they are written, in one object.
 *
 * A window of a plain file owns the lines that begin in it; where none does, `first` and `end` are both its end.
 */
export default defineSource<z.output<typeof config>>({
  name: 'jsonl',
  summary: 'Reads files of JSON lines, one document a line.',
  version: 1,
  config,
  writes: ['offset', 'length', 'text', 'url', 'date', 'title', 'extra'],
  rules: {
    'jsonl/no-text': 'The text field is missing, is no string, or holds only white space.',
    'unreadable/bad-json': 'The line is not one JSON object.',
    'unreadable/bad-utf8': 'The line is not UTF-8.',
    'unreadable/too-large': 'The line is longer than `max-line-bytes`.',
    'unreadable/truncated': 'The file ends inside the line.',
    'unreadable/bad-gzip': 'The gzip member that holds the line is damaged, or what follows a member is none.',
    'unreadable/bad-zstd': 'The zstd frame that holds the line is damaged, or what follows a frame is none.',
    'unreadable/bad-bzip2': 'The bzip2 stream that holds the line is damaged, or what follows a stream is none.',
  },

  async windows(_file, input, settings) {
    const plain = jsonlKind(await input.read(0, Math.min(16, input.bytes), true)) === 'plain'
    return cutWindows(input.bytes, plain ? settings['part-bytes'] : input.bytes)
  },

  async *read(input, _file, window, from, settings) {
    const options = {
      kind: jsonlKind(await input.read(0, Math.min(16, input.bytes), true)),
      fileBytes: input.bytes,
      start: from ?? window.start,
      end: window.end,
      search: from === undefined && window.start > 0,
      maxLineBytes: settings['max-line-bytes'],
      batchRows,
      batchBytes,
      textField: settings['text-field'],
      urlField: settings['url-field'],
      dateField: settings['date-field'],
      titleField: settings['title-field'],
    }
    return yield* readJsonl(options, (offset) => input.read(offset, Math.min(readBytes, input.bytes - offset)))
  },
})
