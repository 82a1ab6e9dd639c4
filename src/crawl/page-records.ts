import type { Answer } from './fetch.ts'
import { type DigestName, digestOf, warcRecord } from './warc-record.ts'
import { recordId } from './warc-writer.ts'

/** An earlier visit that a revisit record refers to. */
export interface Earlier {
  readonly record: string | null
  readonly fetched: number
}

export interface PageRecords {
  readonly records: readonly Uint8Array[]
  /** Id of the response (or revisit) record. */
  readonly id: string
}

const profiles = {
  'not-modified': 'http://netpreserve.org/warc/1.1/revisit/server-not-modified',
  'same-payload': 'http://netpreserve.org/warc/1.1/revisit/identical-payload-digest',
} as const

const encoder = new TextEncoder()

export interface RecordOptions {
  readonly infoId: string
  readonly digest: DigestName
  /** Digest of the body, made by the caller, who compares it first. */
  readonly payloadDigest: string
  /** Lines of `application/warc-fields` about the visit. */
  readonly metadata: readonly (readonly [string, string])[]
  readonly revisit?: { readonly why: keyof typeof profiles; readonly earlier: Earlier } | undefined
  /** The page may not be kept: its head stays as evidence, its content does not. */
  readonly withoutBody?: boolean
}

/** The request, response (or revisit) and metadata records of one visit, in that order. */
export function pageRecords(answer: Answer, options: RecordOptions): PageRecords {
  const { infoId, digest, payloadDigest, revisit } = options
  const date = new Date(answer.started).toISOString()
  const common = { 'WARC-Date': date, 'WARC-Target-URI': answer.url }
  const id = recordId()
  const requestBlock = encoder.encode(answer.request)
  const request = warcRecord(
    {
      'WARC-Type': 'request',
      'WARC-Record-ID': recordId(),
      ...common,
      'WARC-Concurrent-To': id,
      'WARC-Warcinfo-ID': infoId,
      'WARC-IP-Address': answer.address,
      'WARC-Block-Digest': digestOf(digest, requestBlock),
      'Content-Type': 'application/http; msgtype=request',
    },
    requestBlock,
  )
  const head = encoder.encode(`${answer.head}\r\n\r\n`)
  const bare = revisit !== undefined || options.withoutBody === true
  const block = bare ? head : Buffer.concat([head, answer.body])
  const response = warcRecord(
    {
      'WARC-Type': revisit === undefined ? 'response' : 'revisit',
      'WARC-Record-ID': id,
      ...common,
      'WARC-Warcinfo-ID': infoId,
      'WARC-IP-Address': answer.address,
      'WARC-Profile': revisit === undefined ? undefined : profiles[revisit.why],
      'WARC-Refers-To': revisit?.earlier.record ?? undefined,
      'WARC-Refers-To-Target-URI': revisit === undefined ? undefined : answer.url,
      'WARC-Refers-To-Date': revisit === undefined ? undefined : new Date(revisit.earlier.fetched).toISOString(),
      'WARC-Payload-Digest': options.withoutBody === true ? digestOf(digest, new Uint8Array(0)) : payloadDigest,
      'WARC-Block-Digest': digestOf(digest, block),
      'WARC-Truncated': answer.truncated && !bare ? 'length' : undefined,
      'Content-Type': 'application/http; msgtype=response',
    },
    block,
  )
  const about = encoder.encode(options.metadata.map(([name, value]) => `${name}: ${value.replace(/[\r\n]+/g, ' ')}\r\n`).join(''))
  const metadata = warcRecord(
    {
      'WARC-Type': 'metadata',
      'WARC-Record-ID': recordId(),
      ...common,
      'WARC-Concurrent-To': id,
      'WARC-Warcinfo-ID': infoId,
      'WARC-Block-Digest': digestOf(digest, about),
      'Content-Type': 'application/warc-fields',
    },
    about,
  )
  return { records: [request, response, metadata], id }
}
