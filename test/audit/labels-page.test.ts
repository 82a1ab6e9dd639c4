import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Label } from '../../src/audit/labels.ts'
import { expectUsable } from './axe.ts'
import { type Opened, openAudit } from './browser.ts'
import { writeAudited } from './small-audit.ts'

let folder: string
let dataset: string
let opened: Opened

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quern-labels-page-'))
  dataset = join(folder, 'out')
  const pipeline = writeAudited(folder, dataset)
  opened = await openAudit(dataset, ['--pipeline', pipeline])
})

afterAll(async () => {
  await opened.close()
  rmSync(folder, { recursive: true, force: true })
})

function stored(): Label[] {
  const files = readdirSync(join(dataset, 'labels')).filter((name) => name.endsWith('.json'))
  return files.toSorted().flatMap((name) => (JSON.parse(readFileSync(join(dataset, 'labels', name), 'utf8')) as { labels: Label[] }).labels)
}

test('a batch is drawn and labelled by keyboard, and nothing is lost when server or browser die', async () => {
  const { page } = opened
  await opened.go('/labels')
  await page.getByLabel('Your name').fill('Eva')
  await page.getByLabel('Languages (de, fr …; none: all)').fill('de, el, bg')
  await page.getByRole('button', { name: 'Draw and label' }).click()
  await page.locator('article').waitFor()
  expect(await page.locator('main').innerText()).not.toMatch(/gopher-|dropped/)
  await page.keyboard.press('?')
  await page.getByText('judge, store and go on').waitFor()
  await opened.shot('labels-keys')
  await page.keyboard.press('?')
  for (const [i, keys] of [['p', 'k'], ['a', 'x', 'd'], ['u']].entries()) {
    for (const key of keys) await page.keyboard.press(key)
    await page.getByText(`${i + 1} labelled`).waitFor()
    await page.locator('article').waitFor()
  }
  expect(stored().map(({ verdict, problems }) => ({ verdict, problems }))).toEqual([
    { verdict: 'keep', problems: ['porn'] },
    { verdict: 'drop', problems: ['artefacts', 'unnatural'] },
    { verdict: 'unsure', problems: [] },
  ])
  await page.keyboard.press('c')
  await page.keyboard.type('not yet sent, ещё не Ζ')
  await page.keyboard.press('Escape')
  await page.keyboard.press('l')
  await opened.shot('labels')
  await expectUsable(opened)
  // The browser dies: what was marked and written is still there.
  await page.reload()
  await page.locator('article').waitFor()
  expect(await page.getByLabel('Comment').inputValue()).toBe('not yet sent, ещё не Ζ')
  expect(await page.getByRole('button', { name: /^wrong language/ }).getAttribute('aria-pressed')).toBe('true')
  // The server dies right after it has acknowledged a label, and comes again.
  await page.keyboard.press('d')
  await page.getByText('4 labelled').waitFor()
  await page.keyboard.press('c')
  await page.keyboard.type('for the fifth')
  await page.keyboard.press('Enter')
  const batch = await page.evaluate<string>('location.hash.slice(1)')
  await opened.restart()
  expect(stored()).toHaveLength(4)
  expect(stored()[3]).toMatchObject({
    verdict: 'drop',
    problems: ['wrong-language'],
    comment: 'not yet sent, ещё не Ζ',
    annotator: 'Eva',
    blind: true,
  })
  await opened.go(batch)
  await page.getByText('4 labelled').waitFor()
  await page.getByRole('heading', { name: /^5 \/ / }).waitFor()
  expect(await page.getByLabel('Comment').inputValue()).toBe('for the fifth')
})

test('a label that the server did not take stays on the page and says so', async () => {
  const { page } = opened
  const before = stored().length
  await page.route('**/api/labels*', (route) => route.abort())
  await page.keyboard.press('k')
  await page.getByRole('alert').getByText('Not stored yet').waitFor()
  expect(stored()).toHaveLength(before)
  expect(await page.getByLabel('Comment').inputValue()).toBe('for the fifth')
  await page.unroute('**/api/labels*')
  await page.keyboard.press('k')
  await page.getByText('5 labelled').waitFor()
  expect(stored()[4]).toMatchObject({ verdict: 'keep', comment: 'for the fifth' })
  // What the browser itself says of the aborted request.
  opened.complaints.splice(0)
})

test('a second person gets a share of it, blind, and the report tells how far they agree', async () => {
  const { page } = opened
  await opened.go('/labels')
  await page.getByLabel('Your name').fill('Ivo')
  await page.getByRole('link', { name: 'Second labels, blind' }).click()
  await page.locator('article').waitFor()
  const main = page.locator('main')
  expect(await main.innerText()).not.toMatch(/gopher|dropped|Eva|not yet sent/)
  const [, all] = /^1 \/ (\d+)/.exec(await page.getByRole('heading', { level: 1 }).innerText())!
  for (let i = 0; i < Number(all); i++) {
    await page.getByRole('heading', { name: new RegExp(`^${i + 1} / `) }).waitFor()
    await page.locator('article').waitFor()
    await page.keyboard.press('k')
    await page.getByText(`${i + 1} labelled`).waitFor()
  }
  await page.getByText('All documents of this batch are labelled').waitFor()
  await page.getByRole('link', { name: 'Back to all batches' }).click()
  await page.getByLabel('Your name').fill('Eva')
  await page.getByRole('link', { name: 'Label', exact: true }).click()
  for (;;) {
    await page.locator('article').waitFor()
    if (await page.getByText('All documents of this batch are labelled').isVisible()) break
    const heading = await page.getByRole('heading', { level: 1 }).innerText()
    await page.keyboard.press('k')
    await page.getByRole('heading', { name: heading, exact: true }).waitFor({ state: 'detached' })
  }
  await opened.go('/labels')
  await page.getByRole('region', { name: 'Agreement' }).getByText('keep or drop').first().waitFor()
  await page.getByRole('region', { name: 'What the labels say' }).getByText('gopher-quality/too-few-words').first().waitFor()
  await page.getByText('Eva, Ivo').waitFor()
  await opened.shot('labels-report')
  await expectUsable(opened)
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Parquet' }).click()])
  expect(download.suggestedFilename()).toBe('quern-labels.parquet')
  expect(
    readFileSync(await download.path())
      .subarray(0, 4)
      .toString(),
  ).toBe('PAR1')
  expect(opened.complaints).toEqual([])
})

test('who wants to see what the pipeline decided does, and says what should have been kept', async () => {
  const { page } = opened
  await opened.go('/labels')
  await page.getByLabel('Languages (de, fr …; none: all)').fill('de')
  await page.getByLabel('Do not show me what the pipeline decided').uncheck()
  await page.getByRole('button', { name: 'Draw and label' }).click()
  await page.getByRole('heading', { name: /^1 \/ / }).waitFor()
  await page.locator('article').waitFor()
  for (let at = 2; !(await page.getByRole('button', { name: 'should have been kept' }).isVisible()); at++) {
    await page.keyboard.press('n')
    await page.getByRole('heading', { name: new RegExp(`^${at} / `) }).waitFor()
    await page.locator('article').waitFor()
  }
  expect(await page.locator('article').innerText()).toMatch(/dropped: gopher-/)
  await page.keyboard.press('k')
  await page.getByText('1 labelled').waitFor()
  expect(stored().at(-1)).toMatchObject({ verdict: 'keep', blind: false, fate: expect.stringMatching(/^gopher-/) as string })
  expect(opened.complaints).toEqual([])
})
