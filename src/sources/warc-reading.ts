import * as z from 'zod'
import type { ByteInput, Source } from '../core/component.ts'
import type { InputFile } from '../core/document.ts'
import { QuernError } from '../core/errors.ts'
import { readWarc, warcLayout, type WarcLayout } from '../native/warc.ts'
import { cutWindows } from './windows.ts'

/** So much of a file's beginning is looked at to see how it is packed. */
const layoutBytes = 4 << 20
/** A read of this size costs one request on object storage and keeps the reader's buffer small. */
const readBytes = 1 << 20
const batchRows = 512
const batchBytes = 8 << 20

/** Options of every source that reads WARC files. */
export const warcConfig = z.strictObject({
  'part-bytes': z
    .int()
    .min(1)
    .default(32 << 20)
    .describe('File bytes in one unit of work, where a file can be entered in the middle.'),
  'max-record-bytes': z
    .int()
    .min(1)
    .max(1 << 30)
    .default(32 << 20)
    .describe('Largest decoded payload; a larger record is dropped.'),
  'verify-digests': z.boolean().default(true).describe('Drop records whose block or payload digest is wrong.'),
})

type WarcConfig = z.output<typeof warcConfig>

/** The columns of its rows. */
export const warcColumns = ['offset', 'length', 'url', 'date', 'content_type', 'payload', 'text', 'http_status', 'rights_headers', 'rights_signals']

export const warcRules = {
  'warc/revisit': 'A revisit: the content was the same as at an earlier visit, and is not in this record.',
  'warc/http-status': 'The server did not answer with success; the measure is the HTTP status.',
  'warc/not-html': 'Neither HTML nor plain text, by its declared type or, where there is none, by its first bytes.',
  'warc/empty': 'The record has no content, or only white space.',
  'warc/segmented': 'The record goes on in another one, perhaps of another file.',
  'unreadable/bad-length': 'The record is not as long as its header says, or the header does not say it.',
  'unreadable/truncated': 'The file ends inside the record.',
  'unreadable/garbage': 'Bytes between two records that belong to none.',
  'unreadable/bad-header': 'The header of the record, or of the HTTP response in it, does not parse.',
  'unreadable/bad-digest': 'The content is not what the digest in its record says.',
  'unreadable/too-large': 'The content is larger than `max-record-bytes`.',
  'unreadable/bad-encoding': 'The transfer or content coding of the HTTP response is broken.',
  'unreadable/bad-gzip': 'The gzip member that holds the record is damaged.',
  'unreadable/bad-zstd': 'The zstd frame that holds the record is damaged.',
  'unreadable/bad-utf8': 'The text of a conversion record is not UTF-8.',
  'rights/robots': 'The crawl’s policy denied the page after fetching, by robots.txt, and kept no content.',
  'rights/content-usage': 'The crawl’s policy denied the page after fetching, by Content-Usage, and kept no content.',
  'rights/content-signal': 'The crawl’s policy denied the page after fetching, by Content-Signal, and kept no content.',
  'rights/tdmrep': 'The crawl’s policy denied the page after fetching, by TDMRep, and kept no content.',
  'rights/rsl': 'The crawl’s policy denied the page after fetching, by RSL, and kept no content.',
  'rights/directives': 'The crawl’s policy denied the page after fetching, by X-Robots-Tag or a robots meta, and kept no content.',
  'rights/licence': 'The crawl’s policy denied the page after fetching, by a licence that it names, and kept no content.',
}

/** Windows of a WARC file, and the rows of one. */
export const warcReading: Pick<Source<WarcConfig>, 'windows' | 'read'> = {
  async windows(file, input, settings) {
    const layout = await lookAt(file, input)
    const cut = layout.kind === 'plain' || layout.members
    return cutWindows(input.bytes, cut ? settings['part-bytes'] : input.bytes)
  },

  async *read(input, file, window, from, settings) {
    const layout = window.start === 0 ? await lookAt(file, input) : await packing(file, input)
    const options = {
      kind: layout.kind,
      members: layout.members,
      fileBytes: input.bytes,
      start: from ?? window.start,
      end: window.end,
      search: from === undefined && window.start > 0,
      maxRecordBytes: settings['max-record-bytes'],
      verifyDigests: settings['verify-digests'],
      batchRows,
      batchBytes,
    }
    return yield* readWarc(options, (offset) => input.read(offset, Math.min(readBytes, input.bytes - offset)))
  },
}

/** For a window behind a cut: only plain files and members are cut, so where the first bytes say which, they are enough. */
async function packing(file: InputFile, input: ByteInput): Promise<WarcLayout> {
  const start = await input.read(0, Math.min(16, input.bytes), true)
  const { kind } = warcLayout(start, input.bytes)
  const plain = kind === 'plain' && Buffer.from(start).toString('latin1').startsWith('WARC/')
  return kind !== 'plain' || plain ? { kind, members: !plain, refused: '' } : lookAt(file, input)
}

async function lookAt(file: InputFile, input: ByteInput): Promise<WarcLayout> {
  const layout = warcLayout(await input.read(0, Math.min(layoutBytes, input.bytes), true), input.bytes)
  if (layout.refused === 'arc')
    throw new QuernError('unsupported-input', `reading ${file.path}: this is an ARC file, the format before WARC`, {
      remedy: 'Convert it first, for example with: warcio recompress',
    })
  if (layout.refused === 'dictionary')
    throw new QuernError('unsupported-input', `reading ${file.path}: its zstd frames need a dictionary`, {
      remedy: 'Decompress it first: zstd -d, with the dictionary of its first frame',
    })
  return layout
}
