import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../src/storage/store.ts'
import { idOf, nightDocs, publishNight, scratch } from '../dataset/small-dataset.ts'
import { runPython } from '../python.ts'
import { quern, quernJson, root } from '../quern.ts'

interface Traced {
  readonly documents: { readonly matched: number; readonly seen: number }
  readonly tokens: { readonly matched: number; readonly given: number; readonly seen: number }
  readonly list: readonly { readonly document: string; readonly given: number; readonly seen: number }[]
}

/** Asks the loader itself, sample by sample, which tokens of each document it gave before the state's cursor. */
const truth = `
import json, sys
sys.path.insert(0, sys.argv[1])
from quern_loader import Dataset
url, options, steps = sys.argv[2], json.loads(sys.argv[3]), int(sys.argv[4])
dataset = Dataset(url, seq_len=16, seed=5, batch_size=4, repeat=True, **options)
batches = iter(dataset)
for _ in range(steps):
    next(batches)
given = {}
for i in range(dataset.state_dict()["cursor"]):
    for piece in dataset.documents(i):
        given.setdefault(piece["id"], []).extend(range(piece["start"], piece["end"]))
print(json.dumps({"state": dataset.state_dict(), "given": {k: [len(v), len(set(v))] for k, v in given.items()}}))
`

const runs: readonly [string, object, number, readonly string[]][] = [
  ['one stream', { shuffle_block: 3, shuffle_window: 4 }, 11, []],
  ['one stream, in its third epoch', { shuffle_block: 3 }, 60, []],
  ['no shuffling', { shuffle: false }, 7, []],
  ['one language', { languages: ['mt'], shuffle_block: 2 }, 3, ['--languages', 'mt']],
  ['weights', { weights: { lv: 1, mt: 2.5 }, shuffle_block: 2 }, 1100, ['--weights', '{"lv":1,"mt":2.5}']],
]

test.each(runs)('trace counts what the loader gave: %s', { timeout: 60_000 }, async (_, options, steps, choice) => {
  await using folder = await scratch()
  const out = join(folder.path, 'out')
  const store = await openStore(out)
  await publishNight(store, 1, nightDocs(1))
  await publishNight(store, 2, nightDocs(2))
  const { state, given } = JSON.parse(runPython(truth, [join(root, 'python/src'), out, JSON.stringify(options), String(steps)])) as {
    state: { cursor: number }
    given: Record<string, [number, number]>
  }
  const file = join(folder.path, 'state.json')
  writeFileSync(file, JSON.stringify(state))
  const traced = quernJson<Traced>(['trace', out, '--state', file, '--source', 'web', '--by-document', ...choice])
  const found = Object.fromEntries(traced.list.filter((one) => one.given > 0).map((one) => [one.document, [one.given, one.seen]]))
  expect(found).toEqual(given)
  expect(traced.tokens.given).toBe(Object.values(given).reduce((sum, [n]) => sum + n, 0))
  expect(traced.documents.seen).toBe(Object.keys(given).length)
  const one = Object.keys(given)[0] ?? ''
  expect(quernJson<Traced>(['trace', out, '--state', file, '--document', one, ...choice]).tokens).toMatchObject({
    given: given[one]?.[0],
    seen: given[one]?.[1],
  })
})

test('trace finds hosts and addresses, and refuses a state of another order', { timeout: 60_000 }, async () => {
  await using folder = await scratch()
  const out = join(folder.path, 'out')
  await publishNight(await openStore(out), 1, nightDocs(1))
  const { state } = JSON.parse(runPython(truth, [join(root, 'python/src'), out, '{}', '100'])) as { state: object }
  const file = join(folder.path, 'state.json')
  writeFileSync(file, JSON.stringify(state))
  expect(quernJson<Traced>(['trace', out, '--state', file, '--host', 'EU']).documents).toEqual({ matched: 20, seen: 20 })
  expect(
    quernJson<Traced>(['trace', out, '--state', file, '--url', 'http://example.eu/4#x', '--by-document']).list.map(({ document }) => document),
  ).toEqual([idOf('1/4')])
  const typed = quern(['trace', out, '--state', file, '--source', 'wbe'])
  expect(typed.status, 'a typing error must not read like "nothing of it was seen"').toBe(1)
  expect(typed.err).toMatch(/snapshot 1 has no source "wbe" \[not-found\]\n {2}It has: web\./)
  writeFileSync(join(folder.path, 'half.json'), '{"v": 1}')
  expect(quern(['trace', out, '--state', join(folder.path, 'half.json'), '--source', 'web']).err).toMatch(
    /^reading \S+half\.json: it is no state of quern-loader \[bad-usage\]\n {2}Give a file/,
  )
  const other = quern(['trace', out, '--state', file, '--host', 'eu', '--languages', 'lv'])
  expect(other.status).toBe(2)
  expect(other.err).toContain('as the run had them')
  writeFileSync(file, JSON.stringify({ ...state, dataset: '0d8fb0a2-0000-4000-8000-000000000000' }))
  expect(quern(['trace', out, '--state', file, '--host', 'eu']).err).toContain('Give the dataset that the run was trained on')
  writeFileSync(file, '{"cursor": 4}')
  expect(quern(['trace', out, '--state', file, '--host', 'eu']).status).toBe(2)
})
