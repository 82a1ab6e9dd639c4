import type { TokenizerFacts } from '../core/component.ts'
import { canonicalJson } from '../core/canonical-json.ts'
import type { Store } from '../storage/store.ts'
import type { ArrowSchema } from './arrow-schema.ts'
import { openArrowWriter } from './arrow-writer.ts'
import { layout } from './layout.ts'
import type { ShardEntry } from './pages.ts'

/** What a token shard's schema metadata says of all its rows. */
export interface ShardFacts {
  readonly language: string
  readonly tokenizer: TokenizerFacts
  /** Names by `source_id`; ids are the same in every snapshot of the dataset. */
  readonly sources: readonly string[]
  /** Of Quern: another version may encode otherwise, and the bytes should say so. */
  readonly version: string
}

/** A run of documents, a row each. `docIds` has 16 bytes a row, `offsets` rows + 1 entries, `nBytes` is the text's length. */
export interface ShardRows {
  readonly rows: number
  readonly ids: Uint16Array | Uint32Array
  readonly offsets: Int32Array
  readonly docIds: Uint8Array
  readonly sourceIds: Uint16Array
  readonly nBytes: Uint32Array
}

export type PressedShard = Omit<ShardEntry, 'text' | 'absorbed'>

export interface ShardWriter {
  write(rows: ShardRows): Promise<void>
  close(): Promise<PressedShard>
  abort(): Promise<void>
}

/**
 * Batches of at most 16 MiB: one ranged read of a trainer. Not compressed, since tokens gain little and a compressed
 * buffer cannot be mapped.
 */
const options = { compress: false, batchRows: 1 << 20, batchBytes: 16 << 20 } as const

/** What every token shard of one language and tokenizer begins with; pinned by a test against pyarrow. */
export function shardSchema(facts: ShardFacts): ArrowSchema {
  const { tokenizer } = facts
  return {
    fields: { input_ids: `list<${tokenizer.dtype}>`, doc_id: 'fixed<16>', source_id: 'uint16', n_bytes: 'uint32' },
    metadata: {
      'quern.format': 'quern-shard/1',
      'quern.version': facts.version,
      language: facts.language,
      sources: canonicalJson(facts.sources),
      tokenizer: tokenizer.name,
      tokenizer_sha256: tokenizer.sha256,
      vocabulary_size: String(tokenizer.vocabularySize),
      end_of_document: tokenizer.endOfDocument === null ? '' : String(tokenizer.endOfDocument),
      special_tokens: canonicalJson(tokenizer.special),
    },
  }
}

/** A shard that grows row by row in one language and is named by its content. */
export async function openShardWriter(store: Store, facts: ShardFacts): Promise<ShardWriter> {
  const writer = await openArrowWriter(await store.create(), shardSchema(facts), options)
  let textBytes = 0
  return {
    async write(rows) {
      for (const bytes of rows.nBytes) textBytes += bytes
      await writer.write(rows.rows, {
        input_ids: { values: rows.ids, offsets: rows.offsets },
        doc_id: { values: rows.docIds },
        source_id: { values: rows.sourceIds },
        n_bytes: { values: rows.nBytes },
      })
    },
    async close() {
      const { path, bytes, sha256, rows, blocks } = await writer.close(layout.shard(facts.language))
      return {
        path,
        bytes,
        sha256,
        language: facts.language,
        documents: rows,
        tokens: blocks.reduce((sum, block) => sum + block.elements, 0),
        textBytes,
        batches: blocks.map((block) => [block.offset, block.metaLength, block.bodyLength, block.rows, block.elements]),
      }
    },
    abort: () => writer.abort(),
  }
}
