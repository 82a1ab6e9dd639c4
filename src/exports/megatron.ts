import type { ExportFormat } from './format.ts'
import type { Spill } from './export-folder.ts'
import { encodeIds, tokenBytes } from './token-type.ts'
import type { ObjectWriter } from '../storage/store.ts'

/** `DType` of `megatron/core/datasets/indexed_dataset.py`; it has no uint32. */
const typeCodes = { uint16: 8, int32: 4 } as const
type MegatronType = keyof typeof typeCodes

/** Entries that are computed before they are written together. */
const run = 1 << 16

/**
 * `IndexedDataset` of Megatron-LM (megatron-core 0.16, also read by NeMo and gpt-neox): `xx.bin` holds the tokens of all
 * documents back to back, `xx.idx` where each begins; one sequence a document.
 */
export const megatron: ExportFormat = {
  seqLen: 'never',
  needsEndToken: false,
  // Its `DType.optimal_dtype`: a merge of two datasets asks for the same type, so 65,499 and not 65,535 is the limit here.
  tokenType: (vocabularySize) => (vocabularySize < 65_500 ? 'uint16' : 'int32'),
  async open(folder, { language, type }) {
    const data = await folder.create()
    const lengths = await folder.spill()
    let sequences = 0
    return {
      async write({ rows, ids, offsets }) {
        await data.write(encodeIds(ids, type))
        const own = new Int32Array(rows)
        for (let row = 0; row < rows; row++) own[row] = (offsets[row + 1] as number) - (offsets[row] as number)
        await lengths.write(new Uint8Array(own.buffer))
        sequences += rows
      },
      async close() {
        await data.close(`${language}.bin`)
        const index = await folder.create()
        await writeIndex(index, lengths, sequences, type as MegatronType)
        await index.close(`${language}.idx`)
        return 0
      },
    }
  },
}

/** Header, lengths, byte offsets, first sequence of every document and behind the last. Lengths are int32 numbers, one a sequence. */
export async function writeIndex(
  index: Pick<ObjectWriter, 'write'>,
  lengths: Pick<Spill, 'read'>,
  sequences: number,
  type: MegatronType,
): Promise<void> {
  const header = new DataView(new ArrayBuffer(34))
  new TextEncoder().encodeInto('MMIDIDX', new Uint8Array(header.buffer))
  header.setBigUint64(9, 1n, true)
  header.setUint8(17, typeCodes[type])
  header.setBigUint64(18, BigInt(sequences), true)
  header.setBigUint64(26, BigInt(sequences + 1), true)
  await index.write(new Uint8Array(header.buffer))
  for await (const piece of lengths.read()) await index.write(piece)
  let pointer = 0
  for await (const piece of lengths.read()) {
    const own = new Int32Array(piece.buffer, piece.byteOffset, piece.byteLength / 4)
    const pointers = new BigInt64Array(own.length)
    own.forEach((length, i) => {
      pointers[i] = BigInt(pointer)
      pointer += length * tokenBytes[type]
    })
    await index.write(new Uint8Array(pointers.buffer))
  }
  for (let first = 0; first <= sequences; first += run) {
    const firsts = BigInt64Array.from({ length: Math.min(run, sequences + 1 - first) }, (_, i) => BigInt(first + i))
    await index.write(new Uint8Array(firsts.buffer))
  }
}
