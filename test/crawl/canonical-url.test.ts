import { expect, test } from 'vitest'
import { canonicalizer } from '../../src/crawl/canonical-url.ts'

const canonical = canonicalizer(['ticket'])

test.each([
  ['HTTP://Example.ORG:80/a/../b#part', 'http://example.org/b'],
  ['https://example.org', 'https://example.org/'],
  ['https://example.org./x?', 'https://example.org/x'],
  ['https://user:secret@example.org/', 'https://example.org/'],
  ['https://bücher.example/%7euser/%e4', 'https://xn--bcher-kva.example/~user/%E4'],
  ['https://example.org/a;jsessionid=0123ABC?b=1&utm_source=x&c=2', 'https://example.org/a?b=1&c=2'],
  ['https://example.org/?PHPSESSID=1', 'https://example.org/'],
  ['https://example.org/?sid=12&x=1', 'https://example.org/?sid=12&x=1'],
  ['https://example.org/?sid=0123456789abcdef0123456789abcdef', 'https://example.org/'],
  ['https://example.org/?s=0123456789abcdef0123456789abcdef&UTM_Nooverride=1&pk_campaign=2&gclsrc=x', 'https://example.org/'],
  ['https://example.org/?s=muehlen2024inBrandenburg', 'https://example.org/?s=muehlen2024inBrandenburg'],
  ['https://example.org/?Ticket=1&b', 'https://example.org/?b'],
  ['../up?q=%2f', 'https://example.org/up?q=%2F'],
])('%s is %s', (written, expected) => {
  expect(canonical(written, 'https://example.org/folder/page')).toBe(expected)
})

test.each(['mailto:a@example.org', 'javascript:void(0)', 'ftp://example.org/', 'http://', 'https://[::1', 'data:text/html,x'])(
  '%s is no address of the web',
  (written) => {
    expect(canonical(written, 'https://example.org/')).toBeUndefined()
  },
)

test('a canonical address stays as it is', () => {
  for (const written of ['https://example.org/a%20b?x=%C3%A9#y', 'http://example.org:8080//a//b/', 'https://example.org/%25%41'])
    expect(canonical(canonical(written)!)).toBe(canonical(written))
})
