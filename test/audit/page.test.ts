import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tmpdir } from 'node:os'
import { quernJson, root, type RunSummary } from '../quern.ts'
import { expectUsable } from './axe.ts'
import { type Opened, openAudit } from './browser.ts'

/** A page as hostile as one of the web can be: what it says must be read, and never run. */
const hostile = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script> ${germanText()}`

let folder: string
let dataset: string
let pipeline: string
let opened: Opened

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quern-audit-'))
  dataset = join(folder, 'out')
  writeFileSync(
    join(folder, 'hostile.jsonl'),
    [hostile, `${hostile} Und noch ein Satz.`]
      .map((text, i) => JSON.stringify({ url: `https://hostile.example/${i}"><script>document.title='owned'</script>`, text }))
      .join('\n'),
  )
  pipeline = join(folder, 'pipeline.yaml')
  const written = (quality: string) => `name: audited
sources:
  - { use: warc, name: udhr, licence: mixed, paths: ['${root}/data-samples/udhr.warc.gz'] }
  - { use: warc, name: hard-cases, licence: mixed, paths: ['${root}/data-samples/hard-cases.warc.gz'] }
  - { use: jsonl, name: hostile, licence: none, paths: ['hostile.jsonl'] }
stages:
  - use: extract-html
  - use: language
  - { use: gopher-quality${quality} }
  - use: exact-duplicates
  - { use: near-duplicates, similarity: 0.7 }
  - { use: tokenize, tokenizer: '${root}/data-samples/tokenizer.json' }
output: { dataset: out, retain-dropped: all }
`
  writeFileSync(pipeline, written(''))
  quernJson<RunSummary>(['run', pipeline, '--out', dataset])
  writeFileSync(pipeline, written(', min-words: 400'))
  quernJson<RunSummary>(['run', pipeline, '--out', dataset, '--rebuild'])
  opened = await openAudit(dataset, ['--pipeline', pipeline])
})

