import { setTimeout as sleep } from 'node:timers/promises'
import { S3Client } from '@aws-sdk/client-s3'
import pLimit from 'p-limit'
import { directReads, type ReadDirectly } from './s3-direct.ts'
import { failureOf, s3Error, type Doing } from './s3-errors.ts'
import { s3Settings, type S3Settings } from './s3-place.ts'

/** What one attempt is given: a signal that ends it, and a sign of life to give when bytes have moved. */
export interface Attempt {
  readonly signal: AbortSignal
  /** Attempts so far, this one included. */
  readonly number: number
  /** Bytes moved: the attempt has not stalled. */
  alive(): void
  /** Something is done that need not be done again: the count of attempts without progress begins anew. */
  advanced(): void
}

/** A connection to one store, with our own patience in place of the SDK's. */
export interface S3 {
  readonly client: S3Client
  readonly settings: S3Settings
  readonly readDirectly: ReadDirectly
  /** Memory for parts of uploads that none uses now; all of one size. */
  readonly partBuffers: Uint8Array[]
  /**
   * Does it, again after failures that may pass, one of at most `concurrency` at once. Failures are QuernErrors that name
   * the place, the attempts and the time, except those whose kind `passes` names: they are thrown as they came.
   */
  call<T>(doing: Doing, attempt: (attempt: Attempt) => Promise<T>, passes?: readonly ('missing' | 'unmet')[]): Promise<T>
  /** The same within a call, which holds its place already. */
  inside: S3['call']
}

/** Commands whose checksum is that of the body they send. */
const wholeBodies: ReadonlySet<string> = new Set(['PutObjectCommand', 'UploadPartCommand'])

/**
 * The SDK's own retries are off for every call. A retried conditional write that had succeeded would be answered with
 * "exists already", its author would take itself for the loser; and its retries know nothing of bodies that break off.
 * Its default checksums are off except on AWS: every upload carries our SHA-256, and many stores refuse the others.
 */
export function connect(settings: S3Settings = s3Settings()): S3 {
  const { endpoint, region, pathStyle, concurrency } = settings
  const connectMs = Math.min(5000, settings.stallMs)
  const client = new S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    forcePathStyle: pathStyle,
    maxAttempts: 1,
    requestChecksumCalculation: endpoint === undefined ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Waiting for "100 Continue" is a round trip for every part; what a refused part has sent in vain is at most its 16 MiB.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: connectMs,
      httpAgent: { keepAlive: true, maxSockets: concurrency + 4 },
      httpsAgent: { keepAlive: true, maxSockets: concurrency + 4 },
    },
  })
  // The signature covers the SHA-256 of the body, which stands in its checksum already: the SDK would hash all of it again.
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        const { headers } = args.request as { readonly headers: Record<string, string> }
        const checksum = headers['x-amz-checksum-sha256']
        if (checksum !== undefined && wholeBodies.has(commandName ?? ''))
          headers['x-amz-content-sha256'] = Buffer.from(checksum, 'base64').toString('hex')
        return next(args)
      },
    { step: 'build', name: 'signWithChecksum' },
  )
  const limit = pLimit(concurrency)
  const inside: S3['call'] = (doing, attempt, passes = []) => persist(settings, doing, attempt, passes)
  return {
    client,
    settings,
    readDirectly: directReads(connectMs),
    partBuffers: [],
    inside,
    call: (doing, attempt, passes) => limit(() => inside(doing, attempt, passes)),
  }
}

async function persist<T>(
  { stallMs, attempts, backoffMs, deadlineMs }: S3Settings,
  doing: Doing,
  attempt: (attempt: Attempt) => Promise<T>,
  passes: readonly ('missing' | 'unmet')[],
): Promise<T> {
  const started = performance.now()
  for (let number = 1, fruitless = 1; ; number++, fruitless++) {
    const ending = new AbortController()
    const stalled = setTimeout(() => ending.abort(), stallMs)
    try {
      return await attempt({
        signal: ending.signal,
        number,
        alive: () => void stalled.refresh(),
        advanced: () => void (fruitless = 0),
      })
    } catch (error) {
      const cause = ending.signal.aborted ? new Error(`no byte moved for ${stallMs / 1000} s`) : error
      const failure = failureOf(cause)
      if ((failure === 'missing' || failure === 'unmet') && passes.includes(failure)) throw error
      const spent = performance.now() - started
      if (failure !== 'unclear' || fruitless >= attempts || spent > deadlineMs) throw s3Error(doing, cause, number, spent)
    } finally {
      clearTimeout(stalled)
    }
    // Full jitter: clients that were refused together do not come back together.
    await sleep(Math.random() * backoffMs * Math.min(100, 2 ** Math.max(0, fruitless - 1)))
  }
}
