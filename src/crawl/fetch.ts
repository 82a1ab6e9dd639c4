import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { now } from './clock.ts'

/** What one request may cost. */
export interface FetchLimits {
  /** Most bytes of a body as sent; what follows is cut off. */
  readonly bytes: number
  readonly milliseconds: number
  /** Rest before the request is made once more because an idle connection had been closed. */
  readonly pause: number
}

/** An answer as it came, with the request that led to it: what a WARC file needs. */
export interface Answer {
  readonly url: string
  readonly address: string
  readonly started: number
  /** Until the last byte. */
  readonly milliseconds: number
  readonly status: number
  readonly request: string
  /** Status line and headers as sent, up to and without the empty line. */
  readonly head: string
  readonly headers: IncomingMessage['headers']
  /** Without the transfer coding; content codings are left in place. */
  readonly body: Uint8Array
  /** More was coming than the limit allows. */
  readonly truncated: boolean
}

/** Why there is no answer; `reason` is a word that reports count by. */
export class FetchFailure extends Error {
  readonly reason: string
  readonly milliseconds: number

  constructor(reason: string, message: string, milliseconds: number) {
    super(message)
    this.reason = reason
    this.milliseconds = milliseconds
  }
}

/** The crawl ends before the answer; nothing is known of the address. */
export class Stopped extends Error {}

export interface Fetcher {
  /** One GET to an address that was vetted before; redirections are answers, never followed here. Throws FetchFailure, or Stopped. */
  fetch(url: URL, address: string, limits: FetchLimits, extra?: Readonly<Record<string, string>>): Promise<Answer>
  /** Ends connections; requests that are under way throw Stopped. */
  close(): void
}

/** Idle connections are kept for this long; servers close theirs after five seconds and more. */
const idleMilliseconds = 4000

/** Larger heads are attacks. */
const maxHeaderSize = 64 << 10

/** `authorities`: certificates in PEM that are trusted besides the system's. */
export function openFetcher(userAgent: string, authorities: readonly string[] = []): Fetcher {
  const agentOptions = { keepAlive: true, maxSockets: Infinity, maxFreeSockets: 512, timeout: idleMilliseconds } as const
  const plain = new HttpAgent(agentOptions)
  const ca = authorities.length === 0 ? undefined : [...trusted(), ...authorities]
  const secure = new HttpsAgent({ ...agentOptions, ca })
  /** Ends the waits of requests that are under way. */
  const underWay = new Set<() => void>()
  let closed = false

  async function once(
    url: URL,
    address: string,
    limits: FetchLimits,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer & { reused: boolean }> {
    const started = now()
    const path = `${url.pathname}${url.search}`
    const encrypted = url.protocol === 'https:'
    return new Promise((fulfil, reject) => {
      const options: RequestOptions & { servername?: string } = {
        // The vetted address itself: a name resolved once more here could be another one.
        host: address,
        port: url.port === '' ? (encrypted ? 443 : 80) : Number(url.port),
        path,
        headers,
        setDefaultHeaders: false,
        agent: encrypted ? secure : plain,
        maxHeaderSize,
        ...(encrypted ? { servername: isAddress(url.hostname) ? '' : url.hostname } : {}),
      }
      const request = (encrypted ? httpsRequest : httpRequest)(options)
      let done = false
      const end = (): boolean => {
        if (done) return false
        done = true
        clearTimeout(timer)
        underWay.delete(stop)
        return true
      }
      const fail = (reason: string, message: string): void => {
        if (!end()) return
        request.destroy()
        const failure = new FetchFailure(reason, message, now() - started)
        reject(Object.assign(failure, { reused: request.reusedSocket }))
      }
      const stop = (): void => {
        if (end()) reject(new Stopped())
        request.destroy()
      }
      underWay.add(stop)
      const timer = setTimeout(() => fail('timeout', `no whole answer in ${limits.milliseconds} ms`), limits.milliseconds)
      request.on('error', (error: NodeJS.ErrnoException) => fail(reasonOf(error), error.message))
      request.on('response', (response) => {
        const chunks: Uint8Array[] = []
        let bytes = 0
        const finish = (truncated: boolean): void => {
          if (!end()) return
          const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
          fulfil({
            url: url.href,
            address,
            started,
            milliseconds: now() - started,
            status: response.statusCode ?? 0,
            request: `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`,
            head: headOf(response),
            headers: response.headers,
            body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks),
            truncated,
            reused: request.reusedSocket,
          })
        }
        response.on('data', (chunk: Uint8Array) => {
          bytes += chunk.byteLength
          if (bytes <= limits.bytes) {
            chunks.push(chunk)
            return
          }
          chunks.push(chunk.subarray(0, chunk.byteLength - (bytes - limits.bytes)))
          finish(true)
          request.destroy()
        })
        response.on('end', () => (response.complete ? finish(false) : fail('cut-off', 'the connection ended before the answer')))
        response.on('error', (error) => fail('cut-off', error.message))
        response.on('aborted', () => fail('cut-off', 'the connection ended before the answer'))
      })
      request.end()
    })
  }

  return {
    async fetch(url, address, limits, extra = {}) {
      const headers = {
        Host: url.host,
        'User-Agent': userAgent,
        Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5',
        // Readers of archives undo gzip; of Brotli many make nothing, and warcio's own check fails on it.
        'Accept-Encoding': 'gzip',
        Connection: 'keep-alive',
        ...extra,
      }
      try {
        return await once(url, address, limits, headers)
      } catch (error) {
        // A server may close an idle connection in the moment in which it is used again. It may also have read the request
        // and said nothing: the pause is kept, for all one can know.
        const { reason, reused } = error as FetchFailure & { reused?: boolean }
        if (reused !== true || reason !== 'connection-reset') throw error
        await sleep(limits.pause)
        if (closed) throw new Stopped()
        return once(url, address, limits, headers)
      }
    },
    close() {
      closed = true
      for (const stop of underWay) stop()
      plain.destroy()
      secure.destroy()
    },
  }
}

