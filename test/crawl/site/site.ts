import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a host answers for a path and query; undefined: 404. */
export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Milliseconds until the answer begins. */
  readonly after?: number
  /** The connection is closed in the middle of the body. */
  readonly cut?: boolean
  /** The connection is closed without a word. */
  readonly dead?: boolean
  /** The whole answer, octet for octet (Latin-1); nothing else counts then. */
  readonly raw?: string
}

export type HostScript = (target: string, request: IncomingMessage) => Reply | undefined

/** A request as the server saw it; times in milliseconds of `performance.now`. */
export interface Seen {
  readonly host: string
  readonly target: string
  readonly at: number
  /** When the answer had been handed over, or its connection was gone; 0 until then. */
  ended: number
  readonly headers: IncomingMessage['headers']
  /** 0 where the answer was none, or not a whole one. */
  readonly status: number
  /** Milliseconds that the answer asked to wait, from `at` on; 0 when it did not ask. */
  readonly retryAfter: number
}

export interface Site {
  readonly seen: readonly Seen[]
  /** `http://127.0.0.3:PORT` of a host by its number, from 1. */
  origin(host: number): string
  close(): Promise<void>
}

/** Hosts on 127.0.0.1, 127.0.0.2, ... that share a port, each with a script of its own. */
export async function serveSite(scripts: readonly HostScript[]): Promise<Site> {
  const seen: Seen[] = []
  const servers: Server[] = []
  let port = 0
  for (const [i, script] of scripts.entries()) {
    const host = `127.0.0.${i + 1}`
    const server = createServer((request, response) => void answer(host, script, request, response, seen))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
    port = (server.address() as AddressInfo).port
    servers.push(server)
  }
  return {
    seen,
    origin: (host) => `http://127.0.0.${host}:${port}`,
    async close() {
      for (const server of servers) server.closeAllConnections()
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
    },
  }
}

async function answer(host: string, script: HostScript, request: IncomingMessage, response: ServerResponse, seen: Seen[]): Promise<void> {
  const target = request.url ?? '/'
  const reply = script(target, request) ?? { status: 404, headers: { 'Content-Type': 'text/html' }, body: '<p>There is nothing here.' }
  const status = reply.dead === true || reply.cut === true ? 0 : (reply.status ?? 200)
  const entry: Seen = {
    host,
    target,
    at: performance.now(),
    ended: 0,
    headers: request.headers,
    status,
    retryAfter: asksFor(reply.headers?.['Retry-After']),
  }
  seen.push(entry)
  response.once('close', () => (entry.ended ||= performance.now()))
  if (reply.after !== undefined) await new Promise((resolve) => setTimeout(resolve, reply.after))
  if (reply.dead === true) {
    request.socket.destroy()
    return
  }
  if (reply.raw !== undefined) {
    request.socket.end(reply.raw, 'latin1')
    return
  }
  response.writeHead(reply.status ?? 200, { 'Content-Type': 'text/html; charset=utf-8', ...reply.headers })
  if (reply.cut === true) {
    response.write('<html>')
    // Not before it is on its way.
    setTimeout(() => response.socket?.destroy(), 50)
    return
  }
  // Taken before it is sent: the next request of the same crawler must not seem to come before the end of this one.
  entry.ended = performance.now()
  response.end(reply.body ?? '')
}

function asksFor(retryAfter: string | undefined): number {
  if (retryAfter === undefined) return 0
  return /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Math.max(0, Date.parse(retryAfter) - Date.now())
}

/** A page with links, and as much text as a page has. */
export function page(title: string, links: readonly string[], language = 'en'): Reply {
  const text = `The page about ${title} says what there is to say about ${title}. `.repeat(12)
  const list = links.map((link) => `<li><a href="${link}">${link}</a>`).join('')
  return {
    body: `<!doctype html><html lang="${language}"><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p><ul>${list}</ul></body></html>`,
  }
}
