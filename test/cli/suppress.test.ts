import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { page } from '../laws/pages.ts'
import { quern, quernJson, root, type RunSummary } from '../quern.ts'

interface Suppressed {
  readonly snapshot: number
  readonly published: boolean
  readonly documents: { readonly kept: number; readonly dropped: number }
  readonly tokens: number
  readonly bySource: Record<string, unknown>
}

interface Story {
  readonly document: string
  readonly outcome: string
  readonly stage: string | null
  readonly rule: string | null
  readonly suppressed: boolean
  readonly url: string | null
}

let folder = ''
let out = ''

/** Twelve pages a night from two sources with a licence each; every third page of a host below example.org. */
function night(number: number): void {
  for (const source of ['open', 'shop']) {
    const rows = Array.from({ length: 6 }, (_, i) => {
      const host = i % 3 === 0 ? 'Blog.Example.org' : `${source}.example`
      return JSON.stringify({
        id: `${number}-${i}`,
        url: `https://${host}/${source}/${number}/${i}?utm_source=x`,
        text: page(number * 100 + i + (source === 'open' ? 0 : 50), 150),
      })
    })
    writeFileSync(join(folder, `${source}-${number}.jsonl`), `${rows.join('\n')}\n`)
  }
}

function pipeline(nights: number, keep = 'first'): string {
  const paths = (source: string): string => JSON.stringify(Array.from({ length: nights }, (_, i) => `${source}-${i}.jsonl`))
  const file = join(folder, `n${nights}-${keep}.yaml`)
  writeFileSync(
    file,
    `name: suppress
sources:
  - { use: jsonl, name: open, licence: CC0-1.0, paths: ${paths('open')} }
  - { use: jsonl, name: shop, licence: unclear, paths: ${paths('shop')} }
stages:
  - { use: language, keep: [de, nl, en, lb, nds, af, da, sv], limits: { default: 0 } }
  - { use: near-duplicates, similarity: 0.8, keep: ${keep} }
  - { use: tokenize, tokenizer: ${join(root, 'data-samples/tokenizer.json')} }
output: { dataset: ./unused, retain-dropped: all }
`,
  )
  return file
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quern-test-'))
  out = join(folder, 'out')
  night(0)
  quernJson<RunSummary>(['run', pipeline(1), '--out', out])
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const why = (which: string): Story => quernJson<Story>(['why', out, which])

describe('quern suppress', () => {
  test('refuses what names nothing', () => {
    expect(quern(['suppress', out]).status).toBe(2)
    expect(quern(['suppress', out, '--host', 'https://a.example/']).err).toContain('without scheme')
    expect(quern(['suppress', out, '--document', 'xyz']).status).toBe(2)
    expect(quern(['suppress', out, '--source', 'shops']).err).toMatch(/has no source "shops"[^]*open, shop/)
    expect(quern(['suppress', out, '--document', '0'.repeat(32)]).err).toContain('has no document')
    expect(quernJson(['suppress', out, '--receipts'])).toEqual({ receipts: [] })
  })

  test('a dry run says what would go and publishes nothing', () => {
    const tried = quernJson<Suppressed>(['suppress', out, '--licence', 'unclear', '--dry-run'])
    expect(tried).toMatchObject({ snapshot: 1, published: false, documents: { kept: 6, dropped: 0 }, bySource: { shop: { documents: 6 } } })
    expect(quernJson<{ snapshots: unknown[] }>(['snapshots', out]).snapshots).toHaveLength(1)
  })

  test('a host and an address go at once, in every snapshot, and verify holds', () => {
    const gone = quernJson<Suppressed>(['suppress', out, '--host', 'example.org', '--url', 'http://open.example/open/0/1', '--reason', 'asked for'])
    expect(gone).toMatchObject({ snapshot: 2, published: true, documents: { kept: 5, dropped: 0 } })
    expect(why('https://Blog.Example.org/shop/0/3?utm_source=x')).toMatchObject({ outcome: 'kept', suppressed: true })
    expect(why('https://open.example/open/0/1?utm_source=x')).toMatchObject({ suppressed: true })
    expect(why('https://open.example/open/0/2?utm_source=x')).toMatchObject({ suppressed: false })
    expect(quern(['why', out, 'https://Blog.Example.org/shop/0/3?utm_source=x', '--snapshot', '1']).out).toContain('no longer given out')
    const pulled = quernJson<{ suppressed: number }>(['pull', out, join(folder, 'pulled'), '--snapshot', '1'])
    expect(pulled.suppressed).toBe(5)
    expect(quernJson(['verify', out])).toMatchObject({ ok: true })
  })

  test('the same again is nothing new; a receipt says what was done', () => {
    expect(quernJson<Suppressed>(['suppress', out, '--host', 'EXAMPLE.org.'])).toMatchObject({ snapshot: 2, published: false })
    const { receipts } = quernJson<{ receipts: unknown[] }>(['suppress', out, '--receipts'])
    expect(receipts).toMatchObject([
      { snapshot: 2, action: 'suppress', reason: 'asked for', documents: { kept: 5 }, criteria: { hosts: ['example.org'] } },
    ])
  })

  test('a later night drops by name what was suppressed, and keeps neither its text nor its address', { timeout: 60_000 }, () => {
    quernJson(['suppress', out, '--source', 'shop'])
    night(1)
    // The suppressed page again, crawled anew under another spelling.
    const again = { id: 'again', url: 'https://open.example/open/0/1#top', text: page(999, 150) }
    writeFileSync(join(folder, 'open-1.jsonl'), `${readFileSync(join(folder, 'open-1.jsonl'), 'utf8')}${JSON.stringify(again)}\n`)
    const summary = quernJson<RunSummary>(['run', pipeline(2), '--out', out])
    expect(summary).toMatchObject({ snapshot: 4, read: 13, kept: 4, dropped: { 'suppressed/host': 2, 'suppressed/source': 6, 'suppressed/url': 1 } })
    expect(quern(['why', out, 'https://shop.example/shop/1/1?utm_source=x']).err).toContain('knows no document')
    expect(why('https://open.example/open/1/1?utm_source=x')).toMatchObject({ outcome: 'kept', suppressed: false })
    expect(quernJson(['verify', out])).toMatchObject({ ok: true })
  })

  test('a rebuild leaves it out too', { timeout: 60_000 }, () => {
    const summary = quernJson<RunSummary>(['run', pipeline(2), '--out', out, '--rebuild'])
    expect(summary).toMatchObject({ snapshot: 5, read: 25, kept: 7 })
    expect(quernJson(['verify', out])).toMatchObject({ ok: true })
  })

  test('where the longest survives, what is suppressed is still nobody’s survivor', { timeout: 120_000 }, () => {
    const held = join(folder, 'held')
    quernJson(['run', pipeline(1, 'longest'), '--out', held])
    quernJson(['suppress', held, '--source', 'shop'])
    const text = page(77, 300)
    for (const [source, more] of [
      ['open', ''],
      ['shop', ' Und noch ein Satz, der diese Fassung länger macht.'],
    ] as const)
      writeFileSync(
        join(folder, `${source}-1.jsonl`),
        `${JSON.stringify({ id: 'same', url: `https://${source}.example/same`, text: text + more })}\n`,
      )
    const summary = quernJson<RunSummary>(['run', pipeline(2, 'longest'), '--out', held])
    expect(summary).toMatchObject({ read: 2, kept: 1, dropped: { 'suppressed/source': 1 } })
  })
})
