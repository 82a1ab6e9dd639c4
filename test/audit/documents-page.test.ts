import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Label } from '../../src/audit/labels.ts'
import { quernJson, root } from '../quern.ts'
import { expectUsable } from './axe.ts'
import { type Opened, openAudit } from './browser.ts'

/** Human rights in Bulgarian and Greek, in old encodings, and a page that tries all it can to reach `bait`. */
function hostilePage(bait: string): string {
  const words = 'Всички хора се раждат свободни и равни по достойнство и права. '
  const paragraphs = Array.from({ length: 30 }, (_, i) => `<p>${words.repeat(2)} Член ${i + 1} за хората и на народите.</p>`).join('\n')
  return `<html lang="bg"><head><title>Права</title><meta http-equiv="refresh" content="0;url=${bait}/refresh">
<link rel="stylesheet" href="${bait}/style.css"><link rel="preload" as="image" href="${bait}/preload.png"><base href="${bait}/">
<style>body { background: url(${bait}/background.png) } @import url(${bait}/import.css); @font-face { font-family: f; src: url(${bait}/font.woff) } p { font-family: f }</style>
</head><body onload="parent.document.title='owned'">
<nav><a href="${bait}/top" target="_top">Начало</a> <a href="${bait}/self">Контакти</a></nav>
<img src="${bait}/image.png" onerror="parent.document.title='owned'"><script>top.location = '${bait}/script'; parent.document.title = 'owned'</script>
<iframe src="${bait}/frame"></iframe><form action="${bait}/form"><button>Изпрати</button></form><video src="${bait}/video" autoplay></video>
<article><h1>Човешки права</h1>${paragraphs}</article><footer>Всички бисквитки са приети</footer></body></html>`
}

function warc(url: string, charset: string, body: Buffer): Buffer {
  const http = Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=${charset}\r\n\r\n`), body])
  const head = `WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: ${url}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: ${http.byteLength}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), http, Buffer.from('\r\n\r\n')])
}

/** Letters of windows-1251 that are Bulgarian. */
function windows1251(text: string): Buffer {
  return Buffer.from(
    Array.from(text, (letter) => {
      const code = letter.codePointAt(0)!
      return code >= 0x410 && code <= 0x44f ? code - 0x410 + 0xc0 : code
    }),
  )
}

let folder: string
let dataset: string
let pipeline: string
let opened: Opened
let bait: Server
const taken: string[] = []

beforeAll(async () => {
  bait = createServer((request, response) => {
    taken.push(request.url ?? '')
    response.end()
  })
  await new Promise<void>((resolve) => {
    bait.listen(0, '127.0.0.1', resolve)
  })
  folder = mkdtempSync(join(tmpdir(), 'quern-documents-page-'))
  dataset = join(folder, 'out')
  const address = `http://127.0.0.1:${(bait.address() as AddressInfo).port}`
  writeFileSync(join(folder, 'hostile.warc'), warc('http://hostile.example/bg', 'windows-1251', windows1251(hostilePage(address))))
  pipeline = join(folder, 'pipeline.yaml')
  writeFileSync(
    pipeline,
    `name: read
sources:
  - { use: warc, name: hostile, licence: none, paths: ['hostile.warc'] }
  - { use: warc, name: udhr, licence: mixed, paths: ['${root}/data-samples/udhr.warc.gz'] }
stages:
  - use: extract-html
  - use: language
  - { use: gopher-quality, min-words: 60 }
  - use: exact-duplicates
  - { use: tokenize, tokenizer: '${root}/data-samples/tokenizer.json' }
output: { dataset: out, retain-dropped: all }
`,
  )
  quernJson(['run', pipeline, '--out', dataset])
  opened = await openAudit(dataset, ['--pipeline', pipeline])
})

afterAll(async () => {
  await opened.close()
  bait.close()
  rmSync(folder, { recursive: true, force: true })
})

function stored(): Label[] {
  const files = readdirSync(join(dataset, 'labels')).filter((name) => name.endsWith('.json'))
  return files.toSorted().flatMap((name) => (JSON.parse(readFileSync(join(dataset, 'labels', name), 'utf8')) as { labels: Label[] }).labels)
}

