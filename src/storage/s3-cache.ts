import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { QuernError } from '../core/errors.ts'
import { isMissing } from './file-error.ts'
import { writeAll } from './file-writer.ts'
import type { S3 } from './s3-client.ts'
import { getObject, headObject, nameOf, type S3Object } from './s3-read.ts'
import { owner } from './temporary-files.ts'

/** Copies that somebody used this recently stay, whatever the bound: a reader may be about to open one. */
const inUseMs = 10 * 60_000
/**
 * A copy that nobody wrote to since it was checked is trusted for this long: a night would else read the whole index to ask it
 * for a few pages. A disk that forgets bits does so without a trace, so it is looked at again all the same.
 */
const trustedMs = 7 * 24 * 3600_000
const pieceBytes = 8 << 20
const piecesAtOnce = 4

export interface S3Cache {
  /** A local file with the object's bytes, undefined when there is no such object. */
  copyOf(object: S3Object): Promise<string | undefined>
}

/** Where this store's own temporary files go. Named like those of a folder store, so that the same cleaning finds them. */
export function spoolFolder({ settings }: Pick<S3, 'settings'>): string {
  return join(settings.cacheFolder, 'spool')
}

export async function newSpoolFile(s3: Pick<S3, 'settings'>): Promise<string> {
  await mkdir(spoolFolder(s3), { recursive: true, mode: 0o700 })
  return join(spoolFolder(s3), `${owner()}-${process.pid}-${randomUUID()}`)
}

/**
 * Local copies of objects for readers that map files. A copy is named by the object and its ETag, checked against the
 * SHA-256 that its writer noted, when it comes, when it was written to since, and once a week: a disk may have bitten it.
 */
export function openCache(s3: S3): S3Cache {
  const folder = join(s3.settings.cacheFolder, 'objects')
  const records = join(s3.settings.cacheFolder, 'checked')
  const checked = new Set<string>()
  const under = new Map<string, Promise<string | undefined>>()

  async function copyOf(object: S3Object): Promise<string | undefined> {
    const facts = await headObject(s3, object)
    if (facts === undefined) return undefined
    const id = createHash('sha256')
      .update(`${s3.settings.endpoint ?? ''}\0${nameOf(object)}\0${facts.etag}`)
      .digest('hex')
    const file = join(folder, id.slice(0, 2), id)
    const there = await stat(file).catch(() => undefined)
    if (there?.size === facts.bytes) {
      const trusted = checked.has(file) || facts.sha256 === undefined || (await isTrusted(records, id, there.mtimeMs))
      if (trusted || (await hashOf(file)) === facts.sha256) {
        checked.add(file)
        await utimes(file, new Date(), new Date(Math.floor(there.mtimeMs))).catch(() => undefined)
        if (!trusted) await noteCheck(records, id, there.mtimeMs)
        return file
      }
    }
    await mkdir(join(folder, id.slice(0, 2)), { recursive: true, mode: 0o700 })
    const name = await newSpoolFile(s3)
    try {
      const sha256 = await download(s3, object, facts.bytes, facts.etag, name)
      if (facts.sha256 !== undefined && sha256 !== facts.sha256)
        throw new QuernError('damaged-dataset', `reading ${nameOf(object)}: its SHA-256 is ${sha256}, and its writer noted ${facts.sha256}`, {
          remedy: 'Run quern verify on the dataset.',
        })
      await rename(name, file)
    } catch (error) {
      await unlink(name).catch(() => undefined)
      throw error
    }
    checked.add(file)
    await noteCheck(records, id, (await stat(file)).mtimeMs)
    await evict(folder, records, s3.settings.cacheBytes)
    return file
  }

  return {
    copyOf(object) {
      const key = nameOf(object)
      let copying = under.get(key)
      if (copying === undefined) under.set(key, (copying = copyOf(object).finally(() => under.delete(key))))
      return copying
    },
  }
}

/** Whether the copy is as it was when it was checked last, and that was not long ago. A record that cannot be read is none. */
async function isTrusted(records: string, id: string, mtimeMs: number): Promise<boolean> {
  const record = await readFile(join(records, id), 'utf8').catch(() => '')
  const [mtime, at] = record.split(' ').map(Number)
  const age = Date.now() - (at ?? NaN)
  return mtime === Math.floor(mtimeMs) && age >= 0 && age < trustedMs
}

async function noteCheck(records: string, id: string, mtimeMs: number): Promise<void> {
  await mkdir(records, { recursive: true, mode: 0o700 })
  // Losing it costs a check; milliseconds, since that is as much of a time as is kept when a copy is marked as used.
  await writeFile(join(records, id), `${Math.floor(mtimeMs)} ${Date.now()}`, { mode: 0o600 }).catch(() => undefined)
}

/** Pieces come a few at once and are written in order. Returns the SHA-256. */
async function download(s3: S3, object: S3Object, bytes: number, etag: string, name: string): Promise<string> {
  const hash = createHash('sha256')
  const file = await open(name, 'wx', 0o600)
  const coming: Promise<Uint8Array | undefined>[] = []
  let asked = 0
  try {
    for (let offset = 0; offset < bytes; offset += pieceBytes) {
      for (; asked < bytes && coming.length < piecesAtOnce; asked += pieceBytes) {
        const piece = getObject(s3, object, { offset: asked, length: Math.min(pieceBytes, bytes - asked) }, etag)
        piece.catch(() => undefined) // met when its turn comes
        coming.push(piece)
      }
      const piece = await coming.shift()
      if (piece === undefined) throw new QuernError('damaged-dataset', `reading ${nameOf(object)}: it was deleted while it was read`)
      hash.update(piece)
      await writeAll(file, piece)
    }
  } finally {
    await Promise.allSettled(coming)
    await file.close()
  }
  return hash.digest('hex')
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}

/** Another process may do the same at the same time: a file that is gone already is no error. */
async function evict(folder: string, records: string, most: number): Promise<void> {
  const files: { file: string; bytes: number; used: number }[] = []
  for (const name of await readdir(folder, { recursive: true })) {
    const facts = await stat(join(folder, name)).catch((error: unknown) => {
      if (isMissing(error)) return undefined
      throw error
    })
    if (facts?.isFile() === true) files.push({ file: join(folder, name), bytes: facts.size, used: facts.atimeMs })
  }
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  for (const { file, bytes, used } of files.sort((a, b) => a.used - b.used)) {
    if (total <= most || Date.now() - used < inUseMs) return
    await unlink(file).catch(() => undefined)
    await unlink(join(records, basename(file))).catch(() => undefined)
    total -= bytes
  }
}
