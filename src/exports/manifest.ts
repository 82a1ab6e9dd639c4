import * as z from 'zod'

export const formatNames = ['megatron', 'mds', 'datatrove', 'litdata', 'olmo', 'parquet'] as const
export type FormatName = (typeof formatNames)[number]

const count = z.int().nonnegative()
const sha256 = z.string()

const Counts = z.strictObject({
  documents: count,
  tokens: count,
  /** Documents that are left out: hidden by `suppressed/`, or without any token. */
  suppressed: count,
  empty: count,
  /** End tokens inside documents: readers that find ends by token take them for ends. */
  endsInside: count,
  /** Tokens at the end of a language that fill no row and are left out, though `tokens` counts them. */
  leftOver: count,
})
export type Counts = z.infer<typeof Counts>

/** What `quern-export.json` says, and `--json` prints. The same snapshot, suppressions and options give the same bytes. */
export const ExportManifest = z.strictObject({
  format: z.literal('quern-export/1'),
  to: z.enum(formatNames),
  /** Id of the dataset. */
  dataset: z.string(),
  snapshot: z.strictObject({ version: count, sha256 }),
  tokenizer: z.strictObject({ name: z.string(), sha256, vocabularySize: count }),
  /** Of a token in the files. */
  dtype: z.string(),
  /** The id behind every document, whoever put it there; null where there is none. */
  endOfDocument: count.nullable(),
  seqLen: count.nullable(),
  /** Of the ids that were hidden, in order. */
  suppressionsSha256: sha256,
  ...Counts.shape,
  languages: z.record(z.string(), Counts),
  /** All other files of the folder. */
  files: z.array(z.strictObject({ path: z.string(), bytes: count, sha256 })),
})
export type ExportManifest = z.infer<typeof ExportManifest>
