import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { quernJson, root } from '../quern.ts'
import { folder, run, site } from './crawling.ts'
import { page } from './site/site.ts'

test('use: crawl reads finished files, night by night', async () => {
  let news = ['/one', '/two']
  const served = await site((target) => {
    if (target === '/') return page('home', news)
    return news.includes(target) ? page(target, []) : undefined
  })
  const at = await folder()
  const pipeline = join(at, 'nightly.yaml')
  await writeFile(
    pipeline,
    JSON.stringify({
      name: 'nightly',
      sources: [{ use: 'crawl', name: 'site', paths: ['out'] }],
      stages: [{ use: 'extract-html' }, { use: 'rights' }, { use: 'tokenize', tokenizer: join(root, 'data-samples/tokenizer.json') }],
      output: { dataset: 'dataset' },
    }),
  )
  const seeds = [`${served.origin(1)}/`]
  const more = { schedule: { first: '0ms', least: '0ms', most: '1d' } }
  expect(quernJson(['run', pipeline])).toMatchObject({ nothingNew: true })
  await run(at, seeds, more)
  expect(quernJson(['run', pipeline])).toMatchObject({ read: 3, kept: 3, nothingNew: false })
  expect(quernJson(['run', pipeline])).toMatchObject({ nothingNew: true })
  news = ['/one', '/two', '/three']
  await run(at, seeds, more)
  // The home page has changed, one page is new, two were the same.
  expect(quernJson(['run', pipeline])).toMatchObject({ read: 4, kept: 2, dropped: { 'warc/revisit': 2 } })
}, 120_000)
