import { QuernError, type ErrorCode } from '../core/errors.ts'

/** What one failed attempt means for the next. */
export type Failure =
  /** There is no such object. */
  | 'missing'
  /** A condition of the request does not hold. */
  | 'unmet'
  /** Asking again changes nothing. */
  | 'refused'
  /** It may have been done or not; asking again may help. */
  | 'unclear'

/** A reply that cannot be right: too short, cut, or with other bytes than announced. */
export class BadReply extends Error {
  override readonly name = 'BadReply'
}

interface SdkError extends Error {
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string }
}

/** Uploads whose bytes were altered on the way; the next attempt sends them anew. */
const damaged = new Set([
  'BadDigest',
  'InvalidDigest',
  'XAmzContentSHA256Mismatch',
  'XAmzContentChecksumMismatch',
  'IncompleteBody',
  'InvalidChecksum',
])
const passing = new Set(['SlowDown', 'Throttling', 'ThrottlingException', 'RequestTimeout', 'RequestLimitExceeded', 'ConditionalRequestConflict'])

export function failureOf(error: unknown): Failure {
  const { name, $metadata } = error as SdkError
  const status = $metadata?.httpStatusCode
  if (error instanceof BadReply || damaged.has(name) || passing.has(name)) return 'unclear'
  if (name === 'NoSuchBucket') return 'refused'
  if (status === 404) return 'missing'
  if (status === 412) return 'unmet'
  if (status === 408 || status === 409 || status === 429) return 'unclear'
  if (status !== undefined && status >= 300 && status < 500) return 'refused'
  if (status === 501 || isLocal(error as SdkError)) return 'refused'
  // 5xx, connections that break, replies that do not parse, our own timeouts.
  return 'unclear'
}

/** Nothing was sent: no credentials, no region, or a mistake of ours. */
function isLocal(error: SdkError): boolean {
  return (
    (error.$metadata?.httpStatusCode === undefined &&
      /Credential|Region is missing|Token.*(?:expired|refresh)|SSO/i.test(`${error.name} ${error.message}`)) ||
    error instanceof QuernError ||
    error instanceof TypeError ||
    error instanceof RangeError
  )
}

export interface Doing {
  readonly act: 'reading' | 'writing' | 'listing' | 'deleting'
  /** `s3://bucket/key`, with the range when there is one. */
  readonly what: string
}

/**
 * The sentence about an operation that failed for good. The SDK's error is not kept as its cause: it holds the request
 * with its headers, and those are nobody's business.
 */
export function s3Error({ act, what }: Doing, cause: unknown, attempts: number, ms: number): Error {
  if (cause instanceof QuernError) return cause
  const { name, message, code, $metadata } = cause as SdkError
  const status = $metadata?.httpStatusCode
  const said = [name === 'Error' ? (code ?? '') : name, oneLine(message)].filter((part) => part !== '').join(': ')
  const facts = [
    ...(status === undefined ? [] : [`HTTP ${status}`]),
    ...($metadata?.requestId === undefined ? [] : [`request ${$metadata.requestId}`]),
    `attempt ${attempts}`,
    `${(ms / 1000).toFixed(1)} s`,
  ].join(', ')
  const [errorCode, remedy] = meaning(act, name, status, cause as SdkError)
  return new QuernError(errorCode, `${act} ${what}: ${said} (${facts})`, { remedy })
}

function meaning(act: Doing['act'], name: string, status: number | undefined, error: SdkError): readonly [ErrorCode, string] {
  const changing = act === 'writing' || act === 'deleting'
  const refused: ErrorCode = changing ? 'output-not-writable' : 'store-refused'
  if (error instanceof BadReply && !changing)
    return ['damaged-dataset', 'Run quern verify on the dataset; if the object is sound there, something between you and the store alters it.']
  if (name === 'NoSuchBucket') return [refused, 'Make the bucket first, or check its name, AWS_REGION and AWS_ENDPOINT_URL_S3.']
  if (status === 404) return ['damaged-dataset', 'Run quern verify on the dataset.']
  if (
    /Credential|Token.*(?:expired|refresh)|SSO/i.test(name) ||
    /^(?:InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken)$/.test(name)
  )
    return [refused, 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, to credentials that are valid for this store.']
  if (/Region is missing/.test(error.message)) return [refused, 'Set AWS_REGION.']
  if (status === 403 || status === 401)
    return [
      refused,
      'The credentials need s3:GetObject, s3:PutObject, s3:DeleteObject, s3:ListBucket, s3:AbortMultipartUpload and s3:ListBucketMultipartUploads here.',
    ]
  if (status === 301 || status === 307 || status === 400) return ['store-failed', 'Check AWS_REGION, AWS_ENDPOINT_URL_S3 and QUERN_S3_PATH_STYLE.']
  if (status === 429 || status === 503)
    return ['store-failed', 'The store is overloaded: run the same command again later, or lower QUERN_S3_CONCURRENCY; it goes on where it stopped.']
  if (['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(error.code ?? '')) return ['store-failed', 'Check the network and AWS_ENDPOINT_URL_S3.']
  return ['store-failed', 'Run the same command again; it goes on where it stopped.']
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 300 ? `${line.slice(0, 300)} ...` : line
}
