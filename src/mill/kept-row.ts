/** Columns of kept texts that duplicate stages compare. */
export const keyColumns = ['text', 'title', 'url', 'author', 'published', 'date', 'extra'] as const
export type KeyColumn = (typeof keyColumns)[number]

/** A kept document as duplicate stages saw it. */
export interface KeptRow {
  readonly id: Uint8Array
  readonly language: string
  /** The text as it was before anything was cut, as far as that is known. */
  readonly values: Readonly<Record<KeyColumn, Uint8Array>>
  /** What is left of the text. */
  readonly left: Uint8Array
  /** Something was cut, by a version that did not keep what it cut. */
  readonly lacking: boolean
}
