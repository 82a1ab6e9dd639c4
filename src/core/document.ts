import type { Column } from './batch.ts'

/**
 * The columns that components agree on by name. A source writes the first group, stages read and replace the others.
 *
 * | column | type | written by | what it holds |
 * | --- | --- | --- | --- |
 * | `offset` | number | source | where the record's first byte lies in its file (uncompressed stream position for a single gzip or zstd stream); for Parquet the row |
 * | `length` | number | source | bytes the record takes there |
 * | `url` | text | source | empty when unknown |
 * | `date` | text | source | ISO 8601 as the source knew it, or empty |
 * | `payload` | binary | warc | the decoded HTTP body, or the record's block; empty for rows already dropped |
 * | `content_type` | text | warc | the media type with its parameters, as sent |
 * | `http_status` | number | warc | NaN where the record holds no HTTP response |
 * | `rights_headers` | text | warc | the lines of the HTTP head that speak of rights, `name: value` each, names in lower case |
 * | `rights_signals` | text | warc | what the crawler's metadata record says of rights: signals as `src/rights/evidence.ts` writes them |
 * | `text` | text | all sources but warc, wet records, extract-html | the document |
 * | `title` | text | extract-html, all sources but warc | |
 * | `author` | text | extract-html, sources of XML | names as the page gives them, divided by `; ` |
 * | `published` | text | extract-html | the day, or day and time, of publication that the page states, ISO 8601; `date` stays the source's |
 * | `licence_link` | text | extract-html, sources of XML | address of the licence that the page or record names; the source's own licence is another matter |
 * | `html_language` | text | extract-html | `<html lang>` as written |
 * | `language` | label | language | ISO 639-1 code, or 639-3 where there is none |
 * | `rights` | label | rights | allow, deny or unknown |
 * | `policy` | label | rights | id of the policy that says so |
 * | `rights_evidence` | text | rights | the signals it had, as JSON, or empty |
 * | `page_licence` | text | rights | the licence that the page names, such as `cc-by-sa`; empty when it names none |
 * | `extra` | text | all sources but warc | what else the record held, as one JSON object, or empty |
 */
export const documentColumns = [
  'offset',
  'length',
  'url',
  'date',
  'payload',
  'content_type',
  'http_status',
  'rights_headers',
  'rights_signals',
  'text',
  'title',
  'author',
  'published',
  'licence_link',
  'html_language',
  'language',
  'rights',
  'policy',
  'rights_evidence',
  'page_licence',
  'extra',
] as const

/** One input file as the plan saw it. The fingerprint is the same on a local disk and on object storage. */
export interface InputFile {
  /** Path below the fixed part of the source's glob, with `/`: what identifies the file inside its source. */
  readonly path: string
  /** Where to read it: a local path or s3://bucket/key. Not part of any key. */
  readonly location: string
  readonly bytes: number
  readonly sha256: string
}

const columnTypes: Readonly<Record<string, Column['type']>> = {
  offset: 'number',
  length: 'number',
  payload: 'binary',
  language: 'label',
  rights: 'label',
  policy: 'label',
}

/** Documents whose language nobody determined are sorted and counted under this code (ISO 639-3: undetermined). */
export const undetermined = 'und'

/** A document column of which nothing is known: what a stage reads for rows of a source that does not write it. */
export function emptyColumn(name: string, rows: number): Column {
  const type = columnTypes[name] ?? 'text'
  if (type === 'number') return { type, values: new Float64Array(rows).fill(NaN) }
  if (type === 'label') return { type, indices: new Int32Array(rows).fill(-1), labels: [] }
  return { type, values: new Uint8Array(0), offsets: new Int32Array(rows + 1) }
}
