import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { runPython } from '../python.ts'
import { quernJson, root, type RunSummary } from '../quern.ts'
import { page } from './pages.ts'

export const tokenizer = join(root, 'data-samples/tokenizer.json')

export interface Story {
  readonly document: string
  readonly outcome: string
  readonly stage: string | null
  readonly rule: string | null
  readonly survivor: string | null
  readonly similarity: number | null
  readonly shard: string | null
  readonly ledger: { readonly date: string | null; readonly cut_by: string | null; readonly cut_from: string | null }
  readonly others: readonly Story[]
}

export interface Run extends RunSummary {
  readonly replaced?: number
  readonly nothingNew: boolean
}

/** Address below the site, date, text. */
export type Row = readonly [url: string, date: string, text: string]

interface Settings {
  readonly retain?: string
  readonly replace?: boolean
}

/** A site whose pages are read on several nights, in files of a folder. */
export function siteIn(folder: string) {
  function write(file: string, rows: readonly Row[]): void {
    writeFileSync(
      join(folder, `${file}.jsonl`),
      rows.map(([url, date, text]) => `${JSON.stringify({ url: `https://pages.example/${url}`, date, text })}\n`).join(''),
    )
  }

  /** Nights named `prefix-0`, `prefix-1`, … of one dataset: night `n` takes the first n files. */
  function pipeline(prefix: string, nights: number, { retain = 'all', replace = true }: Settings = {}): string {
    const paths = JSON.stringify(Array.from({ length: nights }, (_, i) => `${prefix}-${i}.jsonl`))
    const file = join(folder, `${prefix}-${nights}-${retain}-${replace}.yaml`)
    writeFileSync(
      file,
      `name: replace
sources:
  - { use: jsonl, name: pages, licence: CC0-1.0, paths: ${paths} }
stages:
  - { use: language, keep: [de, nl, en, lb, nds, af, da, sv], limits: { default: 0 } }
  - { use: url-duplicates, keep: newest, replace: ${replace} }
  - { use: exact-duplicates }
  - { use: near-duplicates, similarity: 0.8, merge-runs: 2 }
  - { use: tokenize, tokenizer: ${tokenizer} }
output: { dataset: ./unused, shard-bytes: 65536, retain-dropped: ${retain} }
`,
    )
    return file
  }

  /** Runs one night after the other; what each of them said. */
  function nights(prefix: string, all: readonly (readonly Row[])[], settings?: Settings): Run[] {
    return all.map((rows, night) => {
      write(`${prefix}-${night}`, rows)
      return quernJson<Run>(['run', pipeline(prefix, night + 1, settings), '--out', join(folder, prefix)])
    })
  }
  return { write, pipeline, nights }
}

export const why = (out: string, which: string, ...more: readonly string[]): Story => quernJson<Story>(['why', out, which, ...more])
export const at = (url: string): string => `https://pages.example/${url}`
export const versions = (out: string): readonly (readonly [number, string])[] =>
  quernJson<{ snapshots: { version: number; operation: string }[] }>(['snapshots', out]).snapshots.map(({ version, operation }) => [
    version,
    operation,
  ])
export const verified = (out: string): void => expect(quernJson(['verify', out])).toMatchObject({ ok: true, problems: [] })

/** Ids of all documents that the trainers' loader gives out of a snapshot. */
export function loaded(out: string, snapshot: number): string[] {
  const script = `
import json, sys
sys.path.insert(0, sys.argv[1])
from quern_loader import Dataset
dataset = Dataset(sys.argv[2], int(sys.argv[3]), seq_len=64)
print(json.dumps(sorted({piece["id"] for i in range(len(dataset)) for piece in dataset.documents(i)})))
`
  return JSON.parse(runPython(script, [join(root, 'python/src'), out, String(snapshot)])) as string[]
}

interface Stored {
  readonly dropped: readonly unknown[]
  readonly shards: Readonly<Record<string, readonly { readonly entries: number }[]>>
}

/** The newest snapshot as it is stored. */
export function newest(out: string): Stored {
  const name = readdirSync(join(out, 'snapshots')).sort().at(-1) ?? ''
  return JSON.parse(readFileSync(join(out, 'snapshots', name), 'utf8')) as Stored
}

export const others = (from: number, count: number): Row[] => Array.from({ length: count }, (_, i) => [`other/${from + i}`, '', page(from + i, 160)])
