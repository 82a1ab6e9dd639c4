import type { TextColumn } from '../core/batch.ts'
import { binding } from './binding.ts'
import { checkOffsets, kernel } from './kernel.ts'

/** When two values count as the same: `native/src/kernels/document_keys/normalise.rs` defines each. */
export const normalForms = ['none', 'whitespace', 'fold'] as const
export type NormalForm = (typeof normalForms)[number]
export type TextUnit = 'line' | 'paragraph' | 'sentences'

/** Bytes of a column's or address's key, and of a unit's. */
export const keyBytes = 16
export const unitKeyBytes = 8

/** Units of all rows, one behind the other. */
export interface UnitKeys {
  /** Where each row's units begin; rows + 1 entries. */
  readonly offsets: Uint32Array
  /** 8 bytes a unit. */
  readonly keys: Uint8Array
  /** Four numbers a unit: first byte and end, first code point and end. */
  readonly ranges: Uint32Array
  /** Two numbers a row: bytes and code points of its text. */
  readonly sizes: Uint32Array
}

/** Query parameters that name a visit or a campaign, in lower case: those of a name or beginning, and those whose value must look like a session. */
export interface VisitParameters {
  readonly always: readonly string[]
  readonly prefixes: readonly string[]
  readonly byValue: readonly string[]
}

/** The one list of them (`native/src/kernels/document_keys/parameters.rs`). */
export function visitParameters(): VisitParameters {
  return binding.visitParameters()
}

/** Raised when the same addresses get other keys. */
export function addressKeysVersion(): number {
  return binding.addressKeysVersion()
}

/** Raised when the same values get other keys. */
export function documentKeysVersion(): number {
  return binding.documentKeysVersion()
}

/** 128-bit digests of the normalised values, 16 bytes a row; zeros where nothing is left to compare. */
export function columnKeys(column: TextColumn, normalise: NormalForm): Uint8Array {
  const { values, offsets } = checked(column)
  return kernel('making keys of a column', () => binding.documentColumnKeys(values, offsets, normalise))
}

/** The same of canonical addresses; parameters of the names in `dropped` do not count, besides those of visits and campaigns. */
export function addressKeys(column: TextColumn, dropped: readonly string[]): Uint8Array {
  const { values, offsets } = checked(column)
  return kernel('making keys of addresses', () => binding.documentAddressKeys(values, offsets, [...dropped]))
}

/** Keys and places of all units of at least `minCharacters` code points in their normal form. */
export function unitKeys(column: TextColumn, unit: TextUnit, normalise: NormalForm, minCharacters: number): UnitKeys {
  const { values, offsets } = checked(column)
  return kernel('making keys of lines', () => binding.documentUnitKeys(values, offsets, unit, normalise, minCharacters))
}

function checked(column: TextColumn): TextColumn {
  checkOffsets('text', column.values, column.offsets, column.offsets.length - 1)
  return column
}