test('words are searched, and what is found is read and judged by keys alone', async () => {
  const { page } = opened
  await opened.go('/documents')
  await page.getByLabel('Words in the text').fill('ΑΝΘΡΩΠΙΝΑ δικαιωμα*')
  await page.keyboard.press('Enter')
  await page.getByText('All texts that fit were searched.').waitFor()
  await page.locator('mark').first().waitFor()
  expect((await page.locator('mark').first().innerText()).toLowerCase()).toMatch(/^ανθρ[ωώ]πινα$/)
  await opened.shot('search')
  await expectUsable(opened)
  await page.getByLabel('Words in the text').fill('')
  await page.getByLabel('Measures', { exact: true }).fill('words>=60 words<100000')
  await page.getByLabel('Nearest to the limit of').selectOption('gopher-quality/too-few-words')
  await page.getByLabel('Side').selectOption('above')
  // Until it comes, the list before it stands there.
  const answered = page.waitForResponse((response) => response.url().includes('side=above'))
  await page.getByRole('button', { name: 'Search' }).click()
  await answered
  await page.getByText('documents match').waitFor()
  expect(await page.getByLabel('Nearest to the limit of').inputValue()).toBe('gopher-quality/too-few-words')
  const links = page.getByRole('region', { name: 'Documents' }).getByRole('link')
  const [first, second] = [await links.nth(0).innerText(), await links.nth(1).innerText()]
  await page.getByRole('heading', { level: 1 }).click()
  await page.keyboard.press('n')
  await page.getByRole('heading', { name: first, exact: true }).waitFor()
  await page.locator('summary', { hasText: 'Your judgement' }).click()
  await page.getByLabel('Your name').fill('Ελένη')
  await page.getByLabel('Your name').blur()
  await page.keyboard.press('a')
  await page.keyboard.press('d')
  await page.getByRole('heading', { name: second, exact: true }).waitFor()
  expect(stored()).toMatchObject([{ verdict: 'drop', problems: ['artefacts'], annotator: 'Ελένη', batch: '', blind: false }])
  await page.keyboard.press('b')
  await page.getByRole('heading', { name: first, exact: true }).waitFor()
  await page.getByText('stored', { exact: true }).waitFor()
  expect(await page.getByRole('button', { name: /^drop/ }).getAttribute('aria-pressed')).toBe('true')
  // The key of k on a Bulgarian keyboard says к.
  await page.keyboard.press('c')
  await page.keyboard.type('размислих')
  await page.keyboard.press('Enter')
  await page.locator('body').dispatchEvent('keydown', { key: 'к', code: 'KeyK', bubbles: true })
  await page.getByRole('heading', { name: second, exact: true }).waitFor()
  expect(stored()[1]).toMatchObject({ verdict: 'keep', comment: 'размислих' })
  await page.keyboard.press('?')
  await page.getByText('back to the list', { exact: true }).waitFor()
  await opened.shot('document-keys')
  await expectUsable(opened)
  await page.keyboard.press('Escape')
  await page.getByText('documents match').waitFor()
  expect(opened.complaints).toEqual([])
})

test('an original stands beside its text in its own letters, and reaches nothing', async () => {
  const { page } = opened
  await opened.go('/documents?source=hostile')
  await page.getByText('1 document matches').waitFor()
  await page.keyboard.press('n')
  await page.locator('article').waitFor()
  await page.keyboard.press('o')
  const frame = page.frameLocator('iframe')
  await frame.getByRole('heading', { name: 'Човешки права' }).waitFor()
  expect(await page.getByRole('region', { name: 'Text' }).innerText()).toContain('Всички хора се раждат')
  await frame.getByRole('link', { name: 'Контакти' }).click()
  await frame.getByRole('link', { name: 'Начало' }).click()
  await page.waitForTimeout(500)
  await opened.shot('original')
  expect(await page.title()).toBe('Quern')
  expect(taken).toEqual([])
  expect(new URL(page.url()).hash).toContain('/document?')
  await page.mouse.move(5, 5)
  await page.keyboard.press('v')
  await page.getByText('by extract-html').waitFor()
  const cut = (await page.locator('article del').allInnerTexts()).join(' ')
  expect(cut).toContain('Контакти')
  expect(cut).toContain('бисквитки')
  expect(cut).not.toContain('раждат')
  await opened.shot('cuts')
  await expectUsable(opened)
  await page.keyboard.press('t')
  await page.locator('.token').first().waitFor()
  expect((await page.locator('.token').allTextContents()).join('')).toContain('Всички хора се раждат')
  // What the browser says of what it did not load or follow.
  opened.complaints.splice(0)
})

test('without a pipeline it says so, in German too', async () => {
  const alone = await openAudit(dataset)
  try {
    const { page } = alone
    await page.getByLabel('Texts').selectOption('de')
    await alone.go('/documents?source=hostile')
    await page.getByText('Dokument passt').waitFor()
    await page.keyboard.press('n')
    await page.getByRole('button', { name: 'Original zeigen' }).click()
    await page.getByText('Mit --pipeline liest quern audit Originale aus den Archiven.').waitFor()
    await page.getByRole('button', { name: 'Tokens zeigen' }).click()
    await page.getByText('quern audit mit --pipeline starten').waitFor()
    await alone.go('/labels')
    await page.getByRole('heading', { name: 'Stichprobe ziehen' }).waitFor()
    await alone.shot('labels-german')
    expect(alone.complaints).toEqual([])
  } finally {
    await alone.close()
  }
})
