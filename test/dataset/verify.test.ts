import { readdir, rm, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { textColumn } from '../../src/core/batch.ts'
import { encodePieces } from '../../src/dataset/cut-pieces.ts'
import { openHostsWriter } from '../../src/dataset/hosts.ts'
import { verifyDataset } from '../../src/dataset/verify.ts'
import { openStore } from '../../src/storage/store.ts'
import { type Doc, idOf, type Lies, nightDocs, publishNight, scratch } from './small-dataset.ts'

async function twoNights(path: string, lies: Lies = {}) {
  const store = await openStore(path)
  await publishNight(store, 1, nightDocs(1))
  await publishNight(store, 2, nightDocs(2), lies)
  return store
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

test('a dataset of two nights, its tail shards pressed again, is sound, and so is its first snapshot', async () => {
  await using folder = await scratch()
  const store = await twoNights(folder.path)
  expect(await verifyDataset(store, undefined)).toEqual({ ok: true, checks: expect.any(Number), problems: [] })
  expect(await verifyDataset(store, 1)).toMatchObject({ ok: true, problems: [] })
  await expect(verifyDataset(store, 3)).rejects.toMatchObject({ code: 'not-found' })
})

test('every file that a snapshot reaches, old ones included: a flipped byte, a cut tail, a missing file are all found', async () => {
  await using folder = await scratch()
  const store = await twoNights(folder.path)
  const files: string[] = []
  for (const room of ['data', 'text', 'hosts', 'ledger', 'dropped', 'lists', 'plans', 'snapshots'])
    files.push(...(await filesUnder(join(folder.path, room))))
  for (const file of files) {
    const bytes = await readFile(file)
    const at = Math.floor(bytes.length / 2)
    const flipped = Uint8Array.from(bytes)
    flipped[at] = (flipped[at] as number) ^ 1
    const outcomes: boolean[] = []
    for (const damage of [() => writeFile(file, flipped), () => writeFile(file, bytes.subarray(0, -1)), () => rm(file)]) {
      await damage()
      outcomes.push((await verifyDataset(store, undefined)).ok)
      await writeFile(file, bytes)
    }
    expect([file, ...outcomes]).toEqual([file, false, false, false])
  }
  expect(files.length).toBeGreaterThan(15)
  expect((await verifyDataset(store, undefined)).ok).toBe(true)
})

const first = (docs: Doc[], outcome: Doc['outcome']) => docs.find((doc) => doc.outcome === outcome) as Doc
const named = (docs: Doc[], rule: string) => docs.find((doc) => doc.rule === rule) as Doc
const swap = (docs: Doc[]) => {
  ;[docs[0], docs[1]] = [docs[1] as Doc, docs[0] as Doc]
}
const bump = (field: 'documents' | 'tokens' | 'textBytes'): Lies => ({ entry: (entry) => ({ ...entry, [field]: entry[field] + 1 }) })

/** Everything has the hash that its manifest names, and something else is not true. */
const lies: [string, Lies, RegExp][] = [
  ['two rows of a shard swapped', { shard: swap }, /the ledger says that it lies elsewhere/],
  ['two rows of the text swapped', { text: swap }, /and beside it in data\/.* lies/],
  ['a text that is not the one that was tokenized', { text: (docs) => void (first(docs, 'kept').text += ' more') }, /has \d+ bytes, and data/],
  [
    'a cut piece that stands behind the end of its text',
    { text: (docs) => void (first(docs, 'kept').pieces = encodePieces(new Uint8Array(900), Uint32Array.of(700, 710))) },
    /what was cut from the text in row \d+ of text\/.* does not fit it/,
  ],
  ['a row missing beside a shard', { text: (docs) => docs.slice(1) }, /rows, and data\/.* beside it/],
  ['a shard row that the ledger does not know', { shard: (docs) => void (first(docs, 'kept').id = idOf('stranger')) }, /the ledger does not know it/],
  ['a token outside the vocabulary', { tokens: (ids) => void (ids[3] = 256) }, /token id 256/],
  ['a wrong count of documents', bump('documents'), /documents, and its manifest says/],
  ['a wrong count of tokens', bump('tokens'), /tokens, and its manifest says/],
  ['a wrong count of text bytes', bump('textBytes'), /bytes, and its manifest says/],
  [
    'a batch that lies elsewhere',
    { entry: (entry) => ({ ...entry, batches: entry.batches.map(([offset, ...rest]) => [offset + 64, ...rest]) }) },
    /batch 0 of data/,
  ],
  [
    'a shard that does not begin with what it absorbed',
    { entry: (entry) => ({ ...entry, absorbed: entry.absorbed.map((old) => ({ ...old, documents: old.documents - 1 })) }) },
    /says that it absorbed/,
  ],
  ['an absorbed shard that is not named', { entry: (entry) => ({ ...entry, absorbed: [] }) }, /which the snapshot does not know/],
  ['a ledger row missing', { ledger: (docs) => docs.filter((doc) => doc !== named(docs, 'too-few-words')) }, /documents were read/],
  ['a kept row missing from the ledger', { ledger: (docs) => docs.filter((doc) => doc !== first(docs, 'kept')) }, /the ledger does not know it/],
  ['a document in the ledger twice', { ledger: (docs) => [...docs, named(docs, 'too-few-words')] }, /is in the ledger twice/],
  ['a document of the night before again', { ledger: (docs) => void (named(docs, 'too-few-words').id = idOf('1/short')) }, /is in the ledger twice/],
  ['a kept row that points at the wrong place', { ledger: (docs) => void (first(docs, 'kept').shardRow = 0) }, /lies elsewhere/],
  ['a kept row without a place', { ledger: (docs) => void delete first(docs, 'kept').shard }, /names no shard/],
  ['a drop without a reason', { ledger: (docs) => void delete named(docs, 'too-few-words').rule }, /neither that the document was kept/],
  [
    'a kept row with a reason to drop it',
    { ledger: (docs) => void Object.assign(first(docs, 'kept'), { stage: 'a', rule: 'b' }) },
    /names a reason to drop it/,
  ],
  [
    'a drop by another rule than counted',
    { ledger: (docs) => void (named(docs, 'too-few-words').rule = 'too-many-words') },
    /dropped by gopher-quality\/too-many-words/,
  ],
  [
    'a survivor that was itself dropped',
    { ledger: (docs) => void (named(docs, 'similar').survivor = named(docs, 'same-text').id) },
    /was itself dropped/,
  ],
  [
    'a version of a page that names one which was replaced',
    {
      ledger: (docs) => {
        const [older, oldest] = [named(docs, 'same-text'), named(docs, 'similar')]
        Object.assign(older, { stage: 'url-duplicates', rule: 'replaced' })
        Object.assign(oldest, { stage: 'url-duplicates', rule: 'same-page', survivor: older.id })
      },
    },
    /which a newer version of its page has replaced/,
  ],
  ['a survivor that nobody knows', { ledger: (docs) => void (named(docs, 'same-text').survivor = idOf('nobody')) }, /which is not in the ledger/],
  ['a duplicate without a survivor', { ledger: (docs) => void delete named(docs, 'similar').survivor }, /names no survivor/],
  ['a similarity under the limit', { ledger: (docs) => void (named(docs, 'similar').similarity = 0.79) }, /under the limit of 0.8/],
  ['a near-duplicate without a similarity', { ledger: (docs) => void delete named(docs, 'similar').similarity }, /names no similarity/],
  ['a document in another language than its shard', { ledger: (docs) => void (first(docs, 'kept').language = 'et') }, /lies in a shard of mt/],
  [
    'a kept document among the dropped texts',
    { dropped: (docs) => void (first(docs, 'dropped').id = idOf('2/0')) },
    /which the ledger says was kept/,
  ],
  ['read that is not kept and dropped', { snapshot: (s) => ({ ...s, tonight: { ...s.tonight, read: s.tonight.read + 1 } }) }, /were read, but/],
  ['totals that are not the sum of the nights', { snapshot: (s) => ({ ...s, totals: s.tonight }) }, /and its own night together/],
  ['languages that do not add up', { snapshot: (s) => ({ ...s, totals: { ...s.totals, byLanguage: {} } }) }, /kept by language adds up to 0/],
  ['another parent', { snapshot: (s) => ({ ...s, parent: { version: 1, sha256: 'd'.repeat(64) } }) }, /as its parent/],
  ['rules that are not listed', { snapshot: (s) => ({ ...s, rules: {} }) }, /does not list the rules/],
  [
    'a language list under another name',
    { snapshot: (s) => ({ ...s, shards: { et: s.shards['lv'] ?? [], mt: s.shards['mt'] ?? [] } }) },
    /listed under et/,
  ],
  ['another tokenizer', { snapshot: (s) => ({ ...s, tokenizer: { ...s.tokenizer, sha256: 'e'.repeat(64) } }) }, /says tokenizer_sha256/],
  ['a shard listed twice', { snapshot: (s) => ({ ...s, shards: { ...s.shards, xx: s.shards['lv'] ?? [] } }) }, /is listed twice/],
]

test.each(lies)('%s is found', async (_, lie, problem) => {
  await using folder = await scratch()
  const verdict = await verifyDataset(await twoNights(folder.path, lie), undefined)
  expect(verdict.ok).toBe(false)
  expect(verdict.problems.join('\n')).toMatch(problem)
})

test('hosts that are not those of the addresses, and hosts of other rows, are found', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  const writer = await openHostsWriter(store, 'lv')
  await writer.write(13, textColumn(Array.from({ length: 13 }, (_, i) => `https://${i === 4 ? 'other' : 'example'}.eu/`)))
  const hosts = await writer.close()
  await publishNight(store, 1, nightDocs(1), { entry: (entry) => ({ ...entry, hosts }) })
  const { problems } = await verifyDataset(store, undefined)
  expect(problems).toHaveLength(3)
  expect(problems.join()).toMatch(/host in row 4 of hosts.* is not that of/)
  expect(problems.join()).toMatch(/hosts.* has 13 rows, and data\/.*mt.* 7 documents/)
})

test('a dataset from before there were hosts is sound', async () => {
  await using folder = await scratch()
  const before: Lies['entry'] = (entry) => {
    const { hosts: _, ...rest } = entry
    return rest
  }
  const store = await twoNights(folder.path, { entry: before })
  expect(await verifyDataset(store, undefined)).toMatchObject({ ok: true })
})

test('a tag that names other bytes is found', async () => {
  await using folder = await scratch()
  const store = await twoNights(folder.path)
  await store.put('tags/good.json', JSON.stringify({ version: 2, sha256: 'f'.repeat(64) }))
  expect((await verifyDataset(store, 2)).problems.join()).toMatch(/tags\/good.json names snapshot 2/)
  await expect(verifyDataset(store, 'good')).resolves.toMatchObject({ ok: false })
})

test('a list of problems stays short and says how many there were', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  await publishNight(store, 1, nightDocs(1, 3000), { text: (docs) => docs.map((doc) => ({ ...doc, text: `${doc.text} more` })) })
  const { problems } = await verifyDataset(store, undefined)
  expect(problems).toHaveLength(1001)
  expect(problems.at(-1)).toBe('and 2000 more')
})

test('an object of absurd bytes never throws', async () => {
  await using folder = await scratch()
  const store = await twoNights(folder.path)
  for (const file of await filesUnder(join(folder.path, 'data')))
    await (await open(file, 'r+')).writeFile(new Uint8Array(4096).fill(255)).catch(() => undefined)
  expect((await verifyDataset(store, undefined)).ok).toBe(false)
})
