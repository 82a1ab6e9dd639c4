import { once } from 'node:events'
import { createServer as createSecureServer } from 'node:https'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { readFileSync } from 'node:fs'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { expect, onTestFinished, test, vi } from 'vitest'
import { makeAuthority } from '../crawl/certificates.ts'
import { scratch } from '../quern.ts'
import { directReads, type Sink, type SignedRequest } from '../../src/storage/s3-direct.ts'

/** A server that does with each request of each connection what it is told; requests are counted over all of them. */
async function scripted(
  answer: (socket: Socket, request: string, number: number) => void,
): Promise<{ request: SignedRequest; heads: string[]; sockets: Socket[] }> {
  const heads: string[] = []
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      heads.push(data.toString('latin1'))
      answer(socket, data.toString('latin1'), heads.length - 1)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    request: { protocol: 'http:', hostname: '127.0.0.1', port, path: '/b/a%20key', query: { 'x-id': 'Get(1)' }, headers: { host: 'h' } },
    heads,
    sockets,
  }
}

function memory(): Sink & { bytes: Uint8Array; came: number } {
  const sink = {
    bytes: new Uint8Array(0),
    came: 0,
    begin: (_: unknown, length: number) => (sink.bytes = new Uint8Array(length)),
    took: (bytes: number) => void (sink.came += bytes),
  }
  return sink
}

const forever = new AbortController().signal
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const closed = (socket: Socket | undefined): Promise<void> => vi.waitFor(() => expect(socket?.destroyed).toBe(true), 5000)
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

test('bodies come whole, however they are cut, over one connection', async () => {
  const body = Buffer.alloc(3_000_000, 'abcdefgh')
  const { request, heads, sockets } = await scripted((socket, _, number) => {
    const reply = Buffer.concat([
      Buffer.from(`HTTP/1.1 206 Partial Content\r\nContent-Length: ${body.length}\r\nETag:  "x" \r\nX-A: 1\r\nX-A: 2\r\n\r\n`),
      body,
    ])
    const cuts = number === 0 ? [20, 70, 110, 200, 40_000] : []
    void (async () => {
      for (const [i, from] of [0, ...cuts].entries()) {
        socket.write(reply.subarray(from, cuts[i] ?? reply.length))
        await pause(5)
      }
    })()
  })
  const read = directReads(1000)
  for (let i = 0; i < 3; i++) {
    const sink = memory()
    expect(await read(request, sink, forever)).toMatchObject({ status: 206, headers: { etag: '"x"', 'x-a': '1, 2' } })
    expect(sink.came).toBe(body.length)
    expect(Buffer.compare(sink.bytes, body)).toBe(0)
  }
  expect(sockets).toHaveLength(1)
  expect(heads[0]).toBe('GET /b/a%20key?x-id=Get%281%29 HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n\r\n')
})

test('requests at once have connections of their own, which are used again', async () => {
  const { request, sockets } = await scripted((socket) => setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), 20))
  const read = directReads(1000)
  for (let i = 0; i < 3; i++) await Promise.all([0, 1, 2].map(() => read(request, memory(), forever)))
  expect(sockets).toHaveLength(3)
})

test('a connection that the store has closed meanwhile is no failure, one that breaks in a reply is', async () => {
  const { request, heads, sockets } = await scripted((socket, _, number) => {
    if (number === 1) socket.resetAndDestroy()
    else if (number === 3) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')
    else socket.write(`HTTP/1.1 200 OK\r\n${number === 2 ? 'Connection: close\r\n' : ''}Content-Length: 4\r\n\r\nfull`)
  })
  const read = directReads(1000)
  await read(request, memory(), forever)
  const sink = memory()
  await read(request, sink, forever) // the reset of request 1 is not seen
  expect([heads.length, sockets.length, text(sink.bytes)]).toEqual([3, 2, 'full'])
  const cut = memory()
  await expect(read(request, cut, forever)).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect([cut.came, text(cut.bytes.subarray(0, 4))]).toEqual([4, 'half'])
})

