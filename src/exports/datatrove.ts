import type { ObjectWriter } from '../storage/store.ts'
import type { ExportFormat } from './format.ts'
import { encodeIds, tokenBytes } from './token-type.ts'

interface Open {
  readonly data: ObjectWriter
  readonly index: ObjectWriter
  tokens: number
}

/**
 * datatrove's tokenized files (0.10; nanotron's Nanoset reads them too): `.ds` holds the tokens back to back, `.ds.index` the
 * end of every document in tokens, `.ds.metadata` the tokenizer, the size of a token and how many there are.
 */
export const datatrove: ExportFormat = {
  seqLen: 'never',
  needsEndToken: false,
  tokenType: (vocabularySize) => (vocabularySize > 65_536 ? 'uint32' : 'uint16'),
  async open(folder, { language, snapshot, type, limits }) {
    let file: Open | undefined
    let files = 0

    async function closeFile({ data, index, tokens }: Open): Promise<void> {
      const name = `${language}/${language}_${String(files++).padStart(5, '0')}.ds`
      await data.close(name)
      await index.close(`${name}.index`)
      const tokenizer = snapshot.tokenizer.name.replaceAll(/[|\n]/g, '_') // its own reader splits at "|"
      await folder.write(`${name}.metadata`, `${tokenizer}|${tokenBytes[type]}\n${tokens}\n${metric(tokens)}`)
    }

    return {
      async write({ rows, ids, offsets }) {
        for (let row = 0; row < rows;) {
          file ??= { data: await folder.create(), index: await folder.create(), tokens: 0 }
          const first = offsets[row] as number
          const base = file.tokens
          let end = row
          while (end < rows && file.tokens < limits.fileTokens) file.tokens = base + (offsets[++end] as number) - first
          const ends = BigUint64Array.from({ length: end - row }, (_, i) => BigInt(base + (offsets[row + i + 1] as number) - first))
          await file.data.write(encodeIds(ids.subarray(first, offsets[end]), type))
          await file.index.write(new Uint8Array(ends.buffer))
          row = end
          if (file.tokens < limits.fileTokens) continue
          await closeFile(file)
          file = undefined
        }
      },
      async close() {
        if (file !== undefined) await closeFile(file)
        return 0
      },
    }
  },
}

/** As `humanize.metric(count, unit="T")` writes it: three digits and a prefix, `1.23 MT`. */
export function metric(tokens: number): string {
  const exponent = Math.floor(Math.log10(tokens))
  const thousands = Math.floor(exponent / 3)
  return `${(tokens / 1000 ** thousands).toFixed(2 - (exponent % 3))} ${['', 'k', 'M', 'G', 'T', 'P'][thousands]}T`
}
