import { once } from 'node:events'
import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readLedger } from '../../src/dataset/ledger-reader.ts'
import { readEntries } from '../../src/dataset/pages.ts'
import { readSnapshot, type Snapshot } from '../../src/dataset/snapshot.ts'
import { textOfStory, whyDocument } from '../../src/dataset/why.ts'
import { openStore, type Store } from '../../src/storage/store.ts'
import { quern, quernJson, reachable, scratch, startQuern, type RunSummary } from '../quern.ts'
import { random, writePages, writePipeline } from './pages.ts'

const nights = 6
const perNight = 60
const kills = Math.ceil(Number(process.env['QUERN_KILLS'] ?? 8) / 2)

test('files of small nights become larger ones, and nothing that was in them is lost', { timeout: 600_000 }, async () => {
  const folder = scratch()
  for (let night = 1; night <= nights; night += 1) writePages(join(folder, `night-${night}.jsonl`), night * perNight, perNight)
  const [out, one] = [join(folder, 'nights'), join(folder, 'one')]
  for (let night = 1; night <= nights; night += 1) {
    const paths = Array.from({ length: night }, (_, i) => `night-${i + 1}.jsonl`)
    quernJson<RunSummary>(['run', writePipeline(folder, `until-${night}`, paths), '--out', out])
  }
  quernJson<RunSummary>(['run', join(folder, `until-${nights}.yaml`), '--out', one])
  const store = await openStore(out)
  const { snapshot } = await readSnapshot(store)
  // The fifth night merged those of the first four; its own and the sixth's lie behind them.
  expect(await rowsOf(store, snapshot)).toEqual([4 * perNight, perNight, perNight])
  const dropped = []
  for await (const entry of readEntries(store, 'dropped', snapshot.dropped)) dropped.push(entry)
  expect(dropped.map(({ absorbed = [] }) => absorbed.length)).toEqual([4, 0, 0])
  const single = await openStore(one)
  expect(await storiesOf(store, snapshot)).toEqual(await storiesOf(single, (await readSnapshot(single)).snapshot))

  for (let i = 0; i < 2; i += 1) quernJson(['retain', out, '--last', '1', '--grace', '0s'])
  for (const kind of ['ledger', 'dropped', 'snapshots']) expect(filesIn(join(out, kind)), kind).toBe(kind === 'snapshots' ? 1 : 3)
  const listed = quern(['snapshots', out, '--ledger']).out.trim().split('\n')
  expect(listed.filter((path) => path.startsWith(join(out, 'ledger')))).toHaveLength(3)
  expect(quernJson<{ ok: boolean; problems: unknown[] }>(['verify', out])).toMatchObject({ ok: true, problems: [] })
  const [gone = '', other = ''] = await droppedOnes(store, snapshot)
  const [text, otherText] = [await textOf(store, snapshot, gone), await textOf(store, snapshot, other)]
  expect(text).toBeTruthy()
  expect(otherText).toBeTruthy()

  // What rows of the first nights name is in the merged object: taking one document out of it moves them all.
  quernJson(['suppress', out, '--document', gone, '--reason', 'a test', '--apply', '--no-promote'])
  const after = (await readSnapshot(store)).snapshot
  expect(await textOf(store, after, gone)).toBeUndefined()
  expect(await textOf(store, after, other)).toBe(otherText)
  expect(quernJson<{ ok: boolean; problems: unknown[] }>(['verify', out])).toMatchObject({ ok: true, problems: [] })
})

test(`a night that merges files, killed at ${kills} moments, ends with the bytes of one that was not`, { timeout: 600_000 }, async () => {
  const folder = scratch()
  for (let night = 1; night <= 5; night += 1) writePages(join(folder, `night-${night}.jsonl`), night * perNight, perNight)
  const before = join(folder, 'before')
  const pipelines = [1, 2, 3, 4, 5].map((night) => {
    const paths = Array.from({ length: night }, (_, i) => `night-${i + 1}.jsonl`)
    return writePipeline(folder, `until-${night}`, paths)
  })
  for (const pipeline of pipelines.slice(0, 4)) quernJson<RunSummary>(['run', pipeline, '--out', before])
  const last = pipelines[4] ?? ''
  const whole = join(folder, 'whole')
  cpSync(before, whole, { recursive: true })
  const began = Date.now()
  quernJson<RunSummary>(['run', last, '--out', whole])
  const duration = Date.now() - began
  const expected = reachable(whole)
  const next = random(kills)
  for (let kill = 0; kill < kills; kill += 1) {
    const out = join(folder, `killed-${kill}`)
    cpSync(before, out, { recursive: true })
    const child = startQuern(['run', last, '--out', out, '--workers', '2'])
    await Promise.race([sleep(300 + next() * duration), once(child, 'exit')])
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    quernJson<RunSummary>(['run', last, '--out', out])
    expect(reachable(out)).toEqual(expected)
  }
  const store = await openStore(whole)
  expect(await rowsOf(store, (await readSnapshot(store)).snapshot)).toEqual([4 * perNight, perNight])
})

async function rowsOf(store: Store, snapshot: Snapshot): Promise<number[]> {
  const rows: number[] = []
  for await (const entry of readEntries(store, 'ledger', snapshot.ledger)) rows.push(entry.rows)
  return rows
}

/** Of every document, in the order of the ledger. */
async function storiesOf(store: Store, snapshot: Snapshot): Promise<string[]> {
  const stories: string[] = []
  const names = ['doc_id', 'outcome', 'stage', 'rule', 'survivor', 'url', 'measured', 'n_tokens', 'words']
  for await (const { rows, columns } of readLedger(store, snapshot, names))
    for (let row = 0; row < rows; row += 1)
      stories.push(
        Object.entries(columns)
          .map(([name, column]) => {
            if (column.type === 'label') return `${name}=${column.labels[column.indices[row] ?? -1]}`
            if (column.type === 'number') return `${name}=${column.values[row]}`
            const [from, to] = column.type === 'id' ? [row * 16, row * 16 + 16] : [column.offsets[row], column.offsets[row + 1]]
            return `${name}=${Buffer.from(column.values.subarray(from, to)).toString('hex')}`
          })
          .join(' '),
      )
  return stories
}

/** Ids of dropped documents whose text was retained, in the order in which they were read. */
async function droppedOnes(store: Store, snapshot: Snapshot): Promise<string[]> {
  const ids: string[] = []
  for await (const { rows, columns } of readLedger(store, snapshot, ['doc_id', 'dropped_text'])) {
    const { doc_id: id, dropped_text: text } = columns
    if (id?.type !== 'id' || text?.type !== 'label') continue
    for (let row = 0; row < rows; row += 1)
      if ((text.indices[row] ?? -1) >= 0) ids.push(Buffer.from(id.values.subarray(row * 16, row * 16 + 16)).toString('hex'))
  }
  return ids
}

async function textOf(store: Store, snapshot: Snapshot, id: string): Promise<string | undefined> {
  const [story] = await whyDocument(store, snapshot, id)
  return story && (await textOfStory(store, snapshot, story))?.['text']
}

function filesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length
}
