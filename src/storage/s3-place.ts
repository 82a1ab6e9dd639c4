import { homedir } from 'node:os'
import { join } from 'node:path'
import { QuernError } from '../core/errors.ts'

/** A bucket, and what all keys of a dataset begin with: empty, or ending in a slash. */
export interface S3Place {
  readonly bucket: string
  readonly prefix: string
}

/** How a store is spoken to. Credentials are none of it: the SDK finds them, and nothing of ours ever holds them. */
export interface S3Settings {
  /** Undefined for AWS, or where the profile names one. */
  readonly endpoint: string | undefined
  readonly region: string | undefined
  readonly pathStyle: boolean
  /** Requests of one process (or thread) at once. */
  readonly concurrency: number
  /** An attempt that sends and gets no byte for this long is given up. */
  readonly stallMs: number
  /** Attempts without any progress before the operation fails. */
  readonly attempts: number
  /** The first wait is at most this long, each later one at most twice as long, none longer than a hundred times. */
  readonly backoffMs: number
  /** No operation lasts longer, whatever progress it makes. */
  readonly deadlineMs: number
  /** Keys in one page of a list, as many as stores give at most. */
  readonly pageKeys: number
  /** For copies that readers map and for objects that are being written. */
  readonly cacheFolder: string
  /** Copies beyond this go, the least recently used first. */
  readonly cacheBytes: number
}

const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const prefixName = /^(?:[A-Za-z0-9_-][A-Za-z0-9._=-]*\/)*$/

export function isS3Url(url: string): boolean {
  return /^s3:\/\//i.test(url)
}

/** `s3://bucket/prefix` of a dataset. Throws `bad-usage` for anything else, passwords and options in the URL among it. */
export function parseS3Url(url: string): S3Place {
  const [, bucket = '', rest = ''] = /^s3:\/\/([^/]*)\/?(.*)$/i.exec(url) ?? []
  if (/[@?#]/.test(url))
    throw new QuernError('bad-usage', 'an s3:// URL may hold a bucket and a prefix, no user, password, or options', {
      remedy: 'Give the endpoint with AWS_ENDPOINT_URL_S3 and credentials with AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    })
  if (!bucketName.test(bucket))
    throw new QuernError('bad-usage', `opening ${url}: "${bucket}" is no name of a bucket`, { remedy: 'Write s3://bucket/prefix.' })
  const prefix = rest === '' || rest.endsWith('/') ? rest : `${rest}/`
  if (!prefixName.test(prefix) || prefix.length > 100)
    throw new QuernError('bad-usage', `opening ${url}: "${rest}" is no prefix for a dataset`, {
      remedy: 'A prefix is up to 100 of A-Z, a-z, 0-9, "-", "_", ".", "=" between slashes, no part beginning with a dot.',
    })
  return { bucket, prefix }
}

export function s3Url({ bucket, prefix }: S3Place): string {
  return `s3://${bucket}/${prefix}`.replace(/\/$/, '')
}

/** What the environment says; what it does not say, the SDK looks for in the profile. */
export function s3Settings(env: NodeJS.ProcessEnv = process.env): S3Settings {
  const endpoint = env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL'] || undefined
  if (endpoint !== undefined && !isEndpoint(endpoint))
    throw new QuernError('bad-usage', 'AWS_ENDPOINT_URL_S3 (or AWS_ENDPOINT_URL) is no address of a store', {
      remedy: 'Write http(s)://host or http(s)://host:port, without user and password.',
    })
  return {
    endpoint,
    // A store that is not AWS has one region, and most take any name for it.
    region: env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || (endpoint === undefined ? undefined : 'us-east-1'),
    pathStyle: isTrue(env, 'QUERN_S3_PATH_STYLE', endpoint !== undefined),
    concurrency: wholeNumber(env, 'QUERN_S3_CONCURRENCY', 16, 1, 1024),
    stallMs: wholeNumber(env, 'QUERN_S3_STALL_SECONDS', 30, 1, 3600) * 1000,
    attempts: 10,
    backoffMs: 100,
    deadlineMs: 30 * 60_000,
    pageKeys: 1000,
    cacheFolder: env['QUERN_CACHE'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'quern'),
    cacheBytes: wholeNumber(env, 'QUERN_CACHE_GIB', 16, 0, 1 << 20) * 2 ** 30,
  }
}

function isEndpoint(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
}

function isTrue(env: NodeJS.ProcessEnv, name: string, otherwise: boolean): boolean {
  const value = env[name]
  if (value === undefined || value === '') return otherwise
  if (value !== 'true' && value !== 'false') throw new QuernError('bad-usage', `${name} is "${value}"`, { remedy: 'Set it to true or false.' })
  return value === 'true'
}

function wholeNumber(env: NodeJS.ProcessEnv, name: string, otherwise: number, least: number, most: number): number {
  const value = env[name]
  if (value === undefined || value === '') return otherwise
  const number = Number(value)
  if (!Number.isInteger(number) || number < least || number > most)
    throw new QuernError('bad-usage', `${name} is "${value}"`, { remedy: `Set it to a whole number from ${least} to ${most}.` })
  return number
}
