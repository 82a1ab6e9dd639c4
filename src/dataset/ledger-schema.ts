import { QuernError } from '../core/errors.ts'
import type { ParquetKind } from '../native/parquet-write.ts'

/** What the ledger says of every document read; after these comes a double column for every measure. */
export const ledgerColumns = {
  doc_id: { kind: 'id', says: 'first 16 bytes of SHA-256(source, path, fingerprint, offset)' },
  url: { kind: 'text', says: 'as the source gave it' },
  source: { kind: 'label', says: 'stable name of the source' },
  part: { kind: 'label', says: 'key of the part that read it' },
  row: { kind: 'int64', says: 'row within the part' },
  file: { kind: 'label', says: 'path of the input file below its source' },
  offset: { kind: 'int64', says: 'where the original begins: bytes in the file, or the row' },
  length: { kind: 'int64', says: 'bytes that the original takes there' },
  date: { kind: 'text', says: 'ISO 8601, as the source knew it' },
  language: { kind: 'label', says: 'language that the document was judged as' },
  script: { kind: 'label', says: 'script that most of its letters are of' },
  language_1: { kind: 'label', says: 'likeliest label of the language model; its score is the measure language_score_raw' },
  language_2: { kind: 'label', says: 'second label; language_score_raw_2' },
  language_3: { kind: 'label', says: 'third label; language_score_raw_3' },
  folded_1: { kind: 'label', says: 'likeliest language after folding; language_score' },
  folded_2: { kind: 'label', says: 'second language; language_score_2' },
  folded_3: { kind: 'label', says: 'third language; language_score_3' },
  outcome: { kind: 'label', says: 'kept or dropped' },
  stage: { kind: 'label', says: 'stage that dropped it' },
  rule: { kind: 'label', says: 'rule of that stage' },
  measured: { kind: 'double', says: 'what the rule measured' },
  limit: { kind: 'double', says: 'the limit that it broke' },
  survivor: { kind: 'optional-id', says: 'the kept document that this one duplicates' },
  similarity: { kind: 'double', says: 'estimated similarity to the survivor' },
  cut_bytes: { kind: 'int64', says: 'bytes that a duplicate stage cut from the kept text, because kept documents hold them' },
  cut_by: { kind: 'label', says: 'that stage' },
  cut_from: { kind: 'optional-id', says: 'the kept document that holds most of what was cut' },
  benchmark: { kind: 'label', says: 'evaluation set that it shares most word n-grams with; its item is the measure contaminated_item' },
  shard: { kind: 'label', says: 'path of the token shard; a later night may have pressed its rows into another, which names it' },
  shard_row: { kind: 'int64', says: 'row within the shard' },
  n_bytes: { kind: 'int64', says: 'UTF-8 bytes of the text at the end of its way' },
  n_tokens: { kind: 'int64', says: 'tokens in the shard' },
  dropped_text: { kind: 'label', says: 'object that holds the text of a dropped document, where it was retained' },
  rights: { kind: 'label', says: 'allow, deny or unknown' },
  policy: { kind: 'label', says: 'the rights policy that says so: name, version, hash of its content' },
  rights_evidence: { kind: 'text', says: 'the statements about rights that were found, as JSON; enough to decide by another policy' },
} as const satisfies Readonly<Record<string, { kind: ParquetKind; says: string }>>

/** Rows of a row group: what a lookup decodes, and small enough that a bloom filter of it is read in one piece. */
export const groupRows = 65_536

/** All columns of a ledger with these measures. A measure named like a column of the ledger's own is refused. */
export function ledgerKinds(measures: readonly string[]): Record<string, ParquetKind> {
  const kinds: Record<string, ParquetKind> = Object.fromEntries(Object.entries(ledgerColumns).map(([name, { kind }]) => [name, kind]))
  for (const measure of measures) {
    if (Object.hasOwn(kinds, measure))
      throw new QuernError('bad-pipeline', `the measure "${measure}" has the name of another column of the ledger`, {
        remedy: 'Rename the measure in its stage.',
      })
    kinds[measure] = 'double'
  }
  return kinds
}
