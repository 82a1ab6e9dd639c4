import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { page } from '../../test/laws/pages.ts'

/** Words of a page: long enough to be signed, short enough for a year of them. */
const pageWords = 60

/**
 * The input of one night, a JSONL file cut into windows of `partBytes` or a multiple of it, of `pages` pages from number `first` on:
 * one in ten of them a copy of an earlier one, two in ten a near-copy. The same pages are the same bytes wherever they are made.
 */
export function writeNight(folder: string, night: number, first: number, pages: number): string {
  const rows: string[] = []
  for (let number = first; number < first + pages; number++) {
    const earlier = Math.floor((number * 0.618034) % number)
    const text =
      number % 10 === 3 ? page(earlier, pageWords) : page(number % 10 < 2 ? earlier : number, pageWords, number % 10 < 2 ? 0.01 : 0, number)
    const row = JSON.stringify({ id: String(number), url: `https://pages.example/${number}`, text })
    // All lines are of one length, so that each window holds the same number of them.
    rows.push(`${row}${' '.repeat(Math.max(0, partBytes - 1 - Buffer.byteLength(row)))}\n`)
  }
  const file = join(folder, `night-${String(night).padStart(4, '0')}.jsonl`)
  writeFileSync(file, rows.join(''))
  return file
}

/** A page. */
export const partBytes = 1024

/** A pipeline in `folder` over every `night-*.jsonl` of `from`, so many pages a part, with duplicate checks and a tokenizer. */
export function nightPipeline(folder: string, tokenizer: string, { from = '.', pagesInPart = 1 } = {}): string {
  const file = join(folder, 'nights.yaml')
  writeFileSync(
    file,
    `name: nights
sources:
  - use: jsonl
    name: pages
    licence: none
    paths: ['${from}/night-*.jsonl']
    part-bytes: ${partBytes * pagesInPart}
stages:
  - use: gopher-repetition
  - use: exact-duplicates
  - use: near-duplicates
    similarity: 0.8
  - use: tokenize
    tokenizer: ${tokenizer}
output:
  dataset: ./unused
  retain-dropped: all
`,
  )
  return file
}
