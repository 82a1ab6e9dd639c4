import { once } from 'node:events'
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Counts from 0. */
  readonly number: number
}

export type Fault =
  /** The connection breaks before the request gets through. */
  | 'drop-request'
  /** It is done, and the reply is lost. */
  | 'drop-reply'
  /** No reply, ever. */
  | 'stall'
  /** Half the reply's body, and then nothing. */
  | 'stall-body'
  /** Half the reply's body, and the connection breaks. */
  | 'cut-body'
  /** The reply's body comes in chunks, without a length: no fault, and rare. */
  | 'in-chunks'
  /** A byte of what is sent is another one when it arrives. */
  | 'flip-request'
  /** The same of what is answered. */
  | 'flip-reply'
  /** The store takes no notice of If-None-Match and If-Match. */
  | 'ignore-conditions'
  /** The store answers so, without or after doing what it was asked. */
  | { readonly status: number; readonly code: string; readonly done: boolean }

export interface FaultProxy {
  readonly endpoint: string
  /** Since the start, or the last `forget`. */
  readonly asked: readonly Asked[]
  /** Faults that have happened, by name. */
  readonly happened: ReadonlyMap<string, number>
  faults: (asked: Asked) => Fault | undefined
  /** Lets go of what was asked so far: of a year it would fill the memory. */
  forget(): void
  stop(): Promise<void>
}

/** A store that misbehaves as told: requests go through to the real one behind it, except where a fault says otherwise. */
export async function startFaultProxy(upstream: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(upstream)
  const asked: Asked[] = []
  const happened = new Map<string, number>()
  const server = createServer((incoming, outgoing) => {
    const one: Asked = { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers, number: asked.length }
    asked.push(one)
    const fault = proxy.faults(one)
    if (fault !== undefined) {
      const name = typeof fault === 'string' ? fault : `${fault.status} ${fault.code}${fault.done ? ' after doing it' : ''}`
      happened.set(name, (happened.get(name) ?? 0) + 1)
    }
    pass(incoming, outgoing, fault).catch(() => outgoing.destroy())
  })
  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse, fault: Fault | undefined): Promise<void> => {
    const sent = await bodyOf(incoming)
    if (fault === 'drop-request') return void outgoing.destroy()
    if (fault === 'stall') return
    if (typeof fault === 'object' && !fault.done) return refuse(outgoing, fault)
    if (fault === 'flip-request') flip(sent)
    const headers = { ...incoming.headers }
    if (fault === 'ignore-conditions') {
      delete headers['if-none-match']
      delete headers['if-match']
    }
    const forwarded = request({ hostname, port, method: incoming.method, path: incoming.url, headers })
    forwarded.end(sent)
    const [reply] = (await once(forwarded, 'response')) as [IncomingMessage]
    const body = await bodyOf(reply)
    if (fault === 'drop-reply') return void outgoing.destroy()
    if (typeof fault === 'object') return refuse(outgoing, fault)
    if (fault === 'flip-reply') flip(body)
    if (fault === 'in-chunks') {
      delete reply.headers['content-length']
      return void outgoing.writeHead(reply.statusCode ?? 500, reply.headers).end(body)
    }
    outgoing.writeHead(reply.statusCode ?? 500, reply.rawHeaders)
    if (fault === 'stall-body' || fault === 'cut-body') {
      outgoing.write(body.subarray(0, body.length >> 1), () => fault === 'cut-body' && outgoing.destroy())
      return
    }
    outgoing.end(body)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy: FaultProxy = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    happened,
    faults: () => undefined,
    forget: () => void asked.splice(0),
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return proxy
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function flip(bytes: Buffer): void {
  if (bytes.length > 0) bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1)
}

function refuse(outgoing: ServerResponse, { status, code }: { readonly status: number; readonly code: string }): void {
  outgoing.writeHead(status, { 'content-type': 'application/xml' })
  outgoing.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}, as the test wants it.</Message></Error>`)
}
