import { appendFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { quern, quernJson, scratch, type RunSummary } from '../quern.ts'
import { page, writePages, writePipeline } from './pages.ts'

interface HeldRun extends RunSummary {
  readonly held?: { readonly alarms: readonly { readonly source: string; readonly lost: number }[] }
}

/** 300 pages, 250 of them the first with a word in forty changed. */
function writeTemplate(file: string): void {
  for (let i = 0; i < 300; i += 1)
    appendFileSync(
      file,
      `${JSON.stringify({ id: `t${i}`, url: `https://b.example/${i}`, text: page(9000 + (i < 250 ? 0 : i), 400, i < 250 ? 0.01 : 0, i) })}\n`,
    )
}

test('a night that loses a source is made, not published, until somebody accepts it', () => {
  const folder = scratch()
  const out = join(folder, 'out')
  writePages(join(folder, 'a.jsonl'), 0, 300)
  quernJson<RunSummary>(['run', writePipeline(folder, 'one', ['a.jsonl']), '--out', out])
  writeTemplate(join(folder, 'b.jsonl'))
  const pipeline = writePipeline(folder, 'two', ['a.jsonl', 'b.jsonl'])
  const ledger = (): readonly string[] =>
    readdirSync(join(out, 'ledger'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.parquet'))
  const before = ledger()

  const held = quern(['run', pipeline, '--out', out, '--json'])
  expect(held.status, held.err).toBe(3)
  const said = JSON.parse(held.out) as HeldRun
  expect(said).toMatchObject({ snapshot: null, held: { alarms: [{ says: 'share', wanted: 300 }] } })
  const lost = said.held?.alarms[0]?.lost ?? 0
  expect(lost).toBeGreaterThan(180)
  // No reader sees anything of it, not even one that reads the ledger by pattern.
  expect(readdirSync(join(out, 'snapshots'))).toHaveLength(1)
  expect(ledger()).toEqual(before)

  const again = quern(['run', pipeline, '--out', out])
  expect(again.status).toBe(3)
  expect(again.out).toContain('near-duplicates/similar')
  expect(again.out).toContain('--accept')

  const accepted = quernJson<HeldRun>(['run', pipeline, '--out', out, '--accept'])
  expect(accepted).toMatchObject({ snapshot: 2, read: 300, kept: 300 - lost })
  expect(quernJson<{ ok: boolean }>(['verify', out])).toMatchObject({ ok: true })
})

test('a setting lets it pass', () => {
  const folder = scratch()
  writeTemplate(join(folder, 'b.jsonl'))
  const pipeline = writePipeline(folder, 'one', ['b.jsonl'])
  expect(quern(['run', pipeline, '--out', join(folder, 'a'), '--set', 'output.alarms=off']).status).toBe(0)
  expect(quern(['run', pipeline, '--out', join(folder, 'b'), '--set', 'output.alarms.share=0.9']).status).toBe(0)
  expect(quern(['run', pipeline, '--out', join(folder, 'c')]).status).toBe(3)
})
