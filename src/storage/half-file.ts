import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeAll } from './file-writer.ts'
import { isMissing } from './file-error.ts'
import type { ThreadHash } from './hash-thread.ts'
import { isGone, owner, staleAfter } from './temporary-files.ts'

/** A file that grows from its beginning, under a name that says who is at it; its hash grows with it. */
export interface HalfFile {
  /** Bytes that an earlier, killed writer left; they are hashed already. */
  readonly already: number
  write(bytes: Uint8Array): Promise<void>
  /** SHA-256 in hex of all bytes so far; nothing can be written after it. */
  digest(): Promise<string>
  /** Makes it durable and moves it to its place, over what may be there. */
  finish(path: string): Promise<void>
  /** Keeps what there is for whoever goes on. */
  leave(): Promise<void>
  discard(): Promise<void>
}

/** A writer that has written nothing for so long is taken for dead, whatever its process number says: waits on a store are shorter. */
const quietMs = 40 * 60_000
const readBytes = 4 << 20

/** Process 0 is nobody. The random end keeps two calls of one process apart. */
function nameFor(folder: string, pid: number, id: string): string {
  return join(folder, `${owner()}-${pid}-${id}-${randomUUID()}`)
}

/**
 * Opens `id` (no dash in it) in `folder` for writing, going on where a dead writer stopped. A rename adopts its file, so of two that find it
 * one gets it and the other begins anew. Bytes beyond `most` cannot be of this object: such a file is not adopted. `hash` is a fresh one.
 */
export async function openHalfFile(folder: string, id: string, most: number, hash: ThreadHash): Promise<HalfFile> {
  await mkdir(folder, { recursive: true })
  const name = nameFor(folder, process.pid, id)
  const adopted = await adopt(folder, id, name, most)
  const handle = await open(name, adopted ? 'r+' : 'w')
  const already = adopted ? await hashInto(hash, handle) : 0
  let at = already
  return {
    already,
    async write(bytes) {
      const from = at
      at += bytes.byteLength
      await Promise.all([writeAll(handle, bytes, from), hash.update(bytes)])
    },
    digest: () => hash.digest(),
    async finish(path) {
      await handle.sync()
      await handle.close()
      await mkdir(dirname(path), { recursive: true })
      await rename(name, path)
    },
    async leave() {
      await handle.close()
      // Its process may live on: only a name without one is free to be adopted at once.
      await rename(name, nameFor(folder, 0, id))
    },
    async discard() {
      await handle.close()
      await unlink(name)
    },
  }
}

/** Removes half files that nobody came back for in a week. */
export async function cleanHalfFiles(folder: string): Promise<void> {
  for (const file of await namesIn(folder)) {
    const age = await ageOf(join(folder, file))
    if (age !== undefined && age > staleAfter) await unlink(join(folder, file)).catch(() => undefined)
  }
}

async function adopt(folder: string, id: string, name: string, most: number): Promise<boolean> {
  for (const file of await namesIn(folder)) {
    const [who = '', pid, of] = file.split('-')
    if (of !== id) continue
    const age = await ageOf(join(folder, file))
    const free = pid === '0' || isGone(who, Number(pid)) || (age !== undefined && age > quietMs)
    if (!free || !(await tryRename(join(folder, file), name))) continue
    if ((await stat(name)).size <= most) return true
  }
  return false
}

async function tryRename(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if (isMissing(error)) return false // another was first
    throw error
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
}

async function ageOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    (facts) => Date.now() - facts.mtimeMs,
    () => undefined,
  )
}

async function hashInto(hash: ThreadHash, handle: FileHandle): Promise<number> {
  const block = new Uint8Array(new SharedArrayBuffer(readBytes))
  for (let at = 0; ;) {
    const { bytesRead } = await handle.read(block, 0, readBytes, at)
    if (bytesRead === 0) return at
    await hash.update(block.subarray(0, bytesRead))
    at += bytesRead
  }
}
