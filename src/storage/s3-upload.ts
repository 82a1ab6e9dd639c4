import { createHash, randomUUID } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3'
import type { Attempt, S3 } from './s3-client.ts'
import { BadReply, failureOf } from './s3-errors.ts'
import { headObject, headOnce, meta, nameOf, type S3Object } from './s3-read.ts'

/** Bytes that can be read again, for attempts after the first. */
export interface UploadSource {
  readonly bytes: number
  /** Hex. */
  readonly sha256: string
  /** Into `buffer` where one is given and it suits, so that a sender needs only one; else into memory of its own. */
  read(offset: number, length: number, buffer?: Uint8Array): Promise<Uint8Array>
}

/** `absent`: make it only if there is none, and say which it was. `always`: put over what is there. */
export type When = 'absent' | 'always'

/** Up to this in one request; beyond it in parts of this size, or larger where 10,000 would not do. */
const partBytes = 16 << 20
const mostParts = 10_000
/** Of one object: the memory of a writer is this many parts. */
const partsAtOnce = 3

export function bytesSource(bytes: Uint8Array): UploadSource {
  return {
    bytes: bytes.byteLength,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  }
}

/**
 * Puts an object, its SHA-256 with it for the store to check. `made` when this call made it, `exists` when another was there
 * first: an answer that leaves this open (a timeout, a 500, a dropped reply, a 409, or "exists" said of our own
 * earlier attempt) is resolved by reading back whose the object is.
 */
export async function upload(s3: S3, object: S3Object, source: UploadSource, when: When): Promise<'made' | 'exists'> {
  const id = randomUUID()
  return source.bytes <= partBytes ? putWhole(s3, object, source, when, id) : putParts(s3, object, source, when, id)
}

async function putWhole(s3: S3, object: S3Object, source: UploadSource, when: When, id: string): Promise<'made' | 'exists'> {
  const body = await source.read(0, source.bytes)
  return s3.call({ act: 'writing', what: nameOf(object) }, async (attempt) => {
    try {
      const sent = s3.client.send(
        new PutObjectCommand({
          Bucket: object.bucket,
          Key: object.key,
          Body: body,
          ContentLength: body.byteLength,
          ChecksumSHA256: base64(source.sha256),
          Metadata: { [meta.sha256]: source.sha256, [meta.put]: id },
          ...(when === 'absent' ? { IfNoneMatch: '*' } : {}),
        }),
        { abortSignal: attempt.signal },
      )
      await whileSending(sent, attempt, body.byteLength, s3.settings.stallMs)
      return 'made'
    } catch (error) {
      return whose(s3, object, when, id, error)
    }
  })
}

/**
 * Whose the object is after an answer that does not say. Throws when there is none, or when that cannot be learnt: the
 * whole is then tried again, and an object that is ours is found to be so in the end.
 */
async function whose(s3: S3, object: S3Object, when: When, id: string, error: unknown): Promise<'made' | 'exists'> {
  const failure = failureOf(error)
  if (when === 'always' || (failure !== 'unmet' && failure !== 'unclear')) throw error
  return asked(s3, object, id, failure === 'unclear' ? (error as Error) : new BadReply('the store says that the object exists and that it does not'))
}

async function asked(s3: S3, object: S3Object, id: string, otherwise: Error): Promise<'made' | 'exists'> {
  const facts = await headOnce(s3, object, AbortSignal.timeout(s3.settings.stallMs)).catch((error: unknown) => {
    if (failureOf(error) === 'refused') throw error
    throw otherwise
  })
  if (facts === undefined) throw otherwise
  return facts.put === id ? 'made' : 'exists'
}

async function putParts(s3: S3, object: S3Object, source: UploadSource, when: When, id: string): Promise<'made' | 'exists'> {
  const target = { Bucket: object.bucket, Key: object.key }
  const doing = { act: 'writing', what: nameOf(object) } as const
  // Only the last request of a multipart upload is conditional: without asking first, a loser would send all bytes.
  if (when === 'absent' && (await headObject(s3, object)) !== undefined) return 'exists'
  const { UploadId } = await s3.call(doing, ({ signal }) =>
    s3.client.send(
      new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: 'SHA256', Metadata: { [meta.sha256]: source.sha256, [meta.put]: id } }),
      { abortSignal: signal },
    ),
  )
  try {
    const parts = await sendParts(s3, object, source, UploadId ?? '')
    return await s3.call(doing, async ({ signal }) => {
      try {
        const command = { ...target, UploadId, MultipartUpload: { Parts: parts }, ...(when === 'absent' ? { IfNoneMatch: '*' } : {}) }
        await s3.client.send(new CompleteMultipartUploadCommand(command), { abortSignal: signal })
        return 'made'
      } catch (error) {
        // After a completion whose reply was lost the upload is gone: that, too, only the object itself can explain.
        if (failureOf(error) !== 'missing') {
          const answer = await whose(s3, object, when, id, error)
          if (answer === 'exists') await abort(s3, object, UploadId ?? '')
          return answer
        }
        return asked(s3, object, id, new BadReply('the store has neither the upload nor the object'))
      }
    })
  } catch (error) {
    await abort(s3, object, UploadId ?? '').catch(() => undefined) // the first error is the one to tell; a later clean finds the rest
    throw error
  }
}

