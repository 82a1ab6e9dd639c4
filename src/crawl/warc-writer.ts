import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, ftruncateSync, fstatSync, mkdirSync, openSync, readdirSync, unlinkSync, writeSync } from 'node:fs'
import { readFile, open as openFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store } from '../storage/store.ts'
import { warcRecord } from './warc-record.ts'

/** How far a file that is being written may be believed. */
export interface WarcPosition {
  readonly file: string
  readonly bytes: number
}

export interface WarcWriterOptions {
  /** The local folder of files that are not complete. */
  readonly folder: string
  /** Files are published as `folder/NAME-00000001-TIME.warc.gz`, so that names sort in the order of writing. */
  readonly publishedBelow: string
  readonly name: string
  readonly store: Store
  /** The number that the next file gets. */
  readonly serial: number
  readonly maxBytes: number
  readonly maxAge: number
  /** `application/warc-fields` of the warcinfo record that begins each file. */
  readonly info: string
}

/**
 * Files of WARC records. A file grows in a local folder; it gets its name in the store when it is whole. After a stop at
 * any moment the frontier knows up to which byte a file counts (`WarcPosition`): `recover` cuts it there and publishes it.
 */
export interface WarcWriter {
  /** Appends records, kept together in one file; where they lie. The bytes are with the system when it returns. */
  append(records: readonly Uint8Array[]): WarcPosition & { readonly offset: number }
  /** The file is large or old enough. */
  due(): boolean
  /** Publishes the file that is being written, if there is one; its key. */
  publish(): Promise<string | undefined>
  /** The record id of the current file's warcinfo, to be named in its records; begins a file if there is none. */
  infoId(): string
  readonly serial: number
}

export function openWarcWriter(options: WarcWriterOptions): WarcWriter {
  mkdirSync(options.folder, { recursive: true })
  let { serial } = options
  let current: { readonly file: string; readonly handle: number; readonly begun: number; readonly infoId: string; bytes: number } | undefined

  function begin(): NonNullable<typeof current> {
    const now = new Date()
    const file = `${options.name}-${String(serial).padStart(8, '0')}-${now.toISOString().replace(/[-:]|\.\d+/g, '')}.warc.gz`
    serial++
    const infoId = recordId()
    const block = new TextEncoder().encode(options.info)
    const fields = {
      'WARC-Type': 'warcinfo',
      'WARC-Record-ID': infoId,
      'WARC-Date': now.toISOString(),
      'WARC-Filename': file,
      'Content-Type': 'application/warc-fields',
    }
    const handle = openSync(join(options.folder, file), 'wx')
    current = { file, handle, begun: now.getTime(), infoId, bytes: 0 }
    write(current, warcRecord(fields, block))
    return current
  }

  return {
    append(records) {
      const at = current ?? begin()
      const offset = at.bytes
      for (const record of records) write(at, record)
      return { file: at.file, bytes: at.bytes, offset }
    },
    due: () => current !== undefined && (current.bytes >= options.maxBytes || Date.now() - current.begun >= options.maxAge),
    async publish() {
      if (current === undefined) return undefined
      const { file, handle } = current
      current = undefined
      closeSync(handle)
      return publishFile(options, file)
    },
    infoId: () => (current ?? begin()).infoId,
    get serial() {
      return serial
    },
  }
}

function write(at: { readonly handle: number; bytes: number }, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.byteLength;) done += writeSync(at.handle, bytes, done)
  at.bytes += bytes.byteLength
}

export function recordId(): string {
  return `<urn:uuid:${randomUUID()}>`
}

/** Copies a whole file to the store under its name, then removes it here. Doing it again after a stop is one thing. */
async function publishFile({ folder, publishedBelow, store }: WarcWriterOptions, file: string): Promise<string> {
  const path = join(folder, file)
  const key = `${publishedBelow}/${file}`
  const handle = await openFile(path, 'r')
  const writer = await store.create()
  try {
    for await (const chunk of handle.createReadStream({ highWaterMark: 4 << 20, autoClose: false })) await writer.write(chunk as Uint8Array)
    await writer.close(key)
  } catch (error) {
    await writer.abort()
    throw error
  } finally {
    await handle.close()
  }
  unlinkSync(path)
  return key
}

/**
 * After a stop: every file that is left is cut where the frontier stops counting, and published; one that nobody counts
 * is removed. `believed` gives the bytes of a file; a file shorter than that (power was cut) tells `shorter` its length.
 */
export async function recover(
  options: WarcWriterOptions,
  believed: (file: string) => number,
  shorter: (file: string, bytes: number) => void,
): Promise<readonly string[]> {
  const published: string[] = []
  for (const file of readdirSync(options.folder).sort()) {
    if (!file.startsWith(`${options.name}-`) || !file.endsWith('.warc.gz')) continue
    const path = join(options.folder, file)
    const bytes = believed(file)
    if (bytes === 0) {
      unlinkSync(path)
      continue
    }
    const handle = openSync(path, 'r+')
    const { size } = fstatSync(handle)
    let end = bytes
    if (size < bytes) {
      end = wholeMembers(await readFile(path))
      shorter(file, end)
    }
    ftruncateSync(handle, end)
    fsyncSync(handle)
    closeSync(handle)
    published.push(await publishFile(options, file))
  }
  return published
}

/** Where the last whole gzip member ends: only after a power cut is this asked. */
function wholeMembers(bytes: Buffer): number {
  // Members begin with these bytes; a member is whole when the next one begins, so the last is given up.
  return Math.max(0, bytes.lastIndexOf(Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0, 0, 0, 0])))
}