afterAll(async () => {
  await opened.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('the audit page', () => {
  test('shows from read to kept, drop rates and shifts', async () => {
    const { page } = opened
    await page.getByRole('heading', { name: 'From read to kept' }).waitFor()
    await page.getByRole('img', { name: 'Drop rates, languages by sources' }).waitFor()
    expect(await page.getByRole('link', { name: 'too-few-words' }).first().isVisible()).toBe(true)
    await opened.shot('overview')
    await expectUsable(opened)
  })

  test('tries another limit, says what would move, and proposes the change of the file', async () => {
    const { page } = opened
    await opened.go('/rules')
    await page.getByRole('link', { name: 'gopher-quality/too-few-words' }).click()
    const all = page.getByLabel('Limit for all languages')
    await all.waitFor()
    expect(await all.inputValue()).toBe('400')
    await all.fill('900')
    await page.getByText('leave (before deduplication, exact)').waitFor()
    const leave = Number((await page.locator('dl.figures dd').nth(1).innerText()).replaceAll(',', ''))
    const run = quernJson<{ moves: { from: string; documents: number }[] }>(['diff', dataset, '2', limitOf(900), '--top', '500'])
    expect(leave).toBe(run.moves.filter(({ from }) => from === 'passes').reduce((sum, { documents }) => sum + documents, 0))
    await page.getByRole('button', { name: 'Show the change of files' }).click()
    await page.locator('pre').waitFor()
    const patch = await page.locator('pre').innerText()
    expect(patch).toContain('-  - { use: gopher-quality, min-words: 400 }\n+  - { use: gopher-quality, min-words: 900 }')
    expect(readFileSync(pipeline, 'utf8')).toContain('min-words: 400')
    await opened.shot('rule')
    await expectUsable(opened)
    const range = page.getByRole('slider', { name: 'Limit mt' })
    await page.getByRole('button', { name: 'Back to the limits in force' }).click()
    await range.focus()
    await page.keyboard.press('End')
    await page.getByText('leave (before deduplication, exact)').waitFor()
    await page.getByText('just over the line', { exact: false }).waitFor()
  })

  test('shows a document with its original, tokens, measures, and against its survivor; nothing hostile runs', async () => {
    const { page } = opened
    await opened.go('/documents?language=el')
    await page.getByText('documents match').waitFor()
    await page.getByRole('region', { name: 'Documents' }).getByRole('link').first().click()
    await page.getByRole('button', { name: 'Show the original' }).click()
    await page.frameLocator('iframe').locator('body').waitFor()
    expect(await page.frameLocator('iframe').locator('body').innerText()).toMatch(/[α-ω]{3}/)
    await opened.shot('document')
    await page.getByRole('button', { name: 'Show tokens' }).click()
    await page.locator('.token').first().waitFor()
    expect(await page.locator('.text').first().innerText()).toMatch(/[α-ω]{3}/)
    await expectUsable(opened)

    await opened.go('/documents?fate=near-duplicates%2Fsimilar&source=hostile')
    await page.getByText('1 document matches').waitFor()
    await page.getByRole('region', { name: 'Documents' }).getByRole('link').first().click()
    await page.getByRole('heading', { name: 'Against its survivor' }).waitFor()
    expect((await page.locator('article ins').allInnerTexts()).join(' ')).toContain('Und noch ein Satz.')
    await page.getByRole('button', { name: 'Show the original' }).click()
    await page.getByRole('region', { name: 'Original' }).getByText('<script>').first().waitFor()
    await opened.shot('hostile')
    expect(await page.title()).toBe('Quern')
  })

  test('compares two snapshots and shows who moved', async () => {
    const { page } = opened
    await opened.go('/compare?before=1&after=2')
    const moved = page.getByRole('region', { name: 'Documents that moved' })
    await moved.waitFor()
    await moved.getByRole('button').first().click()
    await moved.getByRole('link').first().waitFor()
    await opened.shot('compare')
    await expectUsable(opened)
  })

  test('compares two pipelines over one snapshot', async () => {
    const { page } = opened
    limitOf(900)
    await opened.go('/compare')
    await page.getByRole('link', { name: 'Two pipelines' }).click()
    await page.getByText('Choose two that differ').waitFor()
    await page.getByLabel('after').selectOption('limit-900.yaml')
    const moved = page.getByRole('region', { name: 'Documents that moved' })
    await moved.waitFor()
    const run = quernJson<{ moves: { from: string; documents: number }[] }>(['diff', dataset, '2', join(folder, 'limit-900.yaml'), '--top', '500'])
    const leave = run.moves.filter(({ from }) => from === 'passes').reduce((sum, { documents }) => sum + documents, 0)
    expect(await page.locator('dl.figures dd').nth(1).innerText()).toBe(String(leave))
    await moved.getByRole('button').first().click()
    await moved.getByRole('link').first().waitFor()
    await opened.shot('compare-pipelines')
    await expectUsable(opened)
  })

  test('shows languages and every other page, in German and in the dark too', async () => {
    const dark = await openAudit(dataset, [], true)
    try {
      const { page } = dark
      await page.getByLabel('Texts').selectOption('de')
      await page.getByRole('link', { name: 'Sprachen' }).click()
      await page.getByRole('heading', { name: 'Hosts mit den meisten Dokumenten' }).waitFor()
      expect(await page.locator('html').getAttribute('lang')).toBe('de')
      await dark.shot('languages-dark')
      await expectUsable(dark)
      const others: readonly (readonly [place: string, ready: string])[] = [
        ['overview', 'Vom Lesen zum Behalten'],
        ['rules', 'gopher-quality/too-few-words'],
        ['rule?name=gopher-quality%2Ftoo-few-words', 'Knapp darunter'],
        ['documents?language=el', 'passen'],
        ['labels', 'Was die Urteile sagen'],
        ['compare?before=1&after=2', 'Dokumente, die gewandert sind'],
        ['compare?what=pipelines', 'Es ist keine Pipeline bekannt'],
      ]
      for (const [place, ready] of others) {
        await dark.go(`/${place}`)
        await page.getByText(ready).first().waitFor()
        await dark.shot(`${place.replace(/\W.*/, '')}${place.includes('pipelines') ? '-pipelines' : ''}-dark`)
        await expectUsable(dark)
      }
      expect(dark.complaints).toEqual([])
    } finally {
      await dark.close()
    }
  })

  test('keeps addresses readable in a narrow window, and says "kept" in German', async () => {
    const page = await opened.browser.newPage({ viewport: { width: 400, height: 800 }, locale: 'de-DE' })
    await page.goto(opened.url)
    await page.getByRole('link', { name: 'Dokumente' }).click()
    const address = page.locator('td a').first()
    await address.waitFor()
    expect((await address.boundingBox())?.width).toBeGreaterThan(200)
    await page.getByRole('cell', { name: 'behalten', exact: true }).first().waitFor()
    expect(await page.getByRole('cell', { name: 'kept', exact: true }).count()).toBe(0)
    await page.close()
  })

  test('goes into one file that needs no server and no network', async () => {
    const { report } = quernJson<{ report: string }>(['audit', dataset, '--export', join(folder, 'report')])
    const page = await opened.browser.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => request.url().startsWith('http') && complaints.push(request.url()))
    await page.goto(pathToFileURL(report).href)
    await page.getByRole('img', { name: 'Drop rates, languages by sources' }).waitFor()
    expect(await page.locator('dl').innerText(), 'of which snapshot, of when').toMatch(
      /Snapshot\n2 \(\d{4}-\d\d-\d\d \d\d:\d\d UTC\)\n+Pipeline\n\w+/,
    )
    expect(await page.locator('a[href*="document"]').count(), 'it holds no documents to go to').toBe(0)
    await page.getByRole('link', { name: 'Rules' }).click()
    await page.getByRole('link', { name: 'gopher-quality/too-few-words' }).click()
    await page.getByRole('img', { name: /^words, de/ }).waitFor()
    expect(await page.getByText('This report does not hold it').count()).toBe(0)
    await page.getByRole('link', { name: 'Compare' }).click()
    await page.getByRole('region', { name: 'Documents that moved' }).waitFor()
    expect(complaints).toEqual([])
    await page.close()
  })

  test('answers nobody without the token, nor under another name', async () => {
    const { origin } = new URL(opened.url)
    expect((await fetch(`${origin}/api/overview`)).status).toBe(401)
    expect((await fetch(`${origin}/api/overview`, { headers: { 'x-quern-token': 'x'.repeat(32) } })).status).toBe(401)
    const { get } = await import('node:http')
    const status = await new Promise((resolve) => {
      get(origin, { headers: { host: 'rebound.example' } }, (response) => resolve(response.statusCode))
    })
    expect(status).toBe(403)
    const page = await fetch(origin)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(opened.complaints).toEqual([])
  })
})

function germanText(): string {
  const lines = readFileSync(join(root, 'data-samples', 'documents.jsonl'), 'utf8').split('\n')
  return lines
    .map((line) => (line.includes('Menschenrechte') ? (JSON.parse(line) as { text: string }).text : ''))
    .toSorted((a, b) => b.length - a.length)[0]!
}

function limitOf(words: number): string {
  const path = join(folder, `limit-${words}.yaml`)
  writeFileSync(path, readFileSync(pipeline, 'utf8').replace('min-words: 400', `min-words: ${words}`))
  return path
}
