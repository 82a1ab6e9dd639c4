import type * as z from 'zod'
import { defineSource } from '../core/component.ts'
import { warcColumns, warcConfig, warcReading, warcRules } from './warc-reading.ts'

/**
 * WARC files: plain, gzip (a member a record, several in one, or one stream), zstd; WET files too.
 *
 * A window owns the records that begin in it. A window that does not begin the file looks for its first record: the first
 * header (in a plain file) or member that inflates to one, with its first byte in the window. Bytes before it belong to
 * the window before, which reads on beyond its end until it stands at such a place itself. So damage across a border is
 * read once, by the window in which it begins. Where no record begins in a window, `first` and `end` are its end.
 *
 * `offset` is the file offset of the record, or of its gzip member or zstd frame. A file that is one stream has plain
 * positions instead; where several records share a member, each counts one byte on from the one before.
 * Rows of WET files have `text`, all others `payload`.
 *
 * A metadata record says something of a row (`rights_signals`) when it stands directly behind the record that its
 * WARC-Concurrent-To or WARC-Refers-To names, in the same file; it may lie in the next window.
 */
export default defineSource<z.output<typeof warcConfig>>({
  name: 'warc',
  summary: 'Reads web archives (WARC and WET files).',
  version: 1,
  config: warcConfig,
  writes: warcColumns,
  rules: warcRules,
  ...warcReading,
})
