import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { BadReply } from './s3-errors.ts'

/** A request as the SDK has signed it. */
export interface SignedRequest {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>
  readonly headers: Readonly<Record<string, string>>
}

/** A reply without its body, where that went into a sink; an error's body is small and stays. */
export interface Reply {
  readonly status: number
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Takes the body of a reply that succeeds. */
export interface Sink {
  /** Memory for exactly `length` bytes. What it throws ends the request. */
  begin(headers: Reply['headers'], length: number): Uint8Array
  /** So many more bytes lie there. */
  took(bytes: number): void
}

/**
 * Sends a GET and has the kernel write the body where it is wanted. Node's HTTP client makes a buffer for each 64 KiB; at the speed
 * of a local store a third of all CPU time then goes into collecting them, and a copy into putting them together.
 * Undefined for a reply in a form that is rare for bodies (without a length): the SDK may ask again and stream it.
 */
export type ReadDirectly = (request: SignedRequest, sink: Sink, signal: AbortSignal) => Promise<Reply | undefined>

const headBytes = 32 << 10
/** Of what an error says. */
const errorBytes = 64 << 10
/** Stores close idle connections after five seconds or more. */
const idleMs = 3000

interface Connection {
  /** Nothing came back over it for this request: after a pause that is how a store's goodbye looks. */
  readonly silent: boolean
  ask(head: string, sink: Sink, signal: AbortSignal): Promise<Reply | undefined>
}

/** Connections are kept for a moment between requests, as many as there were at once; they do not keep the process alive. */
export function directReads(connectMs: number): ReadDirectly {
  const idle = new Map<string, Connection[]>()

  return async (request, sink, signal) => {
    const origin = `${request.protocol}//${request.hostname}:${request.port ?? ''}`
    const waiting = idle.get(origin) ?? []
    idle.set(origin, waiting)
    const head = headOf(request)
    for (;;) {
      const used = waiting.pop()
      const connection = used ?? openConnection(request, connectMs, waiting)
      try {
        return await connection.ask(head, sink, signal)
      } catch (error) {
        if (used === undefined || !used.silent || signal.aborted) throw error
      }
    }
  }
}

function headOf({ path, query = {}, headers }: SignedRequest): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((one) => (one === null ? encode(name) : `${encode(name)}=${encode(String(one))}`)),
  )
  const target = pairs.length === 0 ? path : `${path}?${pairs.join('&')}`
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const head = [`GET ${target} HTTP/1.1`, ...lines, 'connection: keep-alive']
  // oxlint-disable-next-line no-control-regex -- a line break in a value would begin a header of its own
  if (head.some((line) => /[\0\r\n]/.test(line))) throw new TypeError('a header of a request holds a line break')
  return `${head.join('\r\n')}\r\n\r\n`
}

