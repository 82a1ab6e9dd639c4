import type { TextColumn } from '../core/batch.ts'
import { binding } from './binding.ts'
import { checkOffsets, kernel } from './kernel.ts'
import type { RedactedText } from './binding.d.cts'

/** What is found, in the order of the kernel's counts; also the names in placeholders: `<|pii:email|>`. */
export const personalDataTypes = ['email', 'ip', 'iban', 'phone', 'card', 'vat', 'national-id'] as const
export type PersonalDataType = (typeof personalDataTypes)[number]

/** The kernel counts one more thing a row: placeholders that the page itself spelt. */
const countsPerRow = personalDataTypes.length + 1

/** Context words of one language by what they speak of, and the countries (ISO 3166, lower case) whose numbers its pages hold. */
export interface RedactionLanguage {
  readonly phone: readonly string[]
  readonly card: readonly string[]
  readonly vat: readonly string[]
  readonly 'national-id': readonly string[]
  /** Words before a number that is a version or section, and no address. */
  readonly version: readonly string[]
  /** Words by which four small numbers are an address, and no version. */
  readonly address: readonly string[]
  readonly countries: readonly string[]
}

export interface RedactionSettings {
  /** Values of documentation ranges instead of placeholders. */
  readonly documentation: boolean
  readonly types: readonly PersonalDataType[]
  readonly obfuscated: 'none' | 'brackets' | 'words'
  readonly languages: readonly RedactionLanguage[]
}

export interface Redacted {
  readonly text: TextColumn
  /** `row * 8 + type` in the order of `personalDataTypes`; the eighth are placeholders that the page spelt. */
  readonly counts: Uint32Array
}

export interface PersonalDataRedactor {
  /** Each row by the context words of its language (its number in the settings, or -1 for none). */
  text(column: TextColumn, languageOfRow: Int32Array): Redacted
  /** Rows that are JSON texts: only what stands in strings is looked at. */
  json(column: TextColumn, languageOfRow: Int32Array): Redacted
}

export function personalDataRedactor({ documentation, types, obfuscated, languages }: RedactionSettings): PersonalDataRedactor {
  const data = new binding.PersonalData(
    documentation,
    [...types],
    ['none', 'brackets', 'words'].indexOf(obfuscated),
    languages.map((language) => ({
      words: [language.phone, language.card, language.vat, language['national-id'], language.version, language.address].map((list) => [...list]),
      countries: [...language.countries],
    })),
  )
  const run = (column: TextColumn, languageOfRow: Int32Array, json: boolean): Redacted =>
    checked(column, () => data.redact(column.values, column.offsets, languageOfRow, json))
  return { text: (column, languageOfRow) => run(column, languageOfRow, false), json: (column, languageOfRow) => run(column, languageOfRow, true) }
}

/** E-mail and public IPv4 addresses replaced as datatrove 0.10's `PIIFormatter` does in a document of its own. */
export function redactLikeDatatrove(column: TextColumn): Redacted {
  return checked(column, () => binding.redactLikeDatatroveRows(column.values, column.offsets))
}

function checked({ values, offsets }: TextColumn, run: () => RedactedText): Redacted {
  const rows = offsets.length - 1
  checkOffsets('text', values, offsets, rows)
  const redacted = kernel('redacting personal data', run)
  checkOffsets('text', redacted.values, redacted.offsets, rows)
  return { text: { type: 'text', values: redacted.values, offsets: redacted.offsets }, counts: redacted.counts }
}

/** How often each type was found, a column a type; the last is of placeholders that the page spelt. */
export function countColumns(counts: Uint32Array): readonly Float64Array[] {
  const rows = counts.length / countsPerRow
  return Array.from({ length: countsPerRow }, (_, type) => Float64Array.from({ length: rows }, (__, row) => counts[row * countsPerRow + type]!))
}