/** What is trusted where nothing is named: naming anything replaces it. Node 22.13 cannot tell what its environment adds. */
function trusted(): readonly string[] {
  return typeof tls.getCACertificates === 'function' ? tls.getCACertificates('default') : tls.rootCertificates
}

function headOf(response: IncomingMessage): string {
  const lines = [`HTTP/${response.httpVersion} ${response.statusCode} ${response.statusMessage ?? ''}`.trimEnd()]
  const raw = response.rawHeaders
  for (let i = 0; i + 1 < raw.length; i += 2) {
    // The body is kept without its transfer coding, so a reader must not undo it once more.
    const name = raw[i]!.toLowerCase() === 'transfer-encoding' ? `X-Crawler-${raw[i]}` : raw[i]
    lines.push(`${name}: ${raw[i + 1]}`)
  }
  return lines.join('\r\n')
}

function isAddress(hostname: string): boolean {
  return hostname.startsWith('[') || /^\d+(?:\.\d+){3}$/.test(hostname)
}

function reasonOf({ code = '', message }: NodeJS.ErrnoException): string {
  if (code === 'ECONNREFUSED') return 'connection-refused'
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'connection-reset'
  if (code === 'ETIMEDOUT') return 'timeout'
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'EADDRNOTAVAIL') return 'unreachable'
  if (code.startsWith('HPE_')) return 'bad-http'
  if (certificateReasons[code] !== undefined) return certificateReasons[code]
  if (code === 'EPROTO' || code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || code.includes('CERT') || message.includes('certificate'))
    return 'tls'
  return 'connection'
}

/** What is wrong with a certificate, by the codes of OpenSSL that sites make. */
const certificateReasons: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'tls-expired',
  CERT_NOT_YET_VALID: 'tls-not-yet-valid',
  CERT_REVOKED: 'tls-revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls-wrong-host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls-self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls-unknown-authority',
  UNABLE_TO_GET_ISSUER_CERT: 'tls-unknown-authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls-unknown-authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls-unknown-authority',
}
