import { fileURLToPath } from 'node:url'
import type { ByteInput, Window } from '../core/component.ts'
import type { InputFile } from '../core/document.ts'
import { parquetLayout } from '../native/parquet-read.ts'
import { isS3Url } from '../storage/s3-place.ts'

/** The core takes a longer footer for damage; it would come for nothing. */
const mostFooterBytes = 256 << 20

/** What the core, which reads files by their names, is given. */
export interface LocalFile {
  readonly path: string
  /** The row groups that begin among these rows are there when this is done; the footer always is. */
  bringRows(rows: Window): Promise<void>
  remove(): Promise<void>
}

/** The file itself where it lies on a disk; else a copy of those bytes of it that are read. */
export async function localFile({ location }: InputFile, input: ByteInput): Promise<LocalFile> {
  if (!isS3Url(location)) {
    const path = location.startsWith('file://') ? fileURLToPath(location) : location
    return { path, bringRows: () => Promise.resolve(), remove: () => Promise.resolve() }
  }
  // Only a pipeline that names S3 pays for loading the SDK.
  const { openPartialFile } = await import('../storage/partial-file.ts')
  const copy = await openPartialFile(input)
  try {
    await copy.bring(await footerStart(input), input.bytes)
  } catch (error) {
    await copy.remove()
    throw error
  }
  return {
    path: copy.path,
    remove: () => copy.remove(),
    async bringRows({ start, end }) {
      let first = 0
      for (const { rows, from, to } of parquetLayout(copy.path)?.groups ?? []) {
        if (first >= start && first < end) await copy.bring(from, to)
        first += rows
      }
    },
  }
}

/** A file ends in its footer, the footer's length (4 bytes, little-endian) and `PAR1`. Where it does not, the core finds that out. */
async function footerStart(input: ByteInput): Promise<number> {
  const tail = await input.read(Math.max(0, input.bytes - 8), 8, true)
  if (tail.byteLength < 8) return 0
  const length = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true)
  const start = input.bytes - 8 - length
  const damaged = start < 0 || length > mostFooterBytes || Buffer.from(tail.subarray(4)).toString('latin1') !== 'PAR1'
  return damaged ? input.bytes - tail.byteLength : start
}
