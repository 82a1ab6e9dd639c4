import { createHash } from 'node:crypto'
import { type FileHandle, unlink } from 'node:fs/promises'
import { fileError } from './file-error.ts'
import { checkKey } from './key.ts'
import type { ObjectFacts, ObjectWriter } from './store.ts'

/** Small writes are gathered to this size: a system call costs as much as hashing 2 KiB. */
const gatherBytes = 1 << 20
/** A night has thousands of objects that stay smaller: what they do not need is neither cleared nor collected. */
const firstBytes = 1 << 14

/**
 * Streams into an open temporary file, hashing on the way; `finish` gives the file its name and removes the temporary one.
 * `durable`: it is on the disk before `finish` is called. A file that is only sent elsewhere need not be.
 */
export function openFileWriter(
  handle: FileHandle,
  name: string,
  root: string,
  finish: (key: string, facts: { readonly bytes: number; readonly sha256: string }) => Promise<void>,
  { durable }: { readonly durable: boolean },
): ObjectWriter {
  const hash = createHash('sha256')
  let gathered = new Uint8Array(firstBytes)
  let pending = 0
  let bytes = 0
  let closed = false

  async function flush(): Promise<void> {
    const part = gathered.subarray(0, pending)
    pending = 0
    hash.update(part)
    await writeAll(handle, part)
  }

  function gather(part: Uint8Array): void {
    if (pending + part.byteLength > gathered.byteLength) {
      const wider = new Uint8Array(Math.min(gatherBytes, Math.max(pending + part.byteLength, gathered.byteLength * 4)))
      wider.set(gathered.subarray(0, pending))
      gathered = wider
    }
    gathered.set(part, pending)
    pending += part.byteLength
  }

  async function abort(): Promise<void> {
    if (closed) return
    closed = true
    await handle.close()
    await unlink(name).catch(() => undefined) // a later clean finds it
  }

  return {
    get bytes() {
      return bytes
    },
    async write(part) {
      try {
        bytes += part.byteLength
        if (pending + part.byteLength > gatherBytes) await flush()
        if (part.byteLength >= gatherBytes) {
          hash.update(part)
          await writeAll(handle, part)
        } else gather(part)
      } catch (error) {
        throw fileError('writing', 'a new object', root, error)
      }
    },
    async close(keyOrNamer) {
      let key = 'a new object'
      try {
        await flush()
        const sha256 = hash.digest('hex')
        key = checkKey(typeof keyOrNamer === 'string' ? keyOrNamer : keyOrNamer(sha256))
        if (durable) await handle.sync()
        await handle.close()
        closed = true
        await finish(key, { bytes, sha256 })
        return { path: key, bytes, sha256 } satisfies ObjectFacts
      } catch (error) {
        await abort()
        throw fileError('writing', key, root, error)
      }
    },
    abort,
  }
}

/** At the handle's own place, or at `offset`. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array, offset?: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    const at = offset === undefined ? null : offset + done
    done += (await handle.write(bytes, done, bytes.byteLength - done, at)).bytesWritten
  }
}
