import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { QuernError } from '../core/errors.ts'
import { fileError, isMissing } from '../storage/file-error.ts'
import { openFileStore } from '../storage/file-store.ts'
import { writeAll } from '../storage/file-writer.ts'
import type { ObjectFacts, ObjectWriter } from '../storage/store.ts'
import { isGone, owner, staleAfter } from '../storage/temporary-files.ts'

/** A folder in the making: it lies beside its place under a hidden name, and takes its name when it is whole. */
export interface ExportFolder {
  /** Every file that is closed, in the order of closing. */
  readonly files: readonly ObjectFacts[]
  create(): Promise<ObjectWriter>
  write(key: string, content: string): Promise<void>
  /** Bytes that are needed again before the end, on disk and not in memory; gone with `finish`. */
  spill(): Promise<Spill>
  /** Gives the folder its name. Where that is taken meanwhile by anything but an empty folder, it throws. */
  finish(): Promise<void>
  /** Removes what was written. */
  abandon(): Promise<void>
}

export interface Spill {
  write(bytes: Uint8Array): Promise<void>
  /** All bytes from the first one, in pieces of at most a megabyte; may be read more than once. */
  read(): AsyncGenerator<Uint8Array>
}

const pieceBytes = 1 << 20
const spillFolder = '.spill'

/** The file that makes a folder an export; it is written last. */
export const manifestName = 'quern-export.json'

/** Starts afresh: what killed exports to this place left beside it is removed, what another process is writing is left alone. */
export async function openExportFolder(place: string): Promise<ExportFolder> {
  const parent = dirname(place)
  const prefix = `.${basename(place)}.quern-export-`
  const partial = join(parent, `${prefix}${owner()}-${process.pid}-${randomUUID()}`)
  const files: ObjectFacts[] = []
  const writers: ObjectWriter[] = []
  const spills: FileHandle[] = []
  try {
    await mkdir(parent, { recursive: true })
    await removeDead(parent, prefix)
    await mkdir(join(partial, spillFolder), { recursive: true })
    // A folder cannot be renamed over a mount point, and the time to say so is before the work.
    const there = await stat(place).catch(() => undefined)
    if (there !== undefined && there.dev !== (await stat(parent)).dev)
      throw new QuernError(
        'output-not-writable',
        `exporting to ${place}: it is a file system of its own, and a finished export cannot take its name`,
        {
          remedy: 'Give a new folder inside it.',
        },
      )
  } catch (error) {
    throw fileError('writing', basename(place), parent, error)
  }
  const store = openFileStore(partial)

  async function create(): Promise<ObjectWriter> {
    const writer = await store.create()
    writers.push(writer)
    return {
      get bytes() {
        return writer.bytes
      },
      write: (bytes) => writer.write(bytes),
      abort: () => writer.abort(),
      async close(key) {
        const facts = await writer.close(key)
        writers.splice(writers.indexOf(writer), 1)
        files.push(facts)
        return facts
      },
    }
  }

  async function closeSpills(): Promise<void> {
    for (const handle of spills.splice(0)) await handle.close()
    await rm(join(partial, spillFolder), { recursive: true, force: true })
  }

  return {
    files,
    create,
    async write(key, content) {
      const writer = await create()
      await writer.write(new TextEncoder().encode(content))
      await writer.close(key)
    },
    async spill() {
      const handle = await open(join(partial, spillFolder, randomUUID()), 'wx+')
      spills.push(handle)
      return {
        write: (bytes) => writeAll(handle, bytes),
        async *read() {
          for (let at = 0; ;) {
            const piece = new Uint8Array(pieceBytes)
            const { bytesRead } = await handle.read(piece, 0, pieceBytes, at)
            if (bytesRead === 0) return
            at += bytesRead
            yield piece.subarray(0, bytesRead)
          }
        },
      }
    },
    async finish() {
      await closeSpills()
      await rm(join(partial, '.tmp'), { recursive: true, force: true })
      try {
        await syncFolder(partial)
        await rename(partial, place)
        await syncFolder(parent)
      } catch (error) {
        if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw occupied(place)
        throw fileError('writing', basename(place), parent, error)
      }
    },
    async abandon() {
      for (const writer of writers.splice(0)) await writer.abort()
      await closeSpills()
      await rm(partial, { recursive: true, force: true })
    },
  }
}

/** What lies at the place of an export: nothing or an empty folder, an export, or something else, which is refused. */
export async function lookAt(place: string): Promise<'free' | 'export'> {
  const names = await readdir(place).catch((error: unknown): string[] => {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') throw occupied(place)
    if (isMissing(error)) return []
    throw fileError('listing', basename(place), dirname(place), error)
  })
  if (names.length === 0) return 'free'
  if (names.includes(manifestName)) return 'export'
  throw occupied(place)
}

function occupied(place: string): QuernError {
  return new QuernError('output-not-writable', `exporting to ${place}: something else is there`, { remedy: 'Give a new or an empty folder.' })
}

/** A place on this machine; exports are not written to object storage, whose readers would see half of one. */
export function localPlace(folder: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(folder))
    throw new QuernError('bad-usage', `exporting to ${folder}: an export is a local folder`, {
      remedy: 'Give a folder, and upload it when it is there; its data first, its indexes last.',
    })
  return resolve(folder)
}

async function removeDead(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue
    const [who = '', pid] = name.slice(prefix.length).split('-')
    const facts = await stat(join(parent, name)).catch(() => undefined)
    if (isGone(who, Number(pid)) || (facts !== undefined && Date.now() - facts.mtimeMs > staleAfter))
      await rm(join(parent, name), { recursive: true, force: true })
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
