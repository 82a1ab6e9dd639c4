import { createHash, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, link, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { QuernError } from '../core/errors.ts'
import { fileError, isMissing } from './file-error.ts'
import { openFileWriter, writeAll } from './file-writer.ts'
import { checkKey } from './key.ts'
import type { ByteRange, ObjectWriter, Store, StoredObject } from './store.ts'
import { cleanTemporary, owner } from './temporary-files.ts'

/** Beside the objects and on the same file system, since `link` does not cross one. Its name is no key, so no reader meets it. */
const temporary = '.tmp'

/** A folder as a store: atomic by `link(2)`, which fails when the name exists; durable by fsync of file and folder. */
export function openFileStore(root: string): Store {
  const path = (key: string) => join(root, ...checkKey(key).split('/'))
  const folders = new Set<string>()

  async function makeFolder(folder: string): Promise<void> {
    if (folders.has(folder)) return
    const first = await mkdir(folder, { recursive: true })
    // A new folder is a new name in its parent; without this a power cut could take a committed object's folder away.
    for (let made = folder; first !== undefined && made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
    folders.add(folder)
  }

  async function openTemporary(): Promise<{ handle: FileHandle; name: string }> {
    await makeFolder(join(root, temporary))
    const name = join(root, temporary, `${owner()}-${process.pid}-${randomUUID()}`)
    return { handle: await open(name, 'wx'), name }
  }

  /** Gives a durable temporary file its name and removes the other one. False when the name is taken. */
  async function nameIt(from: string, key: string): Promise<boolean> {
    const to = path(key)
    let made = true
    for (let attempt = 0; ; attempt++) {
      await makeFolder(dirname(to))
      try {
        await link(from, to)
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code
        if (code === 'ENOENT' && attempt === 0) {
          folders.delete(dirname(to)) // another process removed the empty folder
          continue
        }
        if (code !== 'EEXIST') throw error
        made = false
      }
      break
    }
    // The loser syncs too: it will rely on an object whose maker may have been killed before its own sync.
    await syncFolder(dirname(to))
    await unlink(from)
    return made
  }

  async function writeTemporary(bytes: Uint8Array): Promise<string> {
    const { handle, name } = await openTemporary()
    try {
      await writeAll(handle, bytes)
      await handle.sync()
    } catch (error) {
      await handle.close()
      await unlink(name)
      throw error
    }
    await handle.close()
    return name
  }

  async function putIfAbsent(key: string, content: Uint8Array | string): Promise<boolean> {
    try {
      if ((await statFile(path(key))) !== undefined) return false
      return await nameIt(await writeTemporary(toBytes(content)), key)
    } catch (error) {
      throw fileError('writing', key, root, error)
    }
  }

  async function get(key: string, range?: ByteRange, into?: Uint8Array): Promise<Uint8Array> {
    try {
      const handle = await open(path(key), 'r')
      try {
        const offset = range?.offset ?? 0
        const bytes = into ?? new Uint8Array(range?.length ?? (await handle.stat()).size)
        for (let done = 0; done < bytes.byteLength;) {
          const { bytesRead } = await handle.read(bytes, done, bytes.byteLength - done, offset + done)
          if (bytesRead === 0)
            throw new QuernError('damaged-dataset', `reading ${key}: it ends at byte ${offset + done}, before ${offset + bytes.byteLength}`)
          done += bytesRead
        }
        return bytes
      } finally {
        await handle.close()
      }
    } catch (error) {
      throw fileError('reading', key, root, error)
    }
  }

  async function find(key: string): Promise<Uint8Array | undefined> {
    return (await statFile(path(key))) === undefined ? undefined : get(key)
  }

  async function put(key: string, content: Uint8Array | string): Promise<void> {
    const bytes = toBytes(content)
    if (await putIfAbsent(key, bytes)) return
    if (Buffer.compare(await get(key), bytes) !== 0) throw otherBytes(key)
  }

  async function replace(key: string, content: Uint8Array | string): Promise<void> {
    try {
      const name = await writeTemporary(toBytes(content))
      await makeFolder(dirname(path(key)))
      await rename(name, path(key))
      await syncFolder(dirname(path(key)))
    } catch (error) {
      throw fileError('writing', key, root, error)
    }
  }

  async function create(): Promise<ObjectWriter> {
    const started = await openTemporary().catch((error: unknown) => {
      throw fileError('writing', 'a new object', root, error)
    })
    return openFileWriter(
      started.handle,
      started.name,
      root,
      async (key, facts) => {
        if (await nameIt(started.name, key)) return
        // A run that was killed has made it before: the same bytes, or something is badly wrong.
        if ((await statFile(path(key)))?.size !== facts.bytes || (await sha256OfFile(path(key))) !== facts.sha256) throw otherBytes(key)
      },
      { durable: true },
    )
  }

  async function* list(prefix: string, startAfter = ''): AsyncGenerator<StoredObject> {
    yield* listFolder('', prefix, startAfter)
  }

  async function* listFolder(folder: string, prefix: string, startAfter: string): AsyncGenerator<StoredObject> {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: unknown) => {
      if (isMissing(error)) return []
      throw fileError('listing', folder, root, error)
    })
    const names = entries
      .filter((entry) => !entry.name.startsWith('.'))
      .map((entry) => folder + entry.name + (entry.isDirectory() ? '/' : ''))
      .sort((a, b) => (a < b ? -1 : 1))
    for (const name of names) {
      if (name.endsWith('/')) {
        const within = name.startsWith(prefix) || prefix.startsWith(name)
        // A folder whose name sorts before the mark may still hold it.
        if (within && (name > startAfter || startAfter.startsWith(name))) yield* listFolder(name, prefix, startAfter)
      } else if (name.startsWith(prefix) && name > startAfter) {
        const facts = await statFile(join(root, name))
        if (facts !== undefined) yield { key: name, bytes: facts.size, modified: facts.mtimeMs }
      }
    }
  }

  return {
    url: root,
    get: (key, range) => get(key, range),
    async getInto(key, range, into) {
      await get(key, range, into.subarray(0, range.length))
    },
    find,
    async stat(key) {
      const facts = await statFile(path(key))
      return facts === undefined ? undefined : { bytes: facts.size }
    },
    put,
    putIfAbsent,
    replace,
    create,
    list,
    async delete(key) {
      await unlink(path(key)).catch((error: unknown) => {
        if (!isMissing(error)) throw fileError('deleting', key, root, error)
      })
    },
    localPath: async (key) => path(key),
    async probe() {
      const key = `probe-${randomUUID()}`
      const wins = await Promise.all(Array.from({ length: 8 }, (_, i) => putIfAbsent(key, String(i))))
      await unlink(path(key)).catch((error: unknown) => {
        throw fileError('deleting', key, root, error)
      })
      const winners = wins.filter(Boolean).length
      if (winners !== 1)
        throw new QuernError('output-not-writable', `writing to ${root}: ${winners} of 8 racing writers were told that they were first`, {
          remedy: 'This file system does not make hard links atomically; choose a local disk or NFS 4.',
        })
    },
    clean: () => cleanTemporary(join(root, temporary)),
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function statFile(file: string): Promise<{ readonly size: number; readonly mtimeMs: number } | undefined> {
  try {
    const facts = await stat(file)
    return facts.isFile() ? facts : undefined
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  const handle = await open(file, 'r')
  for await (const chunk of handle.createReadStream({ highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}

function toBytes(content: Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content
}

function otherBytes(key: string): QuernError {
  return new QuernError('store-failed', `writing ${key}: an object with other bytes is there already, and published objects are never altered`, {
    remedy: 'Run quern verify on the dataset: either the object is damaged, or two versions of Quern write to it.',
  })
}
