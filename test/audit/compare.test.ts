import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Move, SnapshotDifference } from '../../src/audit/compare-snapshots.ts'
import { answer, type AuditContext, closeAll } from '../../src/audit/routes.ts'
import { openStore } from '../../src/storage/store.ts'
import { quernJson, root, type RunSummary, scratch } from '../quern.ts'

const limits = [50, 400, 900] as const

/** One snapshot for each limit, of the same documents. */
async function dataset(folder: string): Promise<AuditContext> {
  const out = join(folder, 'out')
  for (const words of limits) {
    const path = join(folder, `words-${words}.yaml`)
    writeFileSync(
      path,
      `name: compared
sources:
  - { use: warc, name: udhr, licence: mixed, paths: ['${root}/data-samples/udhr.warc.gz'] }
  - { use: warc, name: hard-cases, licence: mixed, paths: ['${root}/data-samples/hard-cases.warc.gz'] }
stages:
  - use: extract-html
  - use: language
  - { use: gopher-quality, min-words: ${words} }
  - use: exact-duplicates
  - { use: tokenize, tokenizer: '${root}/data-samples/tokenizer.json' }
output: { dataset: out }
`,
    )
    quernJson<RunSummary>(['run', path, '--out', out, '--rebuild'])
  }
  return { store: await openStore(out), pipeline: undefined, opened: new Map() }
}

test('comparisons that are asked for at once do not mix', { timeout: 120_000 }, async () => {
  const context = await dataset(scratch())
  try {
    const pairs = ['1 3', '2 3', '3 3', '1 2'].map((pair) => pair.split(' ') as [string, string])
    const compare = async ([before, after]: readonly [string, string]) => {
      const query = new URLSearchParams({ before, after })
      const { moves } = (await answer(context, 'GET compare', query, undefined)) as SnapshotDifference
      const samples = await Promise.all(moves.map((move: Move) => answer(context, 'POST moved', query, move)))
      return moves.map((move, i) => ({ move, samples: samples[i] as readonly { readonly document: string }[] }))
    }
    const apart = []
    for (const pair of pairs) apart.push(await compare(pair))
    const together = await Promise.all([...pairs, ...pairs].map(compare))
    expect(together).toEqual([...apart, ...apart])
    expect(apart.map((found) => found.length > 0)).toEqual([true, true, false, true])
    for (const { move, samples } of apart.flat()) expect(samples.length).toBe(Math.min(20, move.documents))
  } finally {
    closeAll(context)
  }
})