test('what an error says comes with it, in chunks too', async () => {
  const replies = [
    'HTTP/1.1 404 Not Found\r\nContent-Length: 7\r\n\r\n<Error>',
    'HTTP/1.1 503 Slow Down\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<Er\r\n4;x=y\r\nror>\r\n0\r\n\r\n',
    'HTTP/1.1 416 \r\nContent-Length: 0\r\n\r\n',
  ]
  const { request, sockets } = await scripted((socket, _, number) => {
    const reply = replies[number] ?? ''
    socket.write(reply.slice(0, -3))
    setTimeout(() => socket.write(reply.slice(-3)), 10)
  })
  const read = directReads(1000)
  const said: unknown[] = []
  for (let i = 0; i < 3; i++) {
    const reply = await read(request, memory(), forever)
    said.push([reply?.status, text(reply?.body ?? new Uint8Array(0))])
  }
  expect(said).toEqual([
    [404, '<Error>'],
    [503, '<Error>'],
    [416, ''],
  ])
  expect(sockets).toHaveLength(1)
})

test.each([
  ['a body in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
  ['a body without a length', 'HTTP/1.1 200 OK\r\n\r\nok'],
  ['an older protocol', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['a reply before the reply', 'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['a head without end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(40_000)}`],
  ['an error as long as a book', `HTTP/1.1 500 No\r\nContent-Length: 1000000\r\n\r\n`],
  ['an error in chunks without end', `HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n${'x'.repeat(70_000)}`],
])('%s is left to the SDK', async (_, reply) => {
  const { request, sockets } = await scripted((socket) => socket.write(reply))
  expect(await directReads(1000)(request, memory(), forever)).toBeUndefined()
  await closed(sockets[0])
})

test('more bytes than were announced, or unasked for, end the connection', async () => {
  const { request, sockets } = await scripted((socket, _, number) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok${number === 0 ? '!' : ''}`)
    if (number === 1) setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil'), 20)
  })
  const read = directReads(1000)
  await expect(read(request, memory(), forever)).rejects.toMatchObject({ name: 'BadReply' })
  await read(request, memory(), forever)
  await closed(sockets[1])
  const sink = memory()
  await read(request, sink, forever)
  expect([sockets.length, text(sink.bytes)]).toEqual([3, 'ok'])
})

test('a request that is given up frees its connection at once, and what a sink refuses is its own error', async () => {
  const { request, sockets } = await scripted(
    (socket, _, number) => void (number === 1 && socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')),
  )
  const read = directReads(1000)
  const ending = new AbortController()
  const waiting = read(request, memory(), ending.signal)
  setTimeout(() => ending.abort(), 20)
  await expect(waiting).rejects.toThrow('given up')
  await closed(sockets[0])
  const refusing: Sink = {
    begin() {
      throw new RangeError('no room')
    },
    took: () => undefined,
  }
  await expect(read(request, refusing, forever)).rejects.toThrow('no room')
  await expect(read({ ...request, headers: { host: 'h\r\nevil: 1' } }, memory(), forever)).rejects.toThrow('line break')
})

test('over TLS the certificate is checked, and the bytes are the same', async () => {
  const authority = makeAuthority(scratch(), 'authority')
  const body = Buffer.alloc(5_000_000, 'tls bytes ')
  const server = createSecureServer(authority.issue('store', 'DNS:localhost'), (_, reply) => {
    reply.writeHead(200, { 'content-length': body.length }).end(body)
  }).listen(0)
  await once(server, 'listening')
  const before = getCACertificates('default')
  onTestFinished(() => {
    setDefaultCACertificates(before)
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const request = { protocol: 'https:', hostname: 'localhost', port, path: '/', headers: { host: 'localhost' } }
  const read = directReads(2000)
  await expect(read(request, memory(), forever)).rejects.toMatchObject({ code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO/) as string })
  setDefaultCACertificates([...before, readFileSync(authority.file, 'utf8')])
  const sink = memory()
  expect(await read(request, sink, forever)).toMatchObject({ status: 200 })
  expect(Buffer.compare(sink.bytes, body)).toBe(0)
  await expect(read({ ...request, hostname: '127.0.0.1' }, memory(), forever)).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
})
