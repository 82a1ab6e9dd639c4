import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../quern.ts'

/** Deterministic numbers in [0, 1) (mulberry32): the laws' inputs are the same on every run. */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const words = readFileSync(new URL('./words.txt', import.meta.url), 'utf8')
  .split(/\s+/)
  .filter(Boolean)

/** A page of German-looking prose; pages of one `seed` are equal, `edits` replaces that share of the words. */
export function page(seed: number, length: number, edits = 0, editSeed = 0): string {
  const next = random(seed)
  const edit = random(editSeed + 7919)
  const lines: string[] = []
  let line: string[] = []
  for (let i = 0; i < length; i += 1) {
    const word = words[Math.floor(next() * words.length)] ?? 'und'
    line.push(edit() < edits ? (words[Math.floor(edit() * words.length)] ?? 'oder') : word)
    if (line.length > 11 + next() * 8) {
      lines.push(`${line.join(' ')}.`)
      line = []
    }
  }
  return lines.join('\n')
}

/** JSONL of pages, some of them copies or near-copies of earlier ones, of this file or of the pool before it. */
export function writePages(file: string, from: number, count: number): void {
  const next = random(from + 1)
  const rows: string[] = []
  for (let i = 0; i < count; i += 1) {
    const kind = next()
    const number = from + i
    const earlier = Math.floor(next() * number)
    const text = kind < 0.1 ? page(earlier, 120) : kind < 0.3 ? page(earlier, 120, 0.01, number) : kind < 0.35 ? 'Zu kurz.' : page(number, 120)
    rows.push(JSON.stringify({ id: String(number), url: `https://pages.example/${number}`, text }))
  }
  writeFileSync(file, `${rows.join('\n')}\n`)
}

/** A pipeline over JSONL files with both duplicate stages and the sample's tokenizer. */
export function writePipeline(folder: string, name: string, paths: readonly string[], more = ''): string {
  const file = join(folder, `${name}.yaml`)
  writeFileSync(
    file,
    `name: laws
sources:
  - use: jsonl
    name: pages
    licence: none
    paths: ${JSON.stringify(paths)}
    part-bytes: 65536
stages:
  - use: language
    keep: [de, nl, en, lb, nds, af, da, sv]
    limits: { default: 0 }
  - use: gopher-repetition
  - use: gopher-quality
  - use: exact-duplicates
  - use: near-duplicates
    similarity: 0.8
  - use: tokenize
    tokenizer: ${join(root, 'data-samples/tokenizer.json')}
output:
  dataset: ./unused
  shard-bytes: 131072
  retain-dropped: all
${more}`,
  )
  return file
}
