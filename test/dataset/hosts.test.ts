import fc from 'fast-check'
import { expect, test } from 'vitest'
import { textColumn } from '../../src/core/batch.ts'
import { hostPattern, hostsOf } from '../../src/dataset/hosts.ts'

const decoder = new TextDecoder()

function strings(urls: readonly string[]): string[] {
  const { values, offsets } = hostsOf(textColumn(urls))
  return urls.map((_, row) => decoder.decode(values.subarray(offsets[row], offsets[row + 1])))
}

test.each([
  ['https://Example.EU:8080/a?b#c', 'example.eu'],
  ['HTTP://user:pass@www.example.org.', 'www.example.org'],
  ['https://[2001:DB8::1]:80/', '[2001:db8::1]'],
  ['https://ķēķis.example/x', 'ķēķis.example'],
  ['https://ÄRZTE.example', 'Ärzte.example'],
  ['ftp://host', 'host'],
  ['https://?@/a', ''],
  ['//example.org/', ''],
  ['example.org/a', ''],
  ['', ''],
])('the host of %s is %s', (url, host) => {
  expect(strings([url])).toEqual([host])
})

test('whatever the addresses are, each has the host that a reader of strings finds', () => {
  const part = fc.oneof(fc.constantFrom('http', 'https://', '://', '@', ':', '/', '?', '#', '.', '[', ']', 'A', 'é', '文'), fc.string())
  fc.assert(
    fc.property(fc.array(fc.array(part).map((parts) => parts.join(''))), (urls) => {
      const wanted = urls.map((url) =>
        (hostPattern.exec(url.toWellFormed())?.[1] ?? '').replace(/[A-Z]/g, (c) => c.toLowerCase()).replace(/\.+$/, ''),
      )
      expect(strings(urls)).toEqual(wanted)
    }),
  )
})
