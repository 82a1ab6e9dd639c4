import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { quern, quernJson, scratch, startQuern, type RunSummary } from '../quern.ts'
import { fates } from './ledger.ts'
import { writePages, writePipeline } from './pages.ts'

interface Verified {
  readonly ok: boolean
  readonly problems: readonly unknown[]
}

describe('law 4: nights add up', () => {
  test('three nights keep the same documents as one run, and name the same survivors', () => {
    const folder = scratch()
    for (let i = 0; i < 3; i += 1) writePages(join(folder, `night-${i}.jsonl`), i * 250, 250)
    const one = join(folder, 'one')
    const three = join(folder, 'three')
    quernJson<RunSummary>(['run', writePipeline(folder, 'all', ['night-*.jsonl']), '--out', one])
    for (let night = 1; night <= 3; night += 1) {
      const paths = Array.from({ length: night }, (_, i) => `night-${i}.jsonl`)
      const summary = quernJson<RunSummary>(['run', writePipeline(folder, `until-${night}`, paths), '--out', three])
      expect(summary.snapshot).toBe(night)
      expect(summary.read).toBe(250)
    }
    const expected = fates(one)
    expect(Object.keys(expected)).toHaveLength(750)
    expect(fates(three)).toEqual(expected)
    expect(quernJson<Verified>(['verify', three])).toMatchObject({ ok: true, problems: [] })
    const again = quern(['run', join(folder, 'all.yaml'), '--out', three])
    expect(again.status).toBe(0)
    expect(again.out).toContain('nothing new')
  })

  test('two overlapping runs end like the same two in commit order, cross-duplicates included', { timeout: 300_000 }, async () => {
    const folder = scratch()
    // The second file's near-copies are of the first file's pages.
    writePages(join(folder, 'a.jsonl'), 0, 500)
    writePages(join(folder, 'b.jsonl'), 500, 500)
    const a = writePipeline(folder, 'a', ['a.jsonl'])
    const b = writePipeline(folder, 'b', ['b.jsonl'])
    const both = join(folder, 'both')
    const runs = [a, b].map((pipeline) => startQuern(['run', pipeline, '--out', both, '--workers', '1']))
    expect(await Promise.all(runs.map(async (child) => (await once(child, 'exit'))[0] as number))).toEqual([0, 0])
    const together = fates(both)
    expect(Object.keys(together)).toHaveLength(1000)
    const inOrder = ([first, second]: readonly [string, string], name: string): Record<string, unknown> => {
      const out = join(folder, name)
      quernJson<RunSummary>(['run', first, '--out', out])
      quernJson<RunSummary>(['run', second, '--out', out])
      return fates(out)
    }
    const orders = [inOrder([a, b], 'ab'), inOrder([b, a], 'ba')]
    expect(orders[0]).not.toEqual(orders[1])
    expect(orders).toContainEqual(together)
    expect(quernJson<Verified>(['verify', both])).toMatchObject({ ok: true, problems: [] })
  })
})