/** As signatures have it: RFC 3986 without exceptions. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function openConnection({ protocol, hostname, port }: SignedRequest, connectMs: number, idle: Connection[]): Connection {
  const scratch = Buffer.allocUnsafeSlow(headBytes)
  let turn: { readonly sink: Sink; resolve(reply: Reply | undefined): void; reject(error: Error): void } | undefined
  /** Bytes in `scratch` as long as the head is not whole, then in `body`. */
  let filled = 0
  let reply: Omit<Reply, 'body'> | undefined
  let body: Uint8Array | undefined
  let silent = true
  let broken: Error | undefined

  const onread = {
    // The first one is asked for before there is a request, each later one when what came has been looked at.
    buffer: (): Uint8Array => (body ?? scratch).subarray(filled),
    callback(bytes: number): boolean {
      silent = false
      try {
        take(bytes)
      } catch (error) {
        socket.destroy(error as Error)
      }
      return true
    },
  }
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const secure = protocol === 'https:'
  const to = { host, port: port ?? (secure ? 443 : 80), onread }
  const socket: Socket = secure ? connectTls({ ...to, ...(isIP(host) === 0 ? { servername: host } : {}) }) : connectTcp(to)
  const late = setTimeout(() => socket.destroy(new Error(`no connection within ${connectMs / 1000} s`)), connectMs)
  socket
    .once(secure ? 'secureConnect' : 'connect', () => clearTimeout(late))
    .on('timeout', () => socket.destroy())
    .on('error', (error) => void (broken = error))
    .on('close', () => {
      clearTimeout(late)
      const at = idle.indexOf(connection)
      if (at !== -1) idle.splice(at, 1)
      end()?.reject(broken ?? Object.assign(new Error('the connection broke'), { code: 'ECONNRESET' }))
    })

  function take(bytes: number): void {
    if (turn === undefined) throw new BadReply('the store sends what it was not asked for')
    filled += bytes
    if (body === undefined) {
      const at = scratch.subarray(0, filled).indexOf('\r\n\r\n')
      if (at === -1 && filled < headBytes) return
      reply = at === -1 ? undefined : parseHead(scratch.toString('latin1', 0, at))
      const length = reply === undefined ? undefined : bodyLength(reply)
      if (reply === undefined || length === undefined) return leave()
      const came = scratch.subarray(at + 4, filled)
      body = reply.status < 300 ? turn.sink.begin(reply.headers, length) : new Uint8Array(length)
      if (came.byteLength > length) throw new BadReply('the reply has more bytes than it says')
      body.set(came)
      filled = came.byteLength
      bytes = filled
    }
    if (reply === undefined) return
    if (reply.status < 300) {
      turn.sink.took(bytes)
      if (filled === body.byteLength) finish(reply, new Uint8Array(0))
      return
    }
    const text = isChunked(reply) ? unchunk(body.subarray(0, filled)) : filled === body.byteLength ? body : undefined
    if (text !== undefined) finish(reply, text)
    else if (filled === body.byteLength) leave()
  }

  function finish(said: Omit<Reply, 'body'>, text: Uint8Array): void {
    const ended = end()
    if (said.headers['connection']?.toLowerCase() === 'close') socket.destroy()
    else {
      idle.push(connection)
      socket.setTimeout(idleMs).unref()
    }
    ended?.resolve({ ...said, body: text })
  }

  /** For the SDK, which knows every form that a reply can have. */
  function leave(): void {
    end()?.resolve(undefined)
    socket.destroy()
  }

  function end(): typeof turn {
    const ended = turn
    turn = undefined
    body = undefined
    reply = undefined
    filled = 0
    return ended
  }

  const connection: Connection = {
    get silent() {
      return silent
    },
    async ask(head, sink, signal) {
      const abort = (): void => void socket.destroy(new Error('the request was given up'))
      if (signal.aborted || socket.destroyed) throw broken ?? new Error('the connection is closed')
      silent = true
      socket.setTimeout(0).ref()
      signal.addEventListener('abort', abort, { once: true })
      try {
        return await new Promise((resolve, reject) => {
          turn = { sink, resolve, reject }
          socket.write(head, 'latin1')
        })
      } finally {
        signal.removeEventListener('abort', abort)
      }
    },
  }
  return connection
}

/** Undefined for what is no head of HTTP/1.1. */
function parseHead(text: string): Omit<Reply, 'body'> | undefined {
  const [first = '', ...lines] = text.split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})(?: |$)/.exec(first)?.[1] ?? NaN)
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
    if (name === '') return undefined
    const key = name.toLowerCase()
    headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`
  }
  return Number.isNaN(status) ? undefined : { status, headers }
}

/** Bytes of memory for the body; undefined where its end is told in a way that is not known here. */
function bodyLength({ status, headers }: Omit<Reply, 'body'>): number | undefined {
  if (status < 200 || status === 204 || status === 304) return undefined
  // Errors of AWS come in chunks. To ask for them again would add to what it is too busy for.
  if (isChunked({ headers })) return status < 300 ? undefined : errorBytes
  const length = headers['content-length'] ?? ''
  const known = headers['transfer-encoding'] === undefined && /^\d{1,15}$/.test(length)
  return known && (status < 300 || Number(length) <= errorBytes) ? Number(length) : undefined
}

function isChunked({ headers }: Pick<Reply, 'headers'>): boolean {
  return headers['transfer-encoding']?.toLowerCase() === 'chunked'
}

/** Undefined as long as the last chunk is not there (RFC 9112, 7.1), and for what is no chunks, until the memory for them is full. */
function unchunk(raw: Uint8Array): Uint8Array | undefined {
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const chunks: Buffer[] = []
  for (let at = 0; ;) {
    const line = text.indexOf('\r\n', at)
    const length = line === -1 ? NaN : Number.parseInt(text.toString('latin1', at, line), 16)
    if (Number.isNaN(length) || line + 2 + length + 2 > text.byteLength) return undefined
    if (length === 0) return text.indexOf('\r\n\r\n', line) === -1 ? undefined : Buffer.concat(chunks)
    chunks.push(text.subarray(line + 2, line + 2 + length))
    at = line + 2 + length + 2
  }
}
