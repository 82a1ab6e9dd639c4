import { createHash } from 'node:crypto'
import { open, unlink } from 'node:fs/promises'
import { QuernError } from '../core/errors.ts'
import { openFileWriter } from './file-writer.ts'
import { fileError } from './file-error.ts'
import { checkKey, isKey } from './key.ts'
import { newSpoolFile, openCache, spoolFolder } from './s3-cache.ts'
import { connect } from './s3-client.ts'
import { removeObject } from './s3-delete.ts'
import { abortOldUploads, listObjects } from './s3-list.ts'
import { parseS3Url, s3Settings, s3Url, type S3Settings } from './s3-place.ts'
import { probePromises, readPromises, type Promises } from './s3-promises.ts'
import { getInto, getObject, headObject, nameOf, type S3Facts, type S3Object } from './s3-read.ts'
import { bytesSource, upload, type UploadSource, type When } from './s3-upload.ts'
import type { Store } from './store.ts'
import { cleanTemporary, staleAfter } from './temporary-files.ts'

const pieceBytes = 8 << 20

/**
 * A prefix of a bucket as a store: atomic because an object is put whole or not at all, exclusive by `If-None-Match: *`,
 * durable when the store has answered. Objects that grow are spooled on the local disk first: their names come from their
 * hashes, and an attempt that fails can be made again.
 */
export function openS3Store(url: string, settings: S3Settings = s3Settings()): Store {
  const place = parseS3Url(url)
  const s3 = connect(settings)
  const cache = openCache(s3)
  const at = (key: string): S3Object => ({ bucket: place.bucket, key: place.prefix + checkKey(key) })
  let promises: Promise<Promises | undefined> | undefined
  const found = async (): Promise<Promises | undefined> => {
    promises ??= readPromises(s3, place)
    promises.catch(() => (promises = undefined)) // the next write asks again
    return promises
  }

  async function send(object: S3Object, source: UploadSource, when: When): Promise<'made' | 'exists'> {
    const { conditions, checksums } = (await found()) ?? { conditions: 'kept', checksums: false }
    const asking = when === 'absent' && conditions === 'single-writer'
    if (asking && (await headObject(s3, object)) !== undefined) return 'exists'
    for (let attempt = 1; ; attempt++) {
      const made = await upload(s3, object, source, asking || attempt > 1 ? 'always' : when)
      if (made === 'exists' || checksums || (await hashOf(object)) === source.sha256) return made
      // The object is ours, and so is the damage: nobody has been told of it yet.
      if (attempt === settings.attempts)
        throw new QuernError('store-failed', `writing ${nameOf(object)}: the store keeps other bytes than it was sent, ${attempt} times in a row`, {
          remedy: 'Do not use this store: it neither checks what it gets nor keeps it.',
        })
    }
  }

  /** Of the bytes as they come back, undefined when there is no such object. */
  async function hashOf(object: S3Object): Promise<string | undefined> {
    const facts = await headObject(s3, object)
    if (facts === undefined) return undefined
    const hash = createHash('sha256')
    for (let offset = 0; offset < facts.bytes; offset += pieceBytes)
      hash.update((await getObject(s3, object, { offset, length: Math.min(pieceBytes, facts.bytes - offset) }, facts.etag)) ?? '')
    return hash.digest('hex')
  }

  async function isEqual(object: S3Object, facts: S3Facts | undefined, source: UploadSource): Promise<boolean> {
    return facts?.bytes === source.bytes && (facts.sha256 ?? (await hashOf(object))) === source.sha256
  }

  /** Doing it twice is one thing; other bytes under the key are an error. */
  async function putEqual(object: S3Object, source: UploadSource): Promise<void> {
    if ((await send(object, source, 'absent')) === 'made' || (await isEqual(object, await headObject(s3, object), source))) return
    throw new QuernError(
      'store-failed',
      `writing ${nameOf(object)}: an object with other bytes is there already, and published objects are never altered`,
      { remedy: 'Run quern verify on the dataset: either the object is damaged, or two versions of Quern write to it.' },
    )
  }

  async function find(key: string): Promise<Uint8Array | undefined> {
    return getObject(s3, at(key))
  }

  function mustExist<T>(what: T | undefined, key: string): T {
    if (what !== undefined) return what
    throw new QuernError('damaged-dataset', `reading ${nameOf(at(key))}: it does not exist`, { remedy: 'Run quern verify on the dataset.' })
  }

  return {
    url: s3Url(place),
    find,
    get: async (key, range) => mustExist(await getObject(s3, at(key), range), key),
    async getInto(key, range, into) {
      if (!(await getInto(s3, at(key), range, into))) mustExist(undefined, key)
    },
    async stat(key) {
      const facts = await headObject(s3, at(key))
      return facts === undefined ? undefined : { bytes: facts.bytes }
    },
    put: async (key, content) => putEqual(at(key), bytesSource(toBytes(content))),
    putIfAbsent: async (key, content) => (await send(at(key), bytesSource(toBytes(content)), 'absent')) === 'made',
    async replace(key, content) {
      await send(at(key), bytesSource(toBytes(content)), 'always')
    },
    async create() {
      const name = await newSpoolFile(s3)
      const handle = await open(name, 'wx', 0o600).catch((error: unknown) => {
        throw fileError('writing', 'a new object', spoolFolder(s3), error)
      })
      return openFileWriter(
        handle,
        name,
        spoolFolder(s3),
        async (key, facts) => {
          const file = await open(name, 'r')
          try {
            const read = async (offset: number, length: number, buffer = new Uint8Array(length)): Promise<Uint8Array> => {
              const bytes = buffer.subarray(0, length)
              for (let done = 0; done < length;) {
                const { bytesRead } = await file.read(bytes, done, length - done, offset + done)
                if (bytesRead === 0) throw new QuernError('store-failed', `writing ${key}: its spooled file ${name} was cut`)
                done += bytesRead
              }
              return bytes
            }
            const source = { ...facts, read }
            // Named by its content, it is often there from a run that was killed: then nothing is sent.
            if (!(await isEqual(at(key), await headObject(s3, at(key)), source))) await putEqual(at(key), source)
          } finally {
            await file.close()
            await unlink(name).catch(() => undefined)
          }
        },
        { durable: false },
      )
    },
    async *list(prefix, startAfter = '') {
      for await (const { key, bytes, modified } of listObjects(
        s3,
        place.bucket,
        place.prefix + prefix,
        startAfter === '' ? '' : place.prefix + startAfter,
      )) {
        const own = key.slice(place.prefix.length)
        if (isKey(own)) yield { key: own, bytes, modified }
      }
    },
    delete: async (key) => removeObject(s3, at(key)),
    localPath: async (key) => mustExist(await cache.copyOf(at(key)), key),
    async probe({ singleWriter = false } = {}) {
      promises = probePromises(s3, place, singleWriter)
      await promises
    },
    async clean() {
      return (await cleanTemporary(spoolFolder(s3))) + (await abortOldUploads(s3, place, staleAfter))
    },
  }
}

function toBytes(content: Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content
}