/** The first part that fails for good stops the others; none is under way any more when this returns or throws. */
async function sendParts(s3: S3, object: S3Object, source: UploadSource, uploadId: string): Promise<CompletedPart[]> {
  const size = Math.max(partBytes, Math.ceil(source.bytes / mostParts / (1 << 20)) << 20)
  const count = Math.ceil(source.bytes / size)
  const parts: CompletedPart[] = []
  let next = 0
  let failed: Error | undefined
  const sender = async (): Promise<void> => {
    // Fresh memory for every part, or object, is collected too late: it doubles the peak.
    const buffer = (size === partBytes ? s3.partBuffers.pop() : undefined) ?? new Uint8Array(size)
    while (next < count && failed === undefined) {
      const index = next++
      try {
        parts[index] = await sendPart(s3, object, source, uploadId, index, size, buffer)
      } catch (error) {
        failed ??= error as Error
      }
    }
    // A part that failed may still be on its way out of its memory.
    if (failed === undefined && size === partBytes) s3.partBuffers.push(buffer)
  }
  await Promise.all(Array.from({ length: Math.min(partsAtOnce, count) }, sender))
  if (failed !== undefined) throw failed
  return parts
}

async function sendPart(
  s3: S3,
  object: S3Object,
  source: UploadSource,
  uploadId: string,
  index: number,
  size: number,
  buffer: Uint8Array,
): Promise<CompletedPart> {
  const offset = index * size
  const body = await source.read(offset, Math.min(size, source.bytes - offset), buffer)
  const ChecksumSHA256 = createHash('sha256').update(body).digest('base64')
  const PartNumber = index + 1
  const what = `bytes ${offset}-${offset + body.byteLength - 1} of ${nameOf(object)}`
  return s3.call({ act: 'writing', what }, async (attempt) => {
    const sent = s3.client.send(
      new UploadPartCommand({
        Bucket: object.bucket,
        Key: object.key,
        UploadId: uploadId,
        PartNumber,
        Body: body,
        ContentLength: body.byteLength,
        ChecksumSHA256,
      }),
      { abortSignal: attempt.signal },
    )
    const { ETag } = await whileSending(sent, attempt, body.byteLength, s3.settings.stallMs)
    return { ETag, PartNumber, ChecksumSHA256 }
  })
}

/**
 * Removes an upload and its parts. A part that was under way when its sender gave up may arrive after an abort, so it is
 * done again until the store lists none.
 */
export async function abort(s3: S3, object: S3Object, uploadId: string): Promise<void> {
  const upload = { Bucket: object.bucket, Key: object.key, UploadId: uploadId }
  const doing = { act: 'deleting', what: `the parts of an upload of ${nameOf(object)}` } as const
  for (let round = 0; round < 5; round++) {
    try {
      await s3.inside(doing, ({ signal }) => s3.client.send(new AbortMultipartUploadCommand(upload), { abortSignal: signal }), ['missing'])
      await s3.inside(doing, ({ signal }) => s3.client.send(new ListPartsCommand({ ...upload, MaxParts: 1 }), { abortSignal: signal }), ['missing'])
    } catch (error) {
      if (failureOf(error) === 'missing') return
      throw error
    }
  }
}

/**
 * The SDK does not say how far a body has gone. A body is given the time that it needs at 100 KiB a second on top of the
 * usual patience: whoever is slower cannot use object storage for this.
 */
async function whileSending<T>(sent: Promise<T>, attempt: Attempt, bytes: number, stallMs: number): Promise<T> {
  const until = performance.now() + bytes / 102.4
  const timer = setInterval(() => performance.now() < until && attempt.alive(), stallMs / 3)
  try {
    return await sent
  } finally {
    clearInterval(timer)
  }
}

export function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64')
}
