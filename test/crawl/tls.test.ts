import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { loadCrawl } from '../../src/config/crawl-file.ts'
import { QuernErrors } from '../../src/core/errors.ts'
import { type Certificate, makeAuthority } from './certificates.ts'
import { crawlFile, folder, runFile, warcRecords } from './crawling.ts'
import { page } from './site/site.ts'

/** Names that end in `.localhost`, each with a certificate of its own; `asked` are the requests that came through. */
async function serve(certificates: Readonly<Record<string, Certificate>>): Promise<{ readonly port: number; readonly asked: readonly string[] }> {
  const asked: string[] = []
  const contexts = new Map(Object.entries(certificates).map(([name, certificate]) => [name, createSecureContext(certificate)]))
  const first = Object.values(certificates)[0]!
  const server = createServer({ ...first, SNICallback: (name, done) => done(null, contexts.get(name)) }, (request, response) => {
    asked.push(`${request.headers.host!.split(':')[0]}${request.url}`)
    const reply = request.url === '/' ? page('home', ['/next']) : request.url === '/next' ? page('next', []) : { status: 404 }
    response.writeHead(reply.status ?? 200, { 'Content-Type': 'text/html' }).end(reply.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, asked }
}

test('a page is fetched only behind a certificate that holds, and each fault has its name', async () => {
  const at = await folder()
  const ours = makeAuthority(at, 'ours')
  const theirs = makeAuthority(at, 'theirs')
  const { port, asked } = await serve({
    'good.localhost': ours.issue('good', 'DNS:good.localhost,IP:127.0.0.1'),
    'expired.localhost': ours.issue('expired', 'DNS:expired.localhost', { expired: true }),
    'wrong.localhost': ours.issue('wrong', 'DNS:good.localhost'),
    'selfmade.localhost': ours.issue('selfmade', 'DNS:selfmade.localhost', { selfSigned: true }),
    'stranger.localhost': theirs.issue('stranger', 'DNS:stranger.localhost'),
  })
  const names = ['good.localhost', '127.0.0.1', 'expired.localhost', 'wrong.localhost', 'selfmade.localhost', 'stranger.localhost']
  const file = await crawlFile(
    at,
    names.map((name) => `https://${name}:${port}/`),
    { authorities: ['ours.pem'], politeness: { floor: '0ms', 'per-address': false } },
  )
  const report = await runFile(file)
  expect(report.failed).toEqual({ 'tls-expired': 1, 'tls-wrong-host': 1, 'tls-self-signed': 1, 'tls-unknown-authority': 1 })
  expect(report).toMatchObject({ fetched: 4, denied: {} })
  expect(report.left).toEqual({
    [`expired.localhost:${port}`]: 'tls-expired',
    [`wrong.localhost:${port}`]: 'tls-wrong-host',
    [`selfmade.localhost:${port}`]: 'tls-self-signed',
    [`stranger.localhost:${port}`]: 'tls-unknown-authority',
  })
  expect(new Set(asked.map((one) => one.split('/')[0]))).toEqual(new Set(['127.0.0.1', 'good.localhost']))
  const records = warcRecords(report.warcs.map((key) => join(at, 'out', key)))
  expect(
    records
      .filter(({ type }) => type === 'response')
      .map(({ url }) => url)
      .sort(),
  ).toEqual(['127.0.0.1', 'good.localhost'].flatMap((name) => [`https://${name}:${port}/`, `https://${name}:${port}/next`]).sort())
}, 60_000)

test('without the authority nothing is fetched, and a file that holds none is a mistake with its place', async () => {
  const at = await folder()
  const { port, asked } = await serve({ 'good.localhost': makeAuthority(at, 'ours').issue('good', 'DNS:good.localhost') })
  const seeds = [`https://good.localhost:${port}/`]
  expect(await runFile(await crawlFile(at, seeds))).toMatchObject({ fetched: 0, failed: { 'tls-unknown-authority': 1 } })
  expect(asked).toEqual([])
  writeFileSync(join(at, 'empty.pem'), 'nothing')
  writeFileSync(join(at, 'broken.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
  const wrong = await loadCrawl(await crawlFile(at, seeds, { authorities: ['empty.pem', 'broken.pem', 'gone.pem'] })).catch((error: unknown) => error)
  expect(wrong).toBeInstanceOf(QuernErrors)
  expect((wrong as QuernErrors).errors.map(({ message }) => message.split(' cannot')[0])).toEqual([
    'authorities.0: empty.pem',
    'authorities.1: broken.pem',
    'authorities.2: gone.pem',
  ])
})
