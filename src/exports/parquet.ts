import { quernVersion } from '../dataset/version.ts'
import { parquetWriter } from '../native/parquet-write.ts'
import type { ObjectWriter } from '../storage/store.ts'
import type { Documents } from './documents.ts'
import type { ExportFormat } from './format.ts'
import { encodeIds } from './token-type.ts'

/** Of a file of `fileTokens`: Parquet is read in row groups, and what passes it on prefers files of some hundred megabytes. */
const part = 8

/** Rows that a row group of 16 MiB of tokens seldom exceeds; it sizes the filter over document ids. */
const groupRows = 1 << 15

interface Open {
  readonly object: ObjectWriter
  readonly writer: ReturnType<typeof parquetWriter>
  tokens: number
}

/**
 * Parquet, a row a document and a row group a record batch of the shard: `doc_id` as in the ledger, `language`, `source`,
 * `n_bytes` of its text, `input_ids` as a list of uint16 or uint32. Read by Hugging Face datasets, DuckDB, polars, Spark.
 */
export const parquet: ExportFormat = {
  seqLen: 'never',
  needsEndToken: false,
  tokenType: (vocabularySize) => (vocabularySize > 65_536 ? 'uint32' : 'uint16'),
  async open(folder, { language, snapshot, type, limits }) {
    const { tokenizer } = snapshot
    const list = type === 'uint16' ? 'list<uint16>' : 'list<uint32>'
    const kinds = { doc_id: 'id', language: 'label', source: 'label', n_bytes: 'int64', input_ids: list } as const
    const metadata = { tokenizer: tokenizer.name, tokenizer_sha256: tokenizer.sha256, vocabulary_size: String(tokenizer.vocabularySize) }
    let file: Open | undefined
    let files = 0

    async function closeFile({ object, writer }: Open): Promise<void> {
      await object.write(writer.finish())
      await object.close(`${language}/part-${String(files++).padStart(5, '0')}.parquet`)
    }

    return {
      async write({ rows, ids, offsets, docIds, sourceIds, nBytes, sources }: Documents) {
        file ??= { object: await folder.create(), writer: parquetWriter(kinds, groupRows, `quern ${quernVersion}`, metadata), tokens: 0 }
        const stored = encodeIds(ids, 'uint32')
        const group = file.writer.writeGroup(rows, {
          doc_id: { type: 'id', values: docIds, present: null },
          language: { type: 'label', labels: [language], indices: new Int32Array(rows) },
          source: { type: 'label', labels: [...sources], indices: Int32Array.from(sourceIds) },
          n_bytes: { type: 'number', values: Float64Array.from(nBytes) },
          input_ids: { type: 'list', values: new Uint32Array(stored.buffer, stored.byteOffset, ids.length), offsets },
        })
        await file.object.write(group)
        file.tokens += ids.length
        if (file.tokens < limits.fileTokens / part) return
        await closeFile(file)
        file = undefined
      },
      async close() {
        if (file !== undefined) await closeFile(file)
        return 0
      },
    }
  },
}
