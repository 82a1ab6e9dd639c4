import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readGroupSizes } from '../../src/dataset/group-sizes.ts'
import { readSnapshot } from '../../src/dataset/snapshot.ts'
import { openStore } from '../../src/storage/store.ts'
import { quern, quernJson } from '../quern.ts'
import { fates } from '../laws/ledger.ts'
import { page, writePipeline } from '../laws/pages.ts'

interface Groups {
  readonly duplicates: number
  readonly groups: number
  readonly largest: readonly {
    readonly survivor: string
    readonly size: number
    readonly url: string
    readonly members: readonly { readonly document: string; readonly similarity: number; readonly url: string }[]
  }[]
}

let folder = ''
let out = ''

/** Four nights: page 0 comes back every night, once as it is and once with a few words changed; page 1 only as it is. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quern-test-'))
  out = join(folder, 'out')
  for (let night = 0; night < 4; night += 1) {
    const texts = [page(0, 300), page(1, 300), page(0, 300, 0.01, night + 50), page(100 + night, 300)]
    const rows = texts.map((text, i) => JSON.stringify({ id: `${night}-${i}`, url: `https://a.example/${night}/${i}`, text }))
    writeFileSync(join(folder, `night-${night}.jsonl`), `${rows.join('\n')}\n`)
    const paths = Array.from({ length: night + 1 }, (_, i) => `night-${i}.jsonl`)
    quernJson(['run', writePipeline(folder, `n${night}`, paths), '--out', out])
  }
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the largest groups come first, with survivor, members and similarity', () => {
  const found = quernJson<Groups>(['duplicates', out])
  expect(found).toMatchObject({ duplicates: 10, groups: 2 })
  expect(found.largest.map(({ size, url }) => [size, url])).toEqual([
    [7, 'https://a.example/0/0'],
    [3, 'https://a.example/0/1'],
  ])
  const [first] = found.largest
  expect(first?.members).toHaveLength(5)
  expect(first?.members[0]).toMatchObject({ url: 'https://a.example/0/2' })
  expect(first?.members[0]?.similarity).toBeGreaterThanOrEqual(0.8)
  expect(first?.members[0]?.similarity).toBeLessThan(1)
  expect(quernJson<Groups>(['duplicates', out, '--top', '1', '--members', '0']).largest).toMatchObject([{ size: 7, members: [] }])
  expect(quern(['duplicates', out, '--source', 'other']).err).toContain('has no source "other"')
})

test('a dropped document is compared with its survivor word by word', () => {
  const member = quernJson<Groups>(['duplicates', out]).largest[0]?.members[0]?.document ?? ''
  const diff = quernJson<{ survivor: string; changes: Record<string, string>[] }>(['duplicates', out, '--diff', member])
  const side = (name: string): string => diff.changes.map((change) => change['both'] ?? change[name] ?? '').join('')
  expect(side('survivor')).toBe(page(0, 300))
  expect(side('dropped')).toBe(page(0, 300, 0.01, 50))
  const kept = quern(['duplicates', out, '--diff', diff.survivor])
  expect(kept.status).toBe(1)
  expect(kept.err).toContain('was not dropped as a duplicate')
})

test('group sizes stand beside the snapshot by id, summed over the nights', async () => {
  const store = await openStore(out)
  const { snapshot } = await readSnapshot(store)
  const sizes: Record<string, number> = {}
  let before = ''
  for await (const { ids, members } of readGroupSizes(store, snapshot.groups ?? []))
    for (const [row, size] of members.entries()) {
      const id = Buffer.from(ids.subarray(row * 16, row * 16 + 16)).toString('hex')
      expect(id > before).toBe(true)
      sizes[(before = id)] = size
    }
  const expected: Record<string, number> = {}
  for (const { survivor } of Object.values(fates(out)) as { survivor: string | null }[])
    if (survivor !== null) expected[survivor] = (expected[survivor] ?? 0) + 1
  const sorted = (counts: Record<string, number>): number[] => Object.values(counts).sort((a, b) => a - b)
  expect(sorted(sizes)).toEqual(sorted(expected))
  expect(snapshot.groups).toHaveLength(1)
  expect(quernJson(['verify', out])).toMatchObject({ ok: true })
})

test('verify finds a group file that does not fit the ledger', () => {
  const snapshot = JSON.parse(readFileSync(join(out, 'snapshots/00000000000000000004.json'), 'utf8')) as { groups: { groups: number }[] }
  const file = join(out, 'snapshots/00000000000000000004.json')
  writeFileSync(file, JSON.stringify({ ...snapshot, groups: [] }))
  const verified = quern(['verify', out, '--json'])
  expect(verified.status).toBe(3)
  expect(verified.out).toContain('the groups hold 0 members, and the ledger 10')
  writeFileSync(file, JSON.stringify(snapshot))
})
