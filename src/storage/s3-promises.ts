import { createHash, randomUUID } from 'node:crypto'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import * as z from 'zod'
import { canonicalJson } from '../core/canonical-json.ts'
import { QuernError } from '../core/errors.ts'
import type { S3 } from './s3-client.ts'
import { failureOf } from './s3-errors.ts'
import { s3Url, type S3Place } from './s3-place.ts'
import { getObject } from './s3-read.ts'
import { base64, bytesSource, upload } from './s3-upload.ts'
import { removeObject } from './s3-delete.ts'

/** What a store was found to keep, when it was probed. Lies beside the dataset, so that every worker knows. */
const Promises = z.strictObject({
  /** Where this was found out: a copy of the dataset elsewhere is probed anew. */
  place: z.string(),
  /** `kept`: of racing conditional puts exactly one wins. `single-writer`: they do not hold, and the user answers for there being one writer. */
  conditions: z.enum(['kept', 'single-writer']),
  /** A put whose bytes do not have the SHA-256 sent with them is refused. */
  checksums: z.boolean(),
})
export type Promises = z.infer<typeof Promises>

const recordKey = '_store.json'
const rounds = 2
const racers = 16

function placeName(s3: S3, place: S3Place): string {
  return `${s3.settings.endpoint ?? 'aws'} ${s3Url(place)}`
}

/** Undefined when the store was not probed, or somewhere else. */
export async function readPromises(s3: S3, place: S3Place): Promise<Promises | undefined> {
  const bytes = await getObject(s3, { bucket: place.bucket, key: place.prefix + recordKey })
  if (bytes === undefined) return undefined
  try {
    const found = Promises.parse(JSON.parse(new TextDecoder().decode(bytes)))
    return found.place === placeName(s3, place) ? found : undefined
  } catch {
    return undefined // a hint: the probe writes it anew
  }
}

/**
 * Finds out once what the store keeps. One whose conditional puts do not hold would let two runs publish the same version,
 * and one of them would be lost: it is refused unless there is a single writer.
 */
export async function probePromises(s3: S3, place: S3Place, singleWriter: boolean): Promise<Promises> {
  const known = await readPromises(s3, place)
  if (known?.conditions === 'kept') return known
  const problem = await whyNotConditional(s3, place)
  if (problem !== undefined && !singleWriter)
    throw new QuernError('output-not-writable', `writing to ${s3Url(place)}: ${problem}, so two runs at once could lose one another's snapshots`, {
      remedy:
        'Use a store with conditional writes. If only one run at a time ever writes here, say so with --single-writer (or output.single-writer: true).',
    })
  const found: Promises = {
    place: placeName(s3, place),
    conditions: problem === undefined ? 'kept' : 'single-writer',
    checksums: await refusesWrongChecksum(s3, place),
  }
  await upload(s3, { bucket: place.bucket, key: place.prefix + recordKey }, bytesSource(new TextEncoder().encode(canonicalJson(found))), 'always')
  return found
}

async function whyNotConditional(s3: S3, place: S3Place): Promise<string | undefined> {
  for (let round = 0; round < rounds; round++) {
    const object = { bucket: place.bucket, key: `${place.prefix}_probe/${randomUUID()}` }
    const put = async (n: number): Promise<string> => upload(s3, object, bytesSource(new TextEncoder().encode(`${n} ${randomUUID()}`)), 'absent')
    try {
      const answers = await Promise.all(Array.from({ length: racers }, (_, n) => put(n)))
      answers.push(await put(racers))
      const winners = answers.filter((answer) => answer === 'made').length
      if (winners !== 1)
        return `${winners} of ${answers.length} writers of one name were told that they were first (If-None-Match is ignored or races)`
    } catch (error) {
      if (error instanceof QuernError && /\(HTTP 501\b|NotImplemented/.test(error.message)) return 'it does not know If-None-Match'
      throw error
    } finally {
      await removeObject(s3, object).catch(() => undefined) // an object of a few bytes that nobody reads
    }
  }
  return undefined
}

async function refusesWrongChecksum(s3: S3, place: S3Place): Promise<boolean> {
  const object = { bucket: place.bucket, key: `${place.prefix}_probe/${randomUUID()}` }
  const Body = new TextEncoder().encode('not what its checksum says')
  const ChecksumSHA256 = base64(createHash('sha256').update('something else').digest('hex'))
  // A refusal looks like an upload that was damaged on the way, which `call` would try again: a status is an answer here.
  const refused = await s3.call({ act: 'writing', what: `s3://${object.bucket}/${object.key}` }, async ({ signal }) => {
    try {
      await s3.client.send(new PutObjectCommand({ Bucket: object.bucket, Key: object.key, Body, ChecksumSHA256 }), { abortSignal: signal })
      return false
    } catch (error) {
      const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
      if (status === 400 || (status !== undefined && failureOf(error) === 'refused')) return true
      throw error
    }
  })
  await removeObject(s3, object)
  return refused
}
