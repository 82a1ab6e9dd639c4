import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { textColumn } from '../../src/core/batch.ts'
import urlBlocklist from '../../src/stages/filters/url-blocklist.ts'
import { context } from './run-stage.ts'

const folder = mkdtempSync(join(tmpdir(), 'quern-lists-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

const rules = Object.keys(urlBlocklist.rules)

async function judged(config: unknown, urls: readonly string[]): Promise<readonly (string | undefined)[]> {
  const run = await urlBlocklist.open(urlBlocklist.config.parse(config), context)
  const { verdict } = run({ rows: urls.length, columns: { url: textColumn(urls) } })
  return Array.from(verdict!.rule, (rule) => rules[rule])
}

interface Recorded {
  readonly lists: Readonly<Record<'domains' | 'urls' | 'words' | 'soft' | 'sub', readonly string[]>>
  readonly urls: readonly (readonly [string, string | null])[]
}
const recorded = JSON.parse(readFileSync(new URL('address-datatrove.json', import.meta.url), 'utf8')) as Recorded

/** datatrove's names of reasons. */
const reasons: Readonly<Record<string, string>> = {
  domain: 'domain',
  subdomain: 'subdomain',
  url: 'address',
  hard_blacklisted: 'word',
  soft_blacklisted: 'soft-words',
  blacklisted_subword: 'sub-word',
}

describe('like datatrove', () => {
  test('decides every recorded address as URLFilter did', async () => {
    const { domains, urls, words, soft, sub } = recorded.lists
    const found = await judged(
      { like: 'datatrove', domains, urls, words, 'soft-words': soft, 'sub-words': sub },
      recorded.urls.map(([url]) => url),
    )
    const told = recorded.urls.map(([url, reason]) => [url, reason === null ? undefined : reasons[reason]])
    expect(recorded.urls.map(([url], i) => [url, found[i]])).toEqual(told)
  })

  // The facts of datatrove's tests/pipeline/filters, commit a649de79c14a.
  test.each([
    ['https://www.blocked.com/a', 'domain'],
    ['http://deep.below.blocked.com', 'domain'],
    ['https://sub.open.org/', 'subdomain'],
    ['https://below.sub.open.org/', undefined],
    ['https://open.org/', undefined],
    ['https://blocked.cmo/', undefined],
  ])('%s: %s', async (url, rule) => {
    expect(await judged({ like: 'datatrove', domains: ['blocked.com', 'other.net', 'sub.open.org'] }, [url])).toEqual([rule])
  })
})

describe('lists', () => {
  const hosts = '# hosts\n127.0.0.1 localhost\n0.0.0.0 bad.com\twww.bad.com # note\n::1 ip6-localhost\n'

  test('are read plain and packed, as domains and as hosts files', async () => {
    const lists = [
      { file: file('hosts', hosts), holds: 'domains' },
      { file: file('packed.gz', gzipSync('worse.org\r\nco.uk\n')), holds: 'domains' },
      { file: file('words', '#poker\npoker\n'), holds: 'words' },
    ]
    const urls = ['http://a.bad.com', 'http://worse.org', 'http://x.co.uk', 'http://localhost/', 'http://a.org/poker', 'http://a.org']
    expect(await judged({ lists }, urls)).toEqual(['domain', 'domain', undefined, undefined, 'word', undefined])
  })

  test('of a folder of categories', async () => {
    for (const [category, name, content] of [
      ['adult', 'domains', 'bad.com\n'],
      ['adult', 'urls', 'fine.org/bad\n'],
      ['games', 'domains.gz', gzipSync('play.net\n')],
    ] as const) {
      mkdirSync(join(folder, 'ut1', category), { recursive: true })
      writeFileSync(join(folder, 'ut1', category, name), content)
    }
    const urls = ['http://bad.com', 'http://fine.org/bad', 'http://x.play.net']
    expect(await judged({ folders: [join(folder, 'ut1')] }, urls)).toEqual(['domain', 'address', 'domain'])
    expect(await judged({ folders: [join(folder, 'ut1/adult')] }, urls)).toEqual(['domain', 'address', undefined])
    const assets = urlBlocklist.assets!(urlBlocklist.config.parse({ folders: [join(folder, 'ut1')] }), context)
    expect(assets.map((path) => path.slice(folder.length + 5))).toEqual(['adult/domains', 'adult/urls', 'games/domains.gz'])
  })

  test('that were changed are read again', async () => {
    const lists = [{ file: file('changing', 'bad.com\n'), holds: 'domains' }]
    const urls = ['http://bad.com', 'http://other.com']
    expect(await judged({ lists }, urls)).toEqual(['domain', undefined])
    file('changing', 'other.com and more\n')
    expect(await judged({ lists }, urls)).toEqual([undefined, 'domain'])
  })

  test('that are none, damaged or missing are told', async () => {
    expect(() => urlBlocklist.assets!(urlBlocklist.config.parse({}), context)).toThrow(/given no list/)
    expect(() => urlBlocklist.assets!(urlBlocklist.config.parse({ folders: ['/no/such'] }), context)).toThrow(/no folder/)
    const cut = file('cut.gz', gzipSync('bad.com\n'.repeat(1000)).subarray(0, 30))
    await expect(judged({ lists: [{ file: cut, holds: 'domains' }] }, [])).rejects.toMatchObject({ code: 'unsupported-input' })
  })
})

test('a row without an address is not judged', async () => {
  const run = await urlBlocklist.open(urlBlocklist.config.parse({ words: ['a'] }), context)
  const { measures, verdict } = run({ rows: 2, columns: { url: textColumn(['', '-']) } })
  expect([...measures!['url_banned_words']!]).toEqual([NaN, 0])
  expect([...verdict!.rule]).toEqual([-1, -1])
})
