import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'
import type { Answer } from './fetch.ts'

export interface ContentLimits {
  /** Most bytes of the unpacked content. */
  readonly bytes: number
  /** Most bytes that one byte may unpack to. */
  readonly ratio: number
}

/** So small that nobody is harmed by it, whatever it unpacks to. */
const harmlessBytes = 1 << 20

/** Why there is no content: it unpacks to more than `ratio` times its size, to more than `bytes`, or not at all. */
type Unusable = 'bomb' | 'large' | 'broken'

/** Content without its codings. */
export function decoded(answer: Answer, limits: ContentLimits): Uint8Array | Unusable {
  const codings = (answer.headers['content-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
  if (codings.length > 2) return 'bomb'
  let bytes = answer.body
  for (const coding of codings.toReversed()) {
    const harmless = Math.max(harmlessBytes, Math.floor(bytes.byteLength * limits.ratio))
    const result = unpack(bytes, coding, Math.max(1, Math.min(limits.bytes, harmless)))
    const claims = answer.truncated ? 0 : stated(bytes, coding)
    if (typeof result === 'string') return result === 'bomb' && limits.bytes < harmless && claims <= harmless ? 'large' : result
    bytes = result
  }
  return bytes
}

/** The length that gzip says it unpacks to, in its last four bytes (RFC 1952, 2.3.1); for the name of a failure alone. */
function stated(bytes: Uint8Array, coding: string): number {
  return coding.endsWith('gzip') && bytes.byteLength >= 18
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readUInt32LE(bytes.byteLength - 4)
    : 0
}

function unpack(bytes: Uint8Array, coding: string, maxOutputLength: number): Uint8Array | 'bomb' | 'broken' {
  try {
    switch (coding) {
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(bytes, { maxOutputLength })
      case 'br':
        return brotliDecompressSync(bytes, { maxOutputLength })
      case 'deflate':
        // Half of the servers that send it leave the zlib frame out.
        return (bytes[0]! & 15) === 8 ? inflateSync(bytes, { maxOutputLength }) : inflateRawSync(bytes, { maxOutputLength })
      default:
        return 'broken'
    }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'bomb' : 'broken'
  }
}

/** The media type in lower case, without parameters. */
export function mediaType(answer: Answer): string {
  return (answer.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
}

export function isHtml(answer: Answer, content: Uint8Array): boolean {
  const type = mediaType(answer)
  if (type === 'text/html' || type === 'application/xhtml+xml') return true
  if (type !== '' && type !== 'text/plain' && type !== 'application/octet-stream') return false
  return /^\s*(?:<!doctype html|<html[\s>])/i.test(Buffer.from(content.subarray(0, 512)).toString('latin1'))
}

/** Text by the charset of the header, of the page's first bytes, or UTF-8: good enough for addresses, which are ASCII in most pages. */
export function pageText(answer: Answer, content: Uint8Array): string {
  const declared = /charset\s*=\s*["']?([\w-]+)/i
  const label =
    declared.exec(answer.headers['content-type'] ?? '')?.[1] ??
    declared.exec(Buffer.from(content.subarray(0, 1024)).toString('latin1'))?.[1] ??
    'utf-8'
  try {
    return new TextDecoder(label).decode(content)
  } catch {
    return new TextDecoder().decode(content)
  }
}
