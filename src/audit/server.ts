import { randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { QuernError, QuernErrors } from '../core/errors.ts'
import { answer, type AuditContext } from './routes.ts'

/** Where the page lies; built by `npm ci` (scripts/bundle-web.mjs). */
const pages = new URL('../../dist/web/', import.meta.url)

const files: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  '/': { file: 'index.html', type: 'text/html; charset=utf-8' },
  '/page.js': { file: 'page.js', type: 'text/javascript; charset=utf-8' },
  '/page.css': { file: 'page.css', type: 'text/css; charset=utf-8' },
}

/** Text of the web is shown here: no script, frame or address but our own, whatever it says. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const headers = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

/** A request larger than this is nobody's label. */
const mostBody = 1 << 20

export interface AuditServer {
  /** With the token, to be opened in a browser. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves the page and its questions on the loopback address alone. Whoever asks must know the token of this start; the
 * host name must be this machine's own, so that a page elsewhere whose name resolves to it learns nothing.
 */
export async function serveAudit(context: AuditContext, port: number): Promise<AuditServer> {
  const token = randomBytes(24).toString('base64url')
  const server = createServer((request, response) => {
    respond(context, token, request, response).catch((error: unknown) => {
      if (!response.headersSent) send(response, error instanceof QuernError || error instanceof QuernErrors ? 400 : 500, problem(error))
      else response.destroy()
    })
  })
  await listen(server, port)
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${bound}/#token=${token}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new QuernError('bad-usage', `listening on 127.0.0.1:${port}: ${cause.message}`, {
          remedy: 'Choose another port with --port, or 0 for a free one.',
          cause,
        }),
      )
    })
    server.listen(port, '127.0.0.1', resolve)
  })
}

async function respond(context: AuditContext, token: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const host = /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/
  if (!host.test(request.headers.host ?? '')) return send(response, 403, { error: 'This page answers its own machine only.' })
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const page = Object.hasOwn(files, url.pathname) ? files[url.pathname] : undefined
  if (page !== undefined && request.method === 'GET') {
    const body = await readFile(new URL(page.file, pages)).catch(() => undefined)
    if (body === undefined) return send(response, 500, { error: 'The page has not been built. Run npm ci.' })
    response.writeHead(200, { ...headers, 'content-type': page.type }).end(body)
    return
  }
  if (!url.pathname.startsWith('/api/')) return send(response, 404, { error: 'There is no such page.' })
  if (!isToken(request.headers['x-quern-token'], token))
    return send(response, 401, { error: 'The address of this page holds a token that is missing here. Open it as the terminal shows it.' })
  const body = request.method === 'POST' ? await readBody(request) : undefined
  const result = await answer(context, `${request.method} ${url.pathname.slice('/api/'.length)}`, url.searchParams, body)
  if (result === undefined) return send(response, 404, { error: 'There is no such question.' })
  if (typeof result === 'string') {
    response.writeHead(200, { ...headers, 'content-type': 'text/csv; charset=utf-8' }).end(result)
    return
  }
  if (result instanceof Uint8Array) {
    response.writeHead(200, { ...headers, 'content-type': 'application/vnd.apache.parquet' }).end(result)
    return
  }
  send(response, 200, result)
}

function isToken(given: string | string[] | undefined, token: string): boolean {
  if (typeof given !== 'string') return false
  const [a, b] = [Buffer.from(given), Buffer.from(token)]
  return a.byteLength === b.byteLength && timingSafeEqual(a, b)
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.byteLength
    if (bytes > mostBody) throw new QuernError('bad-usage', `a request of more than ${mostBody} bytes`)
    parts.push(part)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'))
  } catch (cause) {
    throw new QuernError('bad-usage', 'a request that is not JSON', { cause })
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { ...headers, 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value))
}

/** What the page shows; a bug's own words go to the terminal only. */
function problem(error: unknown): { readonly error: string; readonly remedy?: string } {
  if (error instanceof QuernError) return { error: error.message, ...(error.remedy === undefined ? {} : { remedy: error.remedy }) }
  if (error instanceof QuernErrors) return { error: error.errors.map(String).join('\n') }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return { error: 'Something failed here; the terminal says what.' }
}
