import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { quernJson, reachable, scratch, startQuern, type RunSummary } from '../quern.ts'
import { random, writePages, writePipeline } from './pages.ts'

/** Thirty before a release; fewer in every test run, at other moments each time the count is changed. */
const kills = Number(process.env['QUERN_KILLS'] ?? 8)

describe('law 3: kill -9 anywhere', () => {
  test(`stopped at ${kills} moments and started again, the bytes are those of a run that was not stopped`, { timeout: 600_000 }, async () => {
    const folder = scratch()
    for (let i = 0; i < 6; i += 1) writePages(join(folder, `${i}.jsonl`), i * 300, 300)
    const pipeline = writePipeline(folder, 'laws', ['*.jsonl'])
    const whole = join(folder, 'whole')
    const began = Date.now()
    quernJson<RunSummary>(['run', pipeline, '--out', whole, '--workers', '2'])
    const duration = Date.now() - began
    const expected = reachable(whole)
    const next = random(kills)
    for (let kill = 0; kill < kills; kill += 1) {
      const out = join(folder, `killed-${kill}`)
      // The first half second is Node starting; after it every moment of the run is as likely as any other.
      const moment = 300 + next() * duration
      const child = startQuern(['run', pipeline, '--out', out, '--workers', '2'])
      await Promise.race([sleep(moment), once(child, 'exit')])
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      const summary = quernJson<RunSummary & { nothingNew: boolean }>(['run', pipeline, '--out', out, '--workers', '2'])
      expect(summary.nothingNew || summary.snapshot === 1).toBe(true)
      expect(reachable(out), `killed after ${Math.round(moment)} ms`).toEqual(expected)
    }
  })
})
