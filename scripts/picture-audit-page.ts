// Takes the pictures of docs/guides/auditing.md, as its reader would see the sample: `npm run sample`, then this script.
import { join } from 'node:path'
import { openAudit } from '../test/audit/browser.ts'
import { root } from '../test/quern.ts'

const dataset = process.argv[2] ?? join(root, 'out', 'sample')
const opened = await openAudit(dataset, ['--pipeline', 'pipelines/sample.yaml'])
const { page } = opened
try {
  await page.setViewportSize({ width: 1000, height: 760 })
  const picture = (name: string) => page.screenshot({ path: join(root, 'docs', `${name}.png`) })

  await opened.go('/rule?name=gopher-repetition%2Ftop-2-gram')
  await page.getByLabel('Limit for all languages').fill('0.15')
  await page.getByText('leave (before deduplication, exact)').waitFor()
  await picture('audit-rule')

  await opened.go('/labels')
  await page.getByLabel('Your name').fill('Ελένη')
  await page.getByLabel('Languages (de, fr …; none: all)').fill('el')
  await page.getByRole('button', { name: 'Draw and label' }).click()
  await page.locator('article').waitFor()
  await page.keyboard.press('?')
  await page.keyboard.press('a')
  await page.keyboard.press('c')
  await page.keyboard.type('Το μενού έμεινε στο κείμενο.')
  await page.keyboard.press('Enter')
  await picture('audit-label')
} finally {
  await opened.close()
}
