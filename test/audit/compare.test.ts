import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Move, SnapshotDifference } from '../../src/audit/compare-snapshots.ts'
import type { PipelineDifference } from '../../src/audit/compare-pipelines.ts'
import { answer, type AuditContext, closeAll, type ComparedSoFar } from '../../src/audit/routes.ts'
import { loadPipeline } from '../../src/config/pipeline-file.ts'
import { readSnapshot } from '../../src/dataset/snapshot.ts'
import { registry } from '../../src/mill/registry.ts'
import { openStore } from '../../src/storage/store.ts'
import { quernJson, root, type RunSummary, scratch } from '../quern.ts'

const limits = [50, 400, 900] as const

function pipeline(folder: string, name: string, quality: string): string {
  const path = join(folder, `${name}.yaml`)
  writeFileSync(
    path,
    `name: compared
sources:
  - { use: warc, name: udhr, licence: mixed, paths: ['${root}/data-samples/udhr.warc.gz'] }
  - { use: warc, name: hard-cases, licence: mixed, paths: ['${root}/data-samples/hard-cases.warc.gz'] }
stages:
  - use: extract-html
  - use: language
${quality}
  - use: fineweb
  - use: exact-duplicates
  - { use: tokenize, tokenizer: '${root}/data-samples/tokenizer.json' }
output: { dataset: out }
`,
  )
  return path
}

/** One snapshot for each limit, of the same documents; the last of the pipelines is known. */
async function dataset(folder: string): Promise<AuditContext> {
  const out = join(folder, 'out')
  const paths = limits.map((words) => pipeline(folder, `words-${words}`, `  - { use: gopher-quality, min-words: ${words} }`))
  for (const path of paths) quernJson<RunSummary>(['run', path, '--out', out, '--rebuild'])
  return { store: await openStore(out), pipeline: await loadPipeline(paths.at(-1)!, registry), opened: new Map() }
}

test('who has no patience gets the totals, and who moved when he asks again', { timeout: 120_000 }, async () => {
  const context = await dataset(scratch())
  try {
    const ask = async (patience: Record<string, string>) =>
      (await answer(context, 'GET compare', new URLSearchParams({ before: '1', after: '2', ...patience }), undefined)) as ComparedSoFar
    const first = await ask({ patience: '0' })
    expect(first).toMatchObject({ moves: null, rows: expect.any(Number) })
    const whole = await ask({})
    expect(whole.moves?.length).toBeGreaterThan(0)
    expect(first).toEqual({ ...whole, moves: null, rows: expect.any(Number) })
    expect(await ask({ patience: '10000' })).toEqual(whole)
  } finally {
    closeAll(context)
  }
})

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

test('two pipelines are compared by what they say of the documents of a snapshot, with samples', { timeout: 120_000 }, async () => {
  const folder = scratch()
  const context = await dataset(folder)
  pipeline(folder, 'no-quality', '')
  pipeline(folder, 'mistaken', '  - { use: gopher-quality, min-wrods: 3 }')
  writeFileSync(join(folder, 'other.yaml'), 'secret: of somebody else\n')
  writeFileSync(join(folder, 'broken.yaml'), 'stages: [')
  try {
    const ask = (question: string, query: Record<string, string>, body?: unknown) => answer(context, question, new URLSearchParams(query), body)
    expect(await ask('GET pipelines', {})).toEqual(['mistaken.yaml', 'no-quality.yaml', 'words-400.yaml', 'words-50.yaml', 'words-900.yaml'])
    const compare = async (query: Record<string, string>) => (await ask('GET compare-pipelines', query)) as PipelineDifference

    // Before deduplication: what the snapshots themselves say, since nothing here is a copy of anything else.
    const [first, last] = [(await readSnapshot(context.store, 1)).snapshot.totals, (await readSnapshot(context.store, 3)).snapshot.totals]
    const copies = (totals: typeof first) => totals.dropped['exact-duplicates/copy'] ?? 0
    const strict = await compare({ snapshot: '1', after: 'words-900.yaml' })
    expect(strict).toMatchObject({ enter: 0, leave: first.kept + copies(first) - last.kept - copies(last), needsText: [] })
    expect(await compare({ snapshot: '3', before: 'words-50.yaml', after: 'words-900.yaml' })).toEqual(strict)
    expect((await compare({ snapshot: '3', after: 'words-50.yaml' })).enter).toBe(strict.leave)

    // Without the stage its documents pass, or fall to a later one.
    const without = await compare({ snapshot: '3', after: 'no-quality.yaml' })
    const byQuality = Object.entries(last.dropped).filter(([rule]) => rule.startsWith('gopher-quality/'))
    expect(without).toMatchObject({ leave: 0, needsText: [] })
    expect(without.enter + without.otherwise).toBe(byQuality.reduce((sum, [, count]) => sum + count, 0))
    expect((await compare({ snapshot: '3', before: 'no-quality.yaml', after: '' })).leave).toBe(without.enter)

    for (const move of strict.moves) {
      const samples = (await ask('POST moved-verdict', { snapshot: '1', after: 'words-900.yaml' }, move)) as readonly {
        document: string
        url: string
      }[]
      expect(samples.length).toBe(Math.min(20, move.documents))
      for (const { document, url } of samples) {
        const { story } = (await ask('GET document', { snapshot: '3', id: document })) as { story: Record<string, unknown> }
        expect(story).toMatchObject({ url, stage: move.to.split('/')[0], rule: move.to.split('/')[1] })
        expect(story['ledger']).toMatchObject({ language: move.language })
      }
    }

    await expect(compare({ after: 'mistaken.yaml' })).rejects.toThrow(/min-wrods/)
    for (const name of ['other.yaml', '../out/format.json', '/etc/passwd', 'absent.yaml'])
      await expect(compare({ after: name }), name).rejects.toThrow('no pipeline')
  } finally {
    closeAll(context)
  }
})
