import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BlockList } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openFetcher } from '../../src/crawl/fetch.ts'
import { openResolver } from '../../src/crawl/hosts-resolver.ts'
import { folder, run, site } from './crawling.ts'
import { page } from './site/site.ts'

test('an address that must not be asked is refused as a link, behind a redirection, and behind that of a robots.txt', async () => {
  const served = await site(
    (target) => {
      const inside = served.origin(2)
      if (target === '/')
        return page('home', [
          '/moved',
          `${inside}/linked`,
          'http://169.254.169.254/latest/meta-data',
          'http://[::1]/',
          'file:///etc/passwd',
          'ftp://127.0.0.1/',
          '//0x7f.2/',
        ])
      return target === '/moved' ? { status: 302, headers: { Location: `${inside}/admin` } } : undefined
    },
    () => page('inside', []),
    (target) => (target === '/robots.txt' ? { status: 301, headers: { Location: `${served.origin(2)}/robots.txt` } } : page('home', [])),
  )
  const report = await run(await folder(), [served.origin(1), served.origin(3)], { private: ['127.0.0.1', '127.0.0.3/32'], scope: { within: 'any' } })
  expect(served.seen.filter(({ host }) => host === '127.0.0.2')).toEqual([])
  expect(served.seen.filter(({ host }) => host === '127.0.0.3').map(({ target }) => target)).toEqual(['/robots.txt'])
  expect(report).toMatchObject({ fetched: 1, redirected: 1, denied: { 'private-address': 5, 'robots-unreachable': 1 } })
})

test('the request goes to the address that was looked at, whatever the name means meanwhile', async () => {
  const hosts: string[] = []
  const server = createServer((request, response) => {
    hosts.push(request.headers.host!)
    response.end('here')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const fetcher = openFetcher('QuernBot/0.1 (crawl@example.org)')
  const limits = { bytes: 1000, milliseconds: 5000, pause: 0 }
  // A name that no resolver knows: whoever asked one would fail.
  const answer = await fetcher.fetch(new URL(`http://rebinding.invalid:${port}/`), '127.0.0.1', limits)
  fetcher.close()
  expect([Buffer.from(answer.body).toString(), answer.address, hosts]).toEqual(['here', '127.0.0.1', [`rebinding.invalid:${port}`]])
})

test('a name that turns private is refused when it is asked for again', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const answers = [['93.184.216.34'], ['10.0.0.1']]
  const resolve = openResolver({ ports: [80], allowed: new BlockList() }, () => Promise.resolve(answers.shift()!))
  const url = new URL('http://rebinding.example/')
  expect(await resolve(url)).toEqual({ address: '93.184.216.34', private: false })
  expect(await resolve(url)).toEqual({ address: '93.184.216.34', private: false })
  vi.advanceTimersByTime(301_000)
  expect(await resolve(url)).toEqual({ refused: 'private-address' })
})
