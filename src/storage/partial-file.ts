import { type FileHandle, open, unlink } from 'node:fs/promises'
import type { ByteInput } from '../core/component.ts'
import { fileError } from './file-error.ts'
import { writeAll } from './file-writer.ts'
import { newSpoolFile, spoolFolder } from './s3-cache.ts'
import { s3Settings } from './s3-place.ts'
import { cleanTemporary } from './temporary-files.ts'

const pieceBytes = 8 << 20
const piecesAtOnce = 3

/** A local file that is as long as an input, and holds those bytes of it that were brought. */
export interface PartialFile {
  readonly path: string
  /** Brings [from, to), as far as the input has it. Memory: three pieces of 8 MiB. */
  bring(from: number, to: number): Promise<void>
  remove(): Promise<void>
}

/**
 * For a reader that wants a file and looks only at some of it: holes take no room on the disk. It lies where objects that are
 * being written do; one that a killed process left goes when the next is made.
 */
export async function openPartialFile(input: ByteInput): Promise<PartialFile> {
  const settings = s3Settings()
  const folder = spoolFolder({ settings })
  const failed = (error: unknown): never => {
    throw fileError('writing', 'the part of an input that is read', folder, error)
  }
  const path = await newSpoolFile({ settings }).catch(failed)
  await cleanTemporary(folder)
  const made = await open(path, 'wx', 0o600).catch(failed)
  await made
    .truncate(input.bytes)
    .finally(() => made.close())
    .catch(failed)

  async function carry(file: FileHandle, from: number, to: number): Promise<void> {
    let next = from
    const carrier = async (): Promise<void> => {
      while (next < to) {
        const offset = next
        next = Math.min(to, offset + pieceBytes)
        try {
          const bytes = await input.read(offset, next - offset, true)
          await writeAll(file, bytes, offset).catch(failed)
        } catch (error) {
          next = to // the others need not go on
          throw error
        }
      }
    }
    const carried = await Promise.allSettled(Array.from({ length: piecesAtOnce }, carrier))
    for (const one of carried) if (one.status === 'rejected') throw one.reason
  }

  return {
    path,
    async bring(from, to) {
      const file = await open(path, 'r+').catch(failed)
      await carry(file, from, Math.min(to, input.bytes)).finally(() => file.close())
    },
    async remove() {
      await unlink(path).catch(() => undefined) // a later clean finds it
    },
  }
}
