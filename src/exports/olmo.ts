import { gzipSync } from 'node:zlib'
import type { ObjectWriter } from '../storage/store.ts'
import type { ExportFormat } from './format.ts'
import { encodeIds } from './token-type.ts'

interface Open {
  readonly data: ObjectWriter
  readonly index: ObjectWriter
  lines: string
  tokens: number
}

/** Text of `start,end` lines that becomes one member of the gzip file. */
const memberBytes = 1 << 20

/**
 * Arrays of OLMo-core 3: `part-00000.npy` is the bare tokens (its name notwithstanding there is no .npy header), `.csv.gz`
 * beside it has `start,end` of every document in tokens. Its reader scans local files for the end token instead.
 */
export const olmo: ExportFormat = {
  seqLen: 'never',
  needsEndToken: true,
  // The smallest that holds the largest id: what `NumpyDatasetConfig` takes when no dtype is given.
  tokenType: (vocabularySize) => (vocabularySize <= 256 ? 'uint8' : vocabularySize <= 65_536 ? 'uint16' : 'uint32'),
  async open(folder, { language, type, limits }) {
    let file: Open | undefined
    let files = 0

    async function writeLines(open: Open): Promise<void> {
      const member = gzipSync(open.lines)
      member[9] = 255 // "unknown" in place of the operating system: the same bytes everywhere
      await open.index.write(member)
      open.lines = ''
    }

    async function closeFile(open: Open): Promise<void> {
      const name = `${language}/part-${String(files++).padStart(5, '0')}`
      await open.data.close(`${name}.npy`)
      if (open.lines !== '') await writeLines(open)
      await open.index.close(`${name}.csv.gz`)
    }

    return {
      async write({ rows, ids, offsets }) {
        for (let row = 0; row < rows;) {
          file ??= { data: await folder.create(), index: await folder.create(), lines: '', tokens: 0 }
          const first = offsets[row] as number
          while (row < rows && file.tokens < limits.fileTokens) {
            const end = file.tokens + (offsets[row + 1] as number) - (offsets[row] as number)
            file.lines += `${file.tokens},${end}\n`
            file.tokens = end
            row++
            if (file.lines.length >= memberBytes) await writeLines(file)
          }
          await file.data.write(encodeIds(ids.subarray(first, offsets[row]), type))
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
