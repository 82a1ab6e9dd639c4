import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { writePages, writePipeline } from '../laws/pages.ts'
import { quern, quernJson, scratch, startQuern, type RunSummary } from '../quern.ts'

test('a rebuild that another run has overtaken says so, and takes its inputs in when asked again', { timeout: 300_000 }, async () => {
  const folder = scratch()
  const out = join(folder, 'set')
  writePages(join(folder, 'a.jsonl'), 0, 300)
  const pipeline = writePipeline(folder, 'all', ['*.jsonl'])
  quernJson<RunSummary>(['run', pipeline, '--out', out])
  const rebuild = ['run', pipeline, '--out', out, '--rebuild', '--workers', '1']
  // Stopped between its plan and its snapshot.
  const child = startQuern(rebuild)
  const plans = join(out, 'plans')
  while (child.exitCode === null && !(existsSync(plans) && readdirSync(plans).length > 0)) await sleep(5)
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  expect(readdirSync(plans)).toHaveLength(1)
  writePages(join(folder, 'b.jsonl'), 300, 100)
  expect(quernJson<RunSummary>(['run', pipeline, '--out', out])).toMatchObject({ snapshot: 2, read: 100 })

  const refused = quern(rebuild)
  expect(refused.status).toBe(1)
  expect(refused.err).toMatch(/snapshot 2, published meanwhile, holds 1 input files? that this rebuild did not plan, b\.jsonl first.*\[conflict\]/)
  expect(quernJson<RunSummary>(rebuild)).toMatchObject({ snapshot: 3, read: 400 })
  expect(quernJson<{ ok: boolean }>(['verify', out]).ok).toBe(true)
})
