import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { GetObjectCommand, HeadObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3'
import { QuernError } from '../core/errors.ts'
import type { Attempt, S3 } from './s3-client.ts'
import type { SignedRequest, Sink } from './s3-direct.ts'
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
    begin: (length) => (bytes = new Uint8Array(length)),
    sha256: () => createHash('sha256').update(bytes).digest('hex'),
  }
  return (await readInto(s3, object, target, range, etag)) ? bytes : undefined
}

/** The same range into the memory given, which the body comes to as the network has it. False when there is no such object. */
export async function getInto(s3: S3, object: S3Object, range: ByteRange, into: Uint8Array): Promise<boolean> {
  return readInto(s3, object, { begin: (length) => into.subarray(0, length), sha256: () => undefined }, range)
}

/** Gives memory for the bytes of a reading. */
interface Target {
  /** For so many; asked again when all that came before is void. */
  begin(length: number): Uint8Array
  /** Of everything that lies there, undefined where nobody asks; for whole objects only. */
  sha256(): string | undefined
}

/** False when there is no such object. */
async function readInto(s3: S3, object: S3Object, target: Target, range?: ByteRange, etag?: string): Promise<boolean> {
  if (range?.length === 0) return true
  const reading: Reading = { length: undefined, done: 0, memory: new Uint8Array(0), etag, range, target }
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
  /** For all of it, as soon as the length is known. */
  memory: Uint8Array
  etag: string | undefined
  readonly range: ByteRange | undefined
  readonly target: Target
}

async function readOn(s3: S3, object: S3Object, reading: Reading, pinned: boolean, attempt: Attempt): Promise<void> {
  const { range, target, done: before } = reading
  const first = (range?.offset ?? 0) + before
  const partial = range !== undefined || before > 0
  const last = reading.length === undefined ? (range === undefined ? '' : first + range.length - 1) : first + reading.length - before - 1
  const command = new GetObjectCommand({
    Bucket: object.bucket,
    Key: object.key,
    ...(partial ? { Range: `bytes=${first}-${last}` } : {}),
    ...(reading.etag === undefined ? {} : { IfMatch: reading.etag }),
  })

  function begin(facts: BodyFacts): void {
    const length = expected(facts, object, reading, first, partial)
    if (before === 0) reading.memory = target.begin(length)
    reading.length ??= length
    reading.etag ??= facts.etag
  }

  function tooMuch(): never {
    reading.done = 0
    throw new BadReply('the reply has more bytes than were asked for')
  }

  const sink: Sink = {
    begin(headers, length) {
      begin({ range: headers['content-range'], length, etag: headers['etag'] })
      if (before + length > reading.memory.byteLength) tooMuch()
      return reading.memory.subarray(before, before + length)
    },
    took(bytes) {
      attempt.alive()
      reading.done += bytes
    },
  }
  let streamed = false
  command.middlewareStack.add(
    (next) => async (args) => {
      const reply = await s3.readDirectly(args.request as SignedRequest, sink, attempt.signal)
      streamed = reply === undefined
      if (reply === undefined) return next(args)
      return { response: { statusCode: reply.status, headers: reply.headers, body: Readable.from([reply.body]) } }
    },
    { step: 'deserialize', priority: 'low', name: 'readDirectly' },
  )
  let reply: GetObjectCommandOutput
  try {
    reply = await s3.client.send(command, { abortSignal: attempt.signal })
    if (streamed) await takeStream(reply)
  } catch (error) {
    if (reading.done > before) attempt.advanced()
    if (failureOf(error) === 'unmet' && !pinned) {
      Object.assign(reading, { length: undefined, done: 0, etag: undefined })
      throw new BadReply('the object was replaced while it was read')
    }
    if ((error as Error).name === 'InvalidRange') throw beyond(object, range)
    throw error
  }

  async function takeStream({ Body, ContentRange, ContentLength, ETag }: GetObjectCommandOutput): Promise<void> {
    const body = Body as Readable
    try {
      begin({ range: ContentRange, length: ContentLength, etag: ETag })
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        if (reading.done + chunk.byteLength > reading.memory.byteLength) tooMuch()
        reading.memory.set(chunk, reading.done)
        sink.took(chunk.byteLength)
      }
    } finally {
      body.destroy() // an unread body would hold its connection for ever
    }
  }

  const { done, memory } = reading
  if (done < memory.byteLength) {
    if (done > before) attempt.advanced()
    throw new BadReply(`the reply ended after ${done} of ${memory.byteLength} bytes`)
  }
  const named = reply.Metadata?.[meta.sha256]
  if (range === undefined && named !== undefined && target.sha256() !== named) {
    reading.done = 0
    throw new BadReply('the bytes that came do not have the SHA-256 that the object names')
  }
}

/** What a reply says of its body. */
interface BodyFacts {
  readonly range: string | undefined
  readonly length: number | undefined
  readonly etag: string | undefined
}

/** Bytes of the whole reading, from what the store says of the object; never from how much of it happens to come. */
function expected(facts: BodyFacts, object: S3Object, { range, length }: Reading, first: number, partial: boolean): number {
  const [, from, , total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(facts.range ?? '') ?? []
  if (partial && Number(from) !== first) throw new BadReply(`the store answered bytes ${from ?? 'without a range'}, asked for ${first}`)
  if (range === undefined) {
    const whole = length ?? facts.length
    if (whole === undefined) throw new BadReply('the store does not say how long the object is')
    return whole
  }
  if (Number(total) < range.offset + range.length) throw beyond(object, range)
  return range.length
}

function beyond(object: S3Object, range: ByteRange | undefined): QuernError {
  return new QuernError('damaged-dataset', `reading ${nameOf(object)}: it ends before byte ${(range?.offset ?? 0) + (range?.length ?? 0)}`, {
    remedy: 'Run quern verify on the dataset.',
  })
}
