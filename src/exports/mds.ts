import { encodeIds, tokenBytes } from './token-type.ts'
import type { ExportFormat } from './format.ts'
import { rowCutter } from './row-cutter.ts'
import { sampleFile } from './sample-file.ts'

interface ShardInfo {
  readonly basename: string
  readonly bytes: number
  readonly sha256: string
  readonly samples: number
}

/**
 * MDS of mosaicml-streaming 0.13 (Composer, LLM Foundry): a folder a language with `index.json` and shards of at most 64 MiB.
 * A sample is a document (`tokens`, `doc_id`), or with a row length that many `tokens` across documents.
 */
export const mds: ExportFormat = {
  seqLen: 'optional',
  needsEndToken: false,
  tokenType: (vocabularySize) => (vocabularySize > 65_536 ? 'uint32' : 'uint16'),
  async open(folder, { language, type, seqLen, limits }) {
    const config = {
      column_encodings: seqLen === null ? ['str', `ndarray:${type}`] : [`ndarray:${type}:${seqLen}`],
      column_names: seqLen === null ? ['doc_id', 'tokens'] : ['tokens'],
      column_sizes: seqLen === null ? [null, null] : [seqLen * tokenBytes[type]],
      compression: null,
      format: 'mds',
      hashes: ['sha256'],
      size_limit: limits.chunkBytes,
      version: 2,
    }
    const file = sampleFile(limits.chunkBytes, new TextEncoder().encode(pythonJson(config)))
    const rows = seqLen === null ? undefined : rowCutter(seqLen)
    const shards: ShardInfo[] = []

    async function flush(): Promise<void> {
      const basename = `shard.${String(shards.length).padStart(5, '0')}.mds`
      const writer = await folder.create()
      const { samples } = file
      for (const piece of file.take()) await writer.write(piece)
      const { bytes, sha256 } = await writer.close(`${language}/${basename}`)
      shards.push({ basename, bytes, sha256, samples })
    }

    /** As `MDSWriter` cuts: a sample that does not fit any more begins the next shard. */
    async function add(...pieces: Uint8Array[]): Promise<void> {
      const size = 4 + pieces.reduce((sum, piece) => sum + piece.byteLength, 0)
      if (file.samples > 0 && file.bytes + size > limits.chunkBytes) await flush()
      file.add(...pieces)
    }

    return {
      async write(documents) {
        const { ids, offsets, docIds } = documents
        if (rows !== undefined) {
          const full: Uint8Array[] = []
          rows.push(ids, (row) => full.push(encodeIds(row, type)))
          for (const row of full) await add(row)
          return
        }
        for (let row = 0; row < documents.rows; row++) {
          const id = Buffer.from(Buffer.from(docIds.buffer, docIds.byteOffset + 16 * row, 16).toString('hex'))
          const tokens = ndarray(encodeIds(ids.subarray(offsets[row], offsets[row + 1]), type), tokenBytes[type])
          const sizes = Uint32Array.of(id.byteLength, tokens[0].byteLength + tokens[1].byteLength)
          await add(new Uint8Array(sizes.buffer), id, ...tokens)
        }
      },
      async close() {
        if (file.samples > 0) await flush()
        // A language that fills no row has no shard, and a folder without shards is none for the reader.
        if (shards.length > 0)
          await folder.write(
            `${language}/index.json`,
            pythonJson({
              shards: shards.map(({ basename, bytes, sha256, samples }) => ({
                ...config,
                raw_data: { basename, bytes, hashes: { sha256 } },
                samples,
                zip_data: null,
              })),
              version: 2,
            }),
          )
        return rows?.waiting ?? 0
      },
    }
  },
}

/** One dimension whose length is told before the values, in the smallest of its three widths. */
function ndarray(values: Uint8Array, itemBytes: number): [Uint8Array, Uint8Array] {
  const length = values.byteLength / itemBytes
  const width = length < 1 << 8 ? 0 : length < 1 << 16 ? 1 : 2
  const head = new DataView(new ArrayBuffer(1 + (1 << width)))
  head.setUint8(0, (1 << 2) | width)
  if (width === 0) head.setUint8(1, length)
  else if (width === 1) head.setUint16(1, length, true)
  else head.setUint32(1, length, true)
  return [new Uint8Array(head.buffer), values]
}

/** Keys sorted and spaces as Python's `json.dumps(…, sort_keys=True)` puts them: these bytes count in the offsets of a shard. */
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}: ${pythonJson(field)}`).join(', ')}}`
}
