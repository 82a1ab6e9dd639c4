import { fileURLToPath } from 'node:url'
import { resolve } from 'node:path'
import { QuernError } from '../core/errors.ts'
import { openFileStore } from './file-store.ts'

/**
 * Objects by key, on a disk or on object storage. What is published never changes, so almost every write is
 * a put-if-absent; a reader needs no lock. Keys are made of `[A-Za-z0-9._-]` segments joined by `/`; no segment starts with a dot.
 *
 * Errors: `output-not-writable` when the place refuses to be written, `damaged-dataset` when an object that must exist
 * does not, `store-failed` for the rest, each with the key.
 */
export interface Store {
  /** The place as a person wrote it, made absolute. */
  readonly url: string
  /** The object, or a part of it; asking beyond its end is an error. The bytes start an ArrayBuffer of their own. */
  get(key: string, range?: ByteRange): Promise<Uint8Array>
  /** The same into memory that the caller has: fresh memory for every piece is collected too late, and costs as much as reading it. */
  getInto(key: string, range: ByteRange, into: Uint8Array): Promise<void>
  /** The whole object, or undefined when there is none. */
  find(key: string): Promise<Uint8Array | undefined>
  stat(key: string): Promise<{ readonly bytes: number } | undefined>
  /** Whole or not at all. Doing it twice is one thing; other bytes under an existing key are refused (`store-failed`). */
  put(key: string, bytes: Uint8Array | string): Promise<void>
  /** True when this call made the object, false when another was there first: exactly one of any number of racers gets true. */
  putIfAbsent(key: string, bytes: Uint8Array | string): Promise<boolean>
  /** Puts over what is there, whole or not at all. For hints only: nothing published may be replaced. */
  replace(key: string, bytes: Uint8Array | string): Promise<void>
  /** A new object that grows; it has no name, and no reader sees it, until `close`. */
  create(): Promise<ObjectWriter>
  /** Keys that start with `prefix` and come after `startAfter`, in byte order. */
  list(prefix: string, startAfter?: string): AsyncGenerator<StoredObject>
  /** An object that is not there is deleted already. */
  delete(key: string): Promise<void>
  /** A local file with the object's bytes, for readers that map it. Not to be written to. */
  localPath(key: string): Promise<string>
  /**
   * Makes sure that the place can be written and keeps the promise of `putIfAbsent`; to be called once before a run. A
   * place that does not keep it is refused, unless the caller knows of no other writer.
   */
  probe(options?: { readonly singleWriter?: boolean }): Promise<void>
  /** Removes what killed writers left behind; never what a live one is writing. Returns how many there were. */
  clean(): Promise<number>
}

export interface ByteRange {
  readonly offset: number
  readonly length: number
}

export interface StoredObject {
  readonly key: string
  readonly bytes: number
  /** Milliseconds since 1970 by the clock of the place: to be compared with its like only. */
  readonly modified: number
}

/** What a list in a manifest says of an object: enough to find it and to prove it. */
export interface ObjectFacts {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

export interface ObjectWriter {
  /** Bytes written so far. */
  readonly bytes: number
  /** The caller may reuse the buffer once the promise is kept. */
  write(bytes: Uint8Array): Promise<void>
  /** Makes it durable and gives it its name, which may come from its hash. An equal object under that name is fine, another is an error. */
  close(key: string | ((sha256: string) => string)): Promise<ObjectFacts>
  abort(): Promise<void>
}

/** A path, a `file://` URL or `s3://bucket/prefix`. Nothing is made or touched yet. */
export async function openStore(url: string): Promise<Store> {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase()
  if (scheme === undefined) return openFileStore(resolve(url))
  if (scheme === 'file') return openFileStore(fileURLToPath(url))
  // The SDK takes longer to load than most commands to run.
  if (scheme === 's3') return (await import('./s3-store.ts')).openS3Store(url)
  throw new QuernError('bad-usage', `opening ${url}: "${scheme}" is not a storage`, { remedy: 'Use a path, a file:// URL or s3://bucket/prefix.' })
}
