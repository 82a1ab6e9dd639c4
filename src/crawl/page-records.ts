import type { Answer } from './fetch.ts'
import { type DigestName, digestOf, warcRecord } from './warc-record.ts'
import { recordId } from './warc-writer.ts'

export interface PageRecords {
  readonly records: readonly Uint8Array[]
  /** Id and date of the response (or revisit) record, for the revisit records of later visits. */
  readonly reference: string
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
  /** `reference` is that of the record that holds the content. */
  readonly revisit?: { readonly why: keyof typeof profiles; readonly reference: string | null } | undefined
  /** The page may not be kept: its head stays as evidence, its content does not. */
  readonly withoutBody?: boolean
}

/** The request, response (or revisit) and metadata records of one visit, in that order. */
export function pageRecords(answer: Answer, options: RecordOptions): PageRecords {
  const { infoId, digest, payloadDigest, revisit } = options
  const date = new Date(answer.started).toISOString()
  const common = { 'WARC-Date': date, 'WARC-Target-URI': answer.url }
  const id = recordId()
  const requestBlock = octets(answer.request)
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
  const head = octets(`${answer.head}\r\n\r\n`)
  const bare = revisit !== undefined || options.withoutBody === true
  const block = bare ? head : Buffer.concat([head, answer.body])
  const [holds, held] = revisit?.reference?.split(' ') ?? []
  const response = warcRecord(
    {
      'WARC-Type': revisit === undefined ? 'response' : 'revisit',
      'WARC-Record-ID': id,
      ...common,
      'WARC-Warcinfo-ID': infoId,
      'WARC-IP-Address': answer.address,
      'WARC-Profile': revisit === undefined ? undefined : profiles[revisit.why],
      'WARC-Refers-To': holds,
      'WARC-Refers-To-Target-URI': revisit === undefined ? undefined : answer.url,
      'WARC-Refers-To-Date': held,
      // The digest of content that is not there stands in the metadata: whoever checks this one would find it wrong.
      'WARC-Payload-Digest': options.withoutBody === true ? undefined : payloadDigest,
      'WARC-Block-Digest': digestOf(digest, block),
      'WARC-Truncated': options.withoutBody === true ? 'unspecified' : answer.truncated && !bare ? 'length' : undefined,
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
  return { records: [request, response, metadata], reference: `${id} ${date}` }
}

/** Heads of HTTP are octets, which Node gives a character each (RFC 9110, 5.5): back to what was sent. */
function octets(head: string): Uint8Array {
  return Buffer.from(head, 'latin1')
}
