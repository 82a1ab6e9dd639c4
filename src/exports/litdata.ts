import { canonicalJson } from '../core/canonical-json.ts'
import type { ExportFormat } from './format.ts'
import { rowCutter } from './row-cutter.ts'
import { sampleFile } from './sample-file.ts'
import { encodeIds, tokenBytes } from './token-type.ts'

/** `_NUMPY_DTYPES_MAPPING` of `litdata/constants.py`; torch's own table there has no uint32. */
const typeCodes = { uint16: 5, uint32: 6 } as const

/** What `treespec_dumps` writes for one array. */
const oneLeaf = '[1, {"type": null, "context": null, "children_spec": []}]'

/**
 * Chunks of litData 0.2 for its `TokensLoader` (LitGPT): a folder a language with `index.json` and chunks of at most 64 MiB.
 * The loader lays blocks over each chunk by itself and drops what is left at its end, so each holds whole blocks only.
 */
export const litdata: ExportFormat = {
  seqLen: 'required',
  needsEndToken: false,
  tokenType: (vocabularySize) => (vocabularySize > 65_536 ? 'uint32' : 'uint16'),
  async open(folder, { language, snapshot, type, seqLen, limits }) {
    const block = seqLen as number
    const blockBytes = block * tokenBytes[type]
    const blocks = Math.max(1, Math.floor((limits.chunkBytes - 8) / (blockBytes + 4)))
    const file = sampleFile(blocks * blockBytes, new Uint8Array(0))
    const rows = rowCutter(block)
    const chunks: { chunk_bytes: number; chunk_size: number; dim: number; filename: string }[] = []

    async function flush(): Promise<void> {
      const filename = `chunk-0-${chunks.length}.bin`
      const writer = await folder.create()
      const { samples } = file
      for (const piece of file.take()) await writer.write(piece)
      const { bytes } = await writer.close(`${language}/${filename}`)
      chunks.push({ chunk_bytes: bytes, chunk_size: samples, dim: samples * block, filename })
    }

    return {
      async write({ ids }) {
        const full: Uint8Array[] = []
        rows.push(ids, (row) => full.push(encodeIds(row, type)))
        for (const row of full) {
          file.add(row)
          if (file.samples === blocks) await flush()
        }
      },
      async close() {
        if (file.samples > 0) await flush()
        const config = {
          chunk_bytes: limits.chunkBytes,
          chunk_size: null,
          compression: null,
          data_format: [`no_header_numpy:${typeCodes[type as keyof typeof typeCodes]}`],
          data_spec: oneLeaf,
          encryption: null,
          item_loader: 'TokensLoader',
        }
        // Its cache of remote datasets is keyed by this time: another snapshot at the same address must have another.
        const updatedAt = String(Date.parse(snapshot.createdAt) / 1000)
        if (chunks.length > 0) await folder.write(`${language}/index.json`, canonicalJson({ chunks, config, updated_at: updatedAt }))
        return rows.waiting
      },
    }
  },
}
