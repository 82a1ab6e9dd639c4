import { open, stat } from 'node:fs/promises'
import pLimit from 'p-limit'
import { fileSha256 } from '../config/pipeline-rules.ts'
import { sourceFiles } from '../config/source-files.ts'
import type { ByteInput } from '../core/component.ts'
import type { InputFile } from '../core/document.ts'
import { QuernError } from '../core/errors.ts'
import type { Pipeline } from '../core/pipeline.ts'
import { isS3Url } from '../storage/s3-place.ts'
import type { Store } from '../storage/store.ts'

/** An input file of one source, in the order documents will have. */
export interface Input extends InputFile {
  /** Index into the pipeline's sources. */
  readonly source: number
}

/** What is remembered of files already hashed. A hint: losing it costs one read of each file. */
const hintKey = '_fingerprints.json'
type Hints = Record<string, string>

/** Hashing is reading: a few files at once keep a disk or a network busy, more only fight for it. */
const filesAtOnce = 4

/** Every file of the pipeline's sources, in order and fingerprinted. */
export async function findInputs(pipeline: Pipeline, store: Store): Promise<Input[]> {
  const hints = await readHints(store)
  const fresh: Hints = {}
  const inputs: Input[] = []
  const atOnce = pLimit(filesAtOnce)
  for (const [source, definition] of pipeline.sources.entries()) {
    const found = (await sourceFiles(definition)).map(({ path, location, ...listed }) =>
      atOnce(async (): Promise<Input> => {
        const { bytes, stamp } = listed.stamp === undefined ? await stampOf(location) : { bytes: listed.bytes, stamp: listed.stamp }
        const hint = `${location}\0${bytes}\0${stamp}`
        const sha256 = hints[hint] ?? (await hashFile(location))
        fresh[hint] = sha256
        return { source, path, location, bytes, sha256 }
      }),
    )
    inputs.push(...(await Promise.all(found)))
  }
  if (Object.keys(fresh).some((hint) => hints[hint] === undefined)) await store.replace(hintKey, JSON.stringify(fresh))
  return inputs
}

/** What tells that a file on a disk is the one that was hashed before. */
async function stampOf(location: string): Promise<{ readonly bytes: number; readonly stamp: string }> {
  const { size, mtimeNs, ino } = await stat(location, { bigint: true })
  return { bytes: Number(size), stamp: `${mtimeNs}\0${ino}` }
}

async function readHints(store: Store): Promise<Hints> {
  try {
    return JSON.parse(Buffer.from(await store.get(hintKey)).toString('utf8')) as Hints
  } catch {
    return {} // absent or torn: only time is lost
  }
}

async function hashFile(location: string): Promise<string> {
  if (isS3Url(location)) return (await import('../storage/s3-input.ts')).s3Sha256(location)
  return fileSha256(location).catch((cause: unknown) => {
    throw new QuernError('missing-file', `reading ${location}: ${(cause as Error).message}`, {
      remedy: 'Give the file read permission or take it out of the paths.',
      cause,
    })
  })
}

/** Opens one input for reading by ranges, after checking that its size is still the planned one. */
export async function openInput(file: InputFile): Promise<ByteInput & { close(): Promise<void> }> {
  if (isS3Url(file.location)) {
    const input = await (await import('../storage/s3-input.ts')).openS3Input(file.location)
    if (input.bytes !== file.bytes) throw otherSize(file, input.bytes)
    return { ...input, close: () => Promise.resolve() }
  }
  const handle = await open(file.location, 'r').catch((cause: unknown) => {
    throw new QuernError('missing-file', `opening ${file.location}: ${(cause as Error).message}`, {
      remedy: 'Put the file back; the plan of this run needs it.',
      cause,
    })
  })
  const { size } = await handle.stat()
  if (size !== file.bytes) {
    await handle.close()
    throw otherSize(file, size)
  }
  return {
    bytes: size,
    async read(offset, length) {
      const buffer = new Uint8Array(Math.max(0, Math.min(length, size - offset)))
      let filled = 0
      while (filled < buffer.byteLength) {
        const { bytesRead } = await handle.read(buffer, filled, buffer.byteLength - filled, offset + filled)
        if (bytesRead === 0) throw new QuernError('input-changed', `reading ${file.location} at byte ${offset + filled}: the file ends early`)
        filled += bytesRead
      }
      return buffer
    },
    close: () => handle.close(),
  }
}

function otherSize(file: InputFile, size: number): QuernError {
  return new QuernError('input-changed', `opening ${file.location}: it has ${size} bytes, the plan counted ${file.bytes}`, {
    remedy: 'Put the planned file back, or remove the plan (plans/) of the dataset to plan anew.',
  })
}
