import { createHash } from 'node:crypto'
import { type Readable } from 'node:stream'
import { GetObjectCommand, HeadObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3'
import { QuernError } from '../core/errors.ts'
import type { Attempt, S3 } from './s3-client.ts'
import { BadReply, failureOf } from './s3-errors.ts'
import type { ByteRange } from './store.ts'

export interface S3Object {
  readonly bucket: string
  /** The whole key, prefix and all. */
  readonly key: string
}

export interface S3Facts {
  readonly bytes: number
  /** Changes when the object does; no checksum. */
  readonly etag: string
  /** What its writer said it holds, when its writer was Quern. */
  readonly sha256: string | undefined
  /** Which call made it, when it was one of ours. */
  readonly put: string | undefined
  readonly modified: number
}

/** Names of our metadata: `x-amz-meta-sha256`, and the id of the call that made the object. */
export const meta = { sha256: 'sha256', put: 'quern-put' } as const

export const nameOf = ({ bucket, key }: S3Object): string => `s3://${bucket}/${key}`

/** Undefined when there is no such object. */
export async function headObject(s3: S3, object: S3Object): Promise<S3Facts | undefined> {
  return s3.call({ act: 'reading', what: nameOf(object) }, ({ signal }) => headOnce(s3, object, signal))
}

/** The same in one attempt, for a caller who makes attempts of its own. */
export async function headOnce(s3: S3, object: S3Object, signal: AbortSignal): Promise<S3Facts | undefined> {
  try {
    const { ContentLength, ETag, Metadata, LastModified } = await s3.client.send(new HeadObjectCommand({ Bucket: object.bucket, Key: object.key }), {
      abortSignal: signal,
    })
    return {
      bytes: ContentLength ?? 0,
      etag: ETag ?? '',
      sha256: Metadata?.[meta.sha256],
      put: Metadata?.[meta.put],
      modified: LastModified?.getTime() ?? 0,
    }
  } catch (error) {
    if (failureOf(error) === 'missing') return undefined
    throw error
  }
}

/**
 * An object or a part of it, or undefined when there is none. A body that breaks off is continued at the byte where it
 * did, as long as the object is still the same; one that was replaced meanwhile is read from its beginning. A whole object
 * that names its SHA-256 is checked against it. A range beyond the end is `damaged-dataset`. `etag`: only that version.
 */
export async function getObject(s3: S3, object: S3Object, range?: ByteRange, etag?: string): Promise<Uint8Array | undefined> {
  let bytes = new Uint8Array(0)
  const target: Target = {
    begin: (length) => void (bytes = new Uint8Array(length)),
    take: (chunk, at) => bytes.set(chunk, at),
    sha256: () => createHash('sha256').update(bytes).digest('hex'),
  }
  return (await readInto(s3, object, target, range, etag)) ? bytes : undefined
}

/** A range as it came from the network, not put together: for whoever passes it on, that copy is the dearest step. */
export async function getChunks(s3: S3, object: S3Object, range: ByteRange): Promise<Uint8Array[] | undefined> {
  let chunks: Uint8Array[] = []
  const target: Target = { begin: () => void (chunks = []), take: (chunk) => void chunks.push(chunk), sha256: () => undefined }
  return (await readInto(s3, object, target, range)) ? chunks : undefined
}

/** What takes the bytes of a reading, in order. `begin` comes first, and again when all that came before is void. */
interface Target {
  begin(length: number): void
  take(chunk: Uint8Array, at: number): void
  /** Of everything taken, undefined where nobody keeps it; asked for whole objects only. */
  sha256(): string | undefined
}

/** False when there is no such object. */
async function readInto(s3: S3, object: S3Object, target: Target, range?: ByteRange, etag?: string): Promise<boolean> {
  if (range?.length === 0) return true
  const reading: Reading = { length: undefined, done: 0, etag, range, target }
  const what = range === undefined ? nameOf(object) : `bytes ${range.offset}-${range.offset + range.length - 1} of ${nameOf(object)}`
  try {
    await s3.call({ act: 'reading', what }, (attempt) => readOn(s3, object, reading, etag !== undefined, attempt), ['missing', 'unmet'])
    return true
  } catch (error) {
    const failure = error instanceof QuernError ? undefined : failureOf(error)
    if (failure === 'missing') return false
    if (failure === 'unmet') throw new QuernError('input-changed', `reading ${what}: the object was replaced while it was read`)
    throw error
  }
}

interface Reading {
  /** Of all that is asked for; undefined as long as the store has not said. */
  length: number | undefined
  done: number
  etag: string | undefined
  readonly range: ByteRange | undefined
  readonly target: Target
}

async function readOn(s3: S3, object: S3Object, reading: Reading, pinned: boolean, attempt: Attempt): Promise<void> {
  const { range, target } = reading
  const first = (range?.offset ?? 0) + reading.done
  const partial = range !== undefined || reading.done > 0
  const last = reading.length === undefined ? (range === undefined ? '' : first + range.length - 1) : first + reading.length - reading.done - 1
  let reply: GetObjectCommandOutput
  try {
    reply = await s3.client.send(
      new GetObjectCommand({
        Bucket: object.bucket,
        Key: object.key,
        ...(partial ? { Range: `bytes=${first}-${last}` } : {}),
        ...(reading.etag === undefined ? {} : { IfMatch: reading.etag }),
      }),
      { abortSignal: attempt.signal },
    )
  } catch (error) {
    if (failureOf(error) === 'unmet' && !pinned) {
      Object.assign(reading, { length: undefined, done: 0, etag: undefined })
      throw new BadReply('the object was replaced while it was read')
    }
    if ((error as Error).name === 'InvalidRange') throw beyond(object, range)
    throw error
  }
  const body = reply.Body as Readable
  const before = reading.done
  let length: number
  try {
    length = expected(reply, object, reading, first, partial)
    if (before === 0) target.begin(length)
    reading.length ??= length
    reading.etag ??= reply.ETag
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      attempt.alive()
      if (reading.done + chunk.byteLength > length) {
        reading.done = 0
        throw new BadReply('the reply has more bytes than were asked for')
      }
      target.take(chunk, reading.done)
      reading.done += chunk.byteLength
    }
  } catch (error) {
    if (reading.done > before) attempt.advanced()
    throw error
  } finally {
    body.destroy() // an unread body would hold its connection for ever
  }
  if (reading.done < length) {
    if (reading.done > before) attempt.advanced()
    throw new BadReply(`the reply ended after ${reading.done} of ${length} bytes`)
  }
  const named = reply.Metadata?.[meta.sha256]
  if (range === undefined && named !== undefined && target.sha256() !== named) {
    reading.done = 0
    throw new BadReply('the bytes that came do not have the SHA-256 that the object names')
  }
}

/** Bytes of the whole reading, from what the store says of the object; never from how much of it happens to come. */
function expected(reply: GetObjectCommandOutput, object: S3Object, { range, length }: Reading, first: number, partial: boolean): number {
  const [, from, , total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(reply.ContentRange ?? '') ?? []
  if (partial && Number(from) !== first) throw new BadReply(`the store answered bytes ${from ?? 'without a range'}, asked for ${first}`)
  if (range === undefined) return length ?? reply.ContentLength ?? 0
  if (Number(total) < range.offset + range.length) throw beyond(object, range)
  return range.length
}

function beyond(object: S3Object, range: ByteRange | undefined): QuernError {
  return new QuernError('damaged-dataset', `reading ${nameOf(object)}: it ends before byte ${(range?.offset ?? 0) + (range?.length ?? 0)}`, {
    remedy: 'Run quern verify on the dataset.',
  })
}
