import { createHash } from 'node:crypto'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { QuernError } from '../core/errors.ts'
import { fileError } from '../storage/file-error.ts'
import { openFileStore } from '../storage/file-store.ts'
import { startHashThread } from '../storage/hash-thread.ts'
import { cleanHalfFiles, type HalfFile, openHalfFile } from '../storage/half-file.ts'
import type { ObjectFacts, Store } from '../storage/store.ts'

export interface PullCounts {
  /** Files that were brought, in full or from where a killed call stopped. */
  copied: number
  /** Files that were there and right. */
  present: number
  /** Files that were there and wrong, and were brought again. */
  replaced: number
  /** Bytes of half files that did not have to come again. */
  resumedBytes: number
}

export interface PullWays {
  /** Ranges at once, over all objects: the memory is this many pieces, asked for or waiting for their turn to be written. */
  readonly concurrency: number
  readonly onBytes: (bytes: number) => void
}

export const pullPieceBytes = 8 << 20

/** Half files are no part of a dataset: a folder that starts with a dot is seen by no reader. */
const halves = '.half'

/** A byte that was altered on its way is found when the whole is there; then it comes again from its beginning. */
const wholes = 3

/**
 * Brings objects to a local folder under their own keys. Ranges of one object come beside each other and those of the next
 * follow at once; bytes are hashed and written in order, so that what a kill leaves is a beginning, at whose end the next call
 * goes on. An object has its name only when its SHA-256 is right. The first error stops the others, whose halves stay.
 */
export async function pullObjects(
  store: Store,
  folder: string,
  objects: readonly ObjectFacts[],
  { concurrency, onBytes }: PullWays,
): Promise<PullCounts> {
  const counts: PullCounts = { copied: 0, present: 0, replaced: 0, resumedBytes: 0 }
  const target = openFileStore(folder)
  await cleanHalfFiles(join(folder, halves))
  const slots = pLimit(concurrency)
  const free: Uint8Array[] = []
  const hashes = startHashThread()
  let failed: Error | undefined

  async function bring(object: ObjectFacts): Promise<void> {
    const there = await target.stat(object.path)
    if (there?.bytes === object.bytes && (await hashOf(target, object)) === object.sha256) {
      counts.present++
      return onBytes(object.bytes)
    }
    for (let attempt = 1; ; attempt++) {
      const sha256 = await bringOnce(object)
      if (sha256 === object.sha256) break
      if (attempt === wholes)
        throw new QuernError('damaged-dataset', `pulling ${object.path}: its SHA-256 is ${sha256}, and the snapshot says ${object.sha256}`, {
          remedy: `Run quern verify ${store.url}.`,
        })
    }
    counts[there === undefined ? 'copied' : 'replaced']++
  }

  /** Returns the hash of what came; under its name it stands only if that is the right one. */
  async function bringOnce(object: ObjectFacts): Promise<string> {
    const half = await openHalfFile(join(folder, halves), object.sha256, object.bytes, hashes.open())
    let told = half.already
    onBytes(half.already)
    let sha256 = ''
    try {
      await bringRest(object, half, (bytes) => {
        told += bytes
        onBytes(bytes)
      })
      sha256 = await half.digest()
    } catch (error) {
      await half.leave()
      throw error
    }
    if (sha256 === object.sha256) {
      await half.finish(join(folder, object.path))
      counts.resumedBytes += half.already
    } else {
      await half.discard()
      onBytes(-told)
    }
    return sha256
  }

  /**
   * A slot is held until its piece is written, and slots are given out in order: the piece that all later ones of an object
   * wait for has had its slot before them.
   */
  async function bringRest(object: ObjectFacts, half: HalfFile, onPiece: (bytes: number) => void): Promise<void> {
    let before: Promise<void> = Promise.resolve()
    const pieces: Promise<void>[] = []
    for (let offset = half.already; offset < object.bytes; offset += pullPieceBytes) {
      const length = Math.min(pullPieceBytes, object.bytes - offset)
      const previous = before
      before = slots(async () => {
        if (failed !== undefined) throw failed
        const buffer = free.pop() ?? new Uint8Array(new SharedArrayBuffer(pullPieceBytes))
        try {
          await store.getInto(object.path, { offset, length }, buffer)
          await previous
          await half.write(buffer.subarray(0, length))
        } catch (error) {
          failed ??= error as Error
          throw error
        } finally {
          free.push(buffer)
        }
        onPiece(length)
      })
      pieces.push(before)
    }
    // None may be under way any more when the file is closed.
    await Promise.allSettled(pieces)
    await before
  }

  const files = pLimit(concurrency)
  await Promise.allSettled(
    objects.map((object) =>
      files(async () => {
        if (failed !== undefined) return
        try {
          await bring(object)
        } catch (error) {
          failed ??= error as Error
        }
      }),
    ),
  )
  await hashes.close()
  if (failed !== undefined) throw fileError('writing', 'pulled files', folder, failed)
  return counts
}

async function hashOf(store: Store, object: ObjectFacts): Promise<string> {
  const hash = createHash('sha256')
  for (let offset = 0; offset < object.bytes; offset += pullPieceBytes)
    hash.update(await store.get(object.path, { offset, length: Math.min(pullPieceBytes, object.bytes - offset) }))
  return hash.digest('hex')
}
