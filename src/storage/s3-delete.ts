import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import type { S3 } from './s3-client.ts'
import { failureOf } from './s3-errors.ts'
import { nameOf, type S3Object } from './s3-read.ts'

/** An object that is not there is deleted already. */
export async function removeObject(s3: S3, object: S3Object): Promise<void> {
  try {
    await s3.call(
      { act: 'deleting', what: nameOf(object) },
      ({ signal }) => s3.client.send(new DeleteObjectCommand({ Bucket: object.bucket, Key: object.key }), { abortSignal: signal }),
      ['missing'],
    )
  } catch (error) {
    if (failureOf(error) !== 'missing') throw error
  }
}
