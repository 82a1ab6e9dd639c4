import type { BinaryColumn, TextColumn } from '../core/batch.ts'
import { QuernError } from '../core/errors.ts'
import { binding } from './binding.ts'

/** What became of a row; the numbers are the kernel's `Outcome`. */
export const pageOutcome = { extracted: 0, skipped: 1, empty: 2, tooLarge: 3, notText: 4, crashed: 5 } as const

/** One entry a row; measures are NaN where no page was read. */
export interface Pages {
  readonly text: TextColumn
  readonly title: TextColumn
  readonly language: TextColumn
  readonly author: TextColumn
  /** ISO 8601, or empty. */
  readonly published: TextColumn
  readonly licenceLink: TextColumn
  readonly outcomes: Int32Array
  readonly measures: {
    readonly html_bytes: Float64Array
    readonly html_nodes: Float64Array
    readonly text_bytes: Float64Array
    readonly link_share: Float64Array
    readonly content_share: Float64Array
    readonly control_share: Float64Array
  }
}

export interface PageLimits {
  /** Bytes of a payload over which it is not read. */
  readonly maxHtmlBytes: number
  /** Share of control characters over which a payload is not text. */
  readonly maxControlShare: number
}

/** A detached or cut buffer reaches the core as an empty one, without an error: refuse it here. */
function checked<Column extends TextColumn | BinaryColumn>(column: Column, name: string, rows: number): Column {
  const end = column.offsets[rows]
  if (column.offsets.length !== rows + 1 || end === undefined || end > column.values.byteLength)
    throw new QuernError('native-failed', `extracting text: the offsets of column "${name}" do not fit its values`)
  return column
}

export interface PageColumns {
  readonly payload: BinaryColumn
  /** The media type and charset as the server sent them; both may be empty. */
  readonly contentType: TextColumn
  /** Where the page is from, or empty: its country helps to find the encoding, its path may name the day of publication. */
  readonly url: TextColumn
  /** What rows with an empty payload keep. */
  readonly text: TextColumn | undefined
}

/** Text and what is said about it for every page of a batch. */
export function extractPages({ payload, contentType, url, text }: PageColumns, limits: PageLimits): Pages {
  const rows = payload.offsets.length - 1
  checked(payload, 'payload', rows)
  checked(contentType, 'content_type', rows)
  checked(url, 'url', rows)
  if (text !== undefined) checked(text, 'text', rows)
  let pages
  try {
    pages = binding.extractHtml(
      payload.values,
      payload.offsets,
      contentType.values,
      contentType.offsets,
      url.values,
      url.offsets,
      text?.values ?? new Uint8Array(0),
      text?.offsets ?? new Int32Array(0),
      limits.maxHtmlBytes,
      limits.maxControlShare,
    )
  } catch (cause) {
    throw new QuernError('native-failed', `extracting text: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
  return {
    text: { type: 'text', values: pages.textValues, offsets: pages.textOffsets },
    title: { type: 'text', values: pages.titleValues, offsets: pages.titleOffsets },
    language: { type: 'text', values: pages.languageValues, offsets: pages.languageOffsets },
    author: { type: 'text', values: pages.authorValues, offsets: pages.authorOffsets },
    published: { type: 'text', values: pages.publishedValues, offsets: pages.publishedOffsets },
    licenceLink: { type: 'text', values: pages.licenceLinkValues, offsets: pages.licenceLinkOffsets },
    outcomes: pages.outcomes,
    measures: {
      html_bytes: pages.htmlBytes,
      html_nodes: pages.htmlNodes,
      text_bytes: pages.textBytes,
      link_share: pages.linkShare,
      content_share: pages.contentShare,
      control_share: pages.controlShare,
    },
  }
}
