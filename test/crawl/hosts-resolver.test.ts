import { BlockList } from 'node:net'
import { expect, test } from 'vitest'
import { addRange, isSpecialAddress } from '../../src/core/addresses.ts'
import { openResolver } from '../../src/crawl/hosts-resolver.ts'

function allowing(...ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) addRange(list, range)
  return list
}

const answering =
  (...addresses: readonly string[]) =>
  (): Promise<readonly string[]> =>
    Promise.resolve(addresses)
const ports = [80, 443]

test.each([
  ...['127.0.0.1', '10.1.2.3', '169.254.169.254', '100.64.0.1', '192.168.1.1', '172.31.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255'],
  ...['::1', '::', 'fe80::1', 'fc00::1', 'fd12::1', 'ff02::1', '::ffff:127.0.0.1', '::ffff:a00:1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:db8::1'],
])('%s is no address of a public server', (address) => {
  expect(isSpecialAddress(address)).toBe(true)
})

test.each(['93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:2800:220:1::1', '::ffff:93.184.216.34', '2a00::1'])('%s is', (address) => {
  expect(isSpecialAddress(address)).toBe(false)
})

test.each([
  'http://127.0.0.1/',
  'http://0x7f.1/',
  'http://2130706433/',
  'http://0177.0.0.1/',
  'http://[::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://localhost/',
  'http://metadata.localhost/',
  'http://127.0.0.1.:80/',
])('%s is refused', async (written) => {
  const place = await openResolver({ ports, allowed: allowing() })(new URL(written))
  expect(place).toEqual({ refused: 'private-address' })
})

test('a name is refused when one of its addresses is private, wherever it stands', async () => {
  const url = new URL('https://rebinding.example/')
  expect(await openResolver({ ports, allowed: allowing() }, answering('93.184.216.34', '10.0.0.1'))(url)).toEqual({ refused: 'private-address' })
  expect(await openResolver({ ports, allowed: allowing() }, answering('93.184.216.34'))(url)).toEqual({ address: '93.184.216.34', private: false })
  expect(await openResolver({ ports, allowed: allowing() }, answering())(url)).toEqual({ refused: 'dns' })
})

test('other ports are for listed private addresses', async () => {
  const resolve = openResolver({ ports, allowed: allowing('127.0.0.0/8') }, answering('93.184.216.34'))
  expect(await resolve(new URL('http://example.org:8080/'))).toEqual({ refused: 'port' })
  expect(await resolve(new URL('http://127.0.0.9:8080/'))).toEqual({ address: '127.0.0.9', private: true })
  expect(await resolve(new URL('http://10.0.0.1/'))).toEqual({ refused: 'private-address' })
})

test('what is no range is refused', () => {
  for (const range of ['127.0.0.0/33', 'example.org', '10.0.0.0/8/8', '10.0.0.0/-1', '']) expect(addRange(new BlockList(), range)).toBe(false)
})
