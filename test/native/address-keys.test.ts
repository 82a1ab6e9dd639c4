import { domainToASCII, domainToUnicode } from 'node:url'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { textColumn } from '../../src/core/batch.ts'
import { canonicalizer } from '../../src/crawl/canonical-url.ts'
import { addressKeys, visitParameters } from '../../src/native/document-keys.ts'

function keyOf(address: string): string {
  return Buffer.from(addressKeys(textColumn([address]), [])).toString('hex')
}

/** Letters of the Union's languages in both cases, a combining mark, a letter without a case, digits. */
const label = fc.string({
  unit: fc.constantFrom(...'abxzäÄöÖüÜßẞéÉñÑçÇøØåÅæÆœłŁšŠžŽčČģĢķĶņŅőŐűŰħĦġĠżŻțȚαΑςΣωΩбБжЖщЩїЇ´\u0308日7-'),
  minLength: 1,
  maxLength: 12,
})

test('a host in Unicode, in punycode and in capitals is one host, as Node reads it', () => {
  let converted = 0
  fc.assert(
    fc.property(label, label, (first, second) => {
      const host = `${first}.${second}.example`
      const ascii = domainToASCII(host)
      if (ascii === '') return
      converted += ascii === host ? 0 : 1
      const key = keyOf(`https://${ascii}/a`)
      for (const written of [host, domainToUnicode(ascii), ascii.toUpperCase(), `${host}.`]) expect(keyOf(`https://${written}/a`), written).toBe(key)
    }),
    { numRuns: 500 },
  )
  expect(converted).toBeGreaterThan(100)
})

test('hosts that only look alike have keys of their own', () => {
  const hosts = ['strasse.example', 'straße.example', 'xn--a.example', 'xn--b.example', 'bucher.example', 'bücher.example', 'bûcher.example']
  expect(new Set(hosts.map((host) => keyOf(`https://${host}/`))).size).toBe(hosts.length)
})

test('the crawler and the keys of addresses leave out parameters of the same names', () => {
  const canonical = canonicalizer()
  const page = 'https://example.eu/a?x=1'
  const { always, prefixes, byValue } = visitParameters()
  const session = '0123456789abcdef0123456789abcdef'
  for (const name of [...always, ...prefixes.map((prefix) => `${prefix}abc`), ...byValue])
    for (const spelt of [name, name.toUpperCase()]) {
      const address = `https://example.eu/a?${spelt}=${session}&x=1`
      expect(canonical(address), spelt).toBe(page)
      expect(keyOf(address), spelt).toBe(keyOf(page))
    }
  for (const name of byValue) {
    const address = `https://example.eu/a?${name}=12&x=1`
    expect(canonical(address)).toBe(address)
    expect(keyOf(address)).not.toBe(keyOf(page))
  }
})
