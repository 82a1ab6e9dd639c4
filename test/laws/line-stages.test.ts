import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { quern, quernJson, root, type RunSummary, scratch } from '../quern.ts'

const german = 'Das Korn wird in der alten Mühle am Fluss gemahlen und danach in Säcke gefüllt, sagt der Müller. '
const english = 'The grain is ground in the old mill beside the river and then poured into sacks, the miller says. '

const documents = [
  { id: 1, url: 'https://www.bad.example.com/a', text: german.repeat(4) },
  { id: 2, url: 'https://good.org/2', text: `${german.repeat(4)}\nWeiterlesen\n1.234 Aufrufe\n` },
  { id: 3, url: 'https://good.org/3', text: `${german}\n${english.repeat(2)}\n${german}\n${english.repeat(2)}\n${german}` },
  { id: 4, url: 'https://good.org/4', text: `${german}\nImpressum\nDatenschutz\nAGB\nSitemap` },
  {
    id: 5,
    url: 'https://good.org/5',
    text: `${german}\n${'Mühlen aus Stein und Holz\n'.repeat(2)}${'Mehl und Brot und Salz\n'.repeat(2)}`.repeat(3),
  },
]

test('a pipeline with the stages of lines and addresses, from documents to a checked dataset', { timeout: 120_000 }, () => {
  const folder = join(scratch(), 'lines')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'documents.jsonl'), documents.map((document) => JSON.stringify(document)).join('\n'))
  writeFileSync(
    join(folder, 'pipeline.yaml'),
    `name: lines
sources:
  - { use: jsonl, name: documents, licence: MIT, paths: [documents.jsonl] }
stages:
  - { use: url-blocklist, domains: [bad.example.com] }
  - use: language
  - use: line-rules
  - use: mixed-language
  - use: boilerplate-ratio
  - use: web-docs-score
  - { use: tokenize, tokenizer: ${JSON.stringify(join(root, 'data-samples/tokenizer.json'))} }
output:
  dataset: dataset
`,
  )
  const summary = quernJson<RunSummary>(['run', join(folder, 'pipeline.yaml')])
  expect(summary).toMatchObject({ read: 5, kept: 1 })
  expect(summary.dropped).toEqual({
    'url-blocklist/subdomain': 1,
    'mixed-language/too-mixed': 1,
    'boilerplate-ratio/boilerplate-lines': 1,
    'web-docs-score/low-score': 1,
  })
  expect(quern(['verify', join(folder, 'dataset')]).status).toBe(0)
})
