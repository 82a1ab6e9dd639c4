import { ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { QuernError } from '../core/errors.ts'
import type { S3 } from './s3-client.ts'
import { abort } from './s3-upload.ts'
import { s3Url, type S3Place } from './s3-place.ts'

export interface S3Listed {
  /** The whole key. */
  readonly key: string
  readonly bytes: number
  readonly etag: string
  readonly modified: number
}

/** All objects whose whole key begins with `prefix` and comes after `startAfter`, in byte order: a store that lists otherwise is refused. */
export async function* listObjects(s3: S3, bucket: string, prefix: string, startAfter = ''): AsyncGenerator<S3Listed> {
  const what = `s3://${bucket}/${prefix}*`
  let token: string | undefined
  let before = ''
  do {
    const page = await s3.call({ act: 'listing', what }, ({ signal }) =>
      s3.client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          MaxKeys: s3.settings.pageKeys,
          ...(token === undefined ? (startAfter === '' ? {} : { StartAfter: startAfter }) : { ContinuationToken: token }),
        }),
        { abortSignal: signal },
      ),
    )
    for (const { Key = '', Size = 0, ETag = '', LastModified } of page.Contents ?? []) {
      if (Buffer.compare(Buffer.from(Key), Buffer.from(before)) <= 0)
        throw new QuernError('store-failed', `listing ${what}: the store gives "${Key}" after "${before}"; its lists are not in order`, {
          remedy: 'Use a general-purpose bucket; directory buckets (S3 Express) list in no order.',
        })
      before = Key
      yield { key: Key, bytes: Size, etag: ETag, modified: LastModified?.getTime() ?? 0 }
    }
    if (page.IsTruncated === true && page.NextContinuationToken === undefined)
      throw new QuernError('store-failed', `listing ${what}: the store says that there is more and not how to go on`)
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined
  } while (token !== undefined)
}

/** Aborts uploads that nobody finished for so long; their parts are paid for and listed nowhere else. Returns how many there were. */
export async function abortOldUploads(s3: S3, place: S3Place, olderThanMs: number): Promise<number> {
  let aborted = 0
  let marks: { KeyMarker?: string; UploadIdMarker?: string } | undefined
  do {
    const page = await s3.call({ act: 'listing', what: `unfinished uploads below ${s3Url(place)}` }, ({ signal }) =>
      s3.client.send(new ListMultipartUploadsCommand({ Bucket: place.bucket, Prefix: place.prefix, ...marks }), { abortSignal: signal }),
    )
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (Key === undefined || UploadId === undefined || !Key.startsWith(place.prefix)) continue
      if (Date.now() - (Initiated?.getTime() ?? Date.now()) < olderThanMs) continue
      await abort(s3, { bucket: place.bucket, key: Key }, UploadId)
      aborted++
    }
    const { NextKeyMarker, NextUploadIdMarker } = page
    marks =
      page.IsTruncated === true && NextKeyMarker !== undefined
        ? { KeyMarker: NextKeyMarker, ...(NextUploadIdMarker === undefined ? {} : { UploadIdMarker: NextUploadIdMarker }) }
        : undefined
  } while (marks !== undefined)
  return aborted
}
