import { createHash } from 'node:crypto'
import { matchesGlob } from 'node:path'
import type { ByteInput } from '../core/component.ts'
import { QuernError } from '../core/errors.ts'
import { connect, type S3 } from './s3-client.ts'
import { listObjects } from './s3-list.ts'
import { getObject, headObject, nameOf, type S3Object } from './s3-read.ts'

/** Sources read forwards, a few megabytes in hand and as many on their way. */
const blockBytes = 8 << 20
/** The block being read, the one before (a record may begin there) and those asked for ahead. */
const blocksKept = 4
const blocksAhead = 2

let connection: S3 | undefined
/** Inputs share one connection a process (or thread), whatever bucket they are in. */
function shared(): S3 {
  return (connection ??= connect())
}

export interface S3Match {
  /** The whole key. */
  readonly key: string
  readonly location: string
  readonly bytes: number
  readonly etag: string
  readonly modified: number
}

/** Objects that a pattern `s3://bucket/fixed/*.warc.gz` matches, `fixed/` being what stands before its first wildcard. */
export async function matchObjects(pattern: string, base: string, magic: boolean): Promise<S3Match[]> {
  const { bucket, key: glob } = parseLocation(pattern)
  if (!magic) {
    const facts = await headObject(shared(), { bucket, key: glob })
    return facts === undefined ? [] : [{ key: glob, location: pattern, bytes: facts.bytes, etag: facts.etag, modified: facts.modified }]
  }
  const prefix = base === `s3://${bucket}` ? '' : `${parseLocation(base).key}/`
  const rest = glob.slice(prefix.length)
  const found: S3Match[] = []
  for await (const { key, ...facts } of listObjects(shared(), bucket, prefix)) {
    // A "folder" that a console made is an empty object whose key ends in a slash.
    if (!key.endsWith('/') && matchesGlob(key.slice(prefix.length), rest)) found.push({ key, location: `s3://${bucket}/${key}`, ...facts })
  }
  return found
}

/** SHA-256 of a whole object, as for a local file: the fingerprint does not depend on where a file lies. */
export async function s3Sha256(location: string): Promise<string> {
  const input = await openS3Input(location)
  const hash = createHash('sha256')
  for (let offset = 0; offset < input.bytes; offset += blockBytes) hash.update(await input.read(offset, blockBytes))
  return hash.digest('hex')
}

/**
 * Opens an object for reading by ranges, all of one version of it. Read forwards, blocks come before they are asked for;
 * a body that breaks off is continued at the byte where it did. Memory: four blocks, and what is read alone.
 */
export async function openS3Input(location: string): Promise<ByteInput> {
  const object = parseLocation(location)
  const facts = await headObject(shared(), object)
  if (facts === undefined) throw gone(location)
  const { bytes: size, etag } = facts
  const blocks = new Map<number, Promise<Uint8Array>>()
  let newest = -1

  async function range(offset: number, length: number): Promise<Uint8Array> {
    const bytes = await getObject(shared(), object, { offset, length }, etag)
    if (bytes === undefined) throw gone(location)
    return bytes
  }

  function block(index: number): Promise<Uint8Array> {
    let coming = blocks.get(index)
    if (coming === undefined) {
      const offset = index * blockBytes
      coming = range(offset, Math.min(blockBytes, size - offset))
      coming.catch(() => blocks.delete(index)) // whoever asks for it meets the error, and may ask again
    } else blocks.delete(index)
    blocks.set(index, coming)
    for (const old of blocks.keys()) {
      if (blocks.size <= blocksKept) break
      blocks.delete(old)
    }
    return coming
  }

  return {
    bytes: size,
    async read(offset, length, alone = false) {
      const end = Math.min(size, offset + length)
      if (alone && end > offset) return range(offset, end - offset)
      const out = new Uint8Array(Math.max(0, end - offset))
      for (let at = offset; at < end;) {
        const index = Math.floor(at / blockBytes)
        const bytes = await block(index)
        if (index === newest + 1 || index === newest)
          for (let ahead = 1; ahead <= blocksAhead; ahead++)
            if ((index + ahead) * blockBytes < size && !blocks.has(index + ahead)) void block(index + ahead)
        newest = index
        const part = bytes.subarray(at - index * blockBytes, end - index * blockBytes)
        out.set(part, at - offset)
        at += part.byteLength
      }
      return out
    },
  }
}

function parseLocation(location: string): S3Object {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/?(.*)$/i.exec(location) ?? []
  if (bucket === undefined || key === undefined || key === '')
    throw new QuernError('bad-usage', `${location} names no object`, { remedy: 'Write s3://bucket/key.' })
  return { bucket, key }
}

function gone(location: string): QuernError {
  return new QuernError('missing-file', `reading ${nameOf(parseLocation(location))}: it does not exist`, {
    remedy: 'Put the object back; the plan of this run needs it.',
  })
}
