import { once } from 'node:events'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { quern, quernJson, reachable, scratch, startQuern, type RunSummary } from '../quern.ts'
import { fates } from './ledger.ts'
import { random, writePages, writePipeline } from './pages.ts'

const kills = Math.ceil(Number(process.env['QUERN_KILLS'] ?? 8) / 2)
const perNight = 200

/** A folder with the input of so many nights. */
function nightsOf(count: number): string {
  const folder = scratch()
  for (let i = 0; i < count; i += 1) writePages(join(folder, `night-${i}.jsonl`), i * perNight, perNight)
  return folder
}

/** A pipeline over the first nights whose index merges as soon as there are two runs. */
function pipelineOf(folder: string, nights: number): string {
  const paths = Array.from({ length: nights }, (_, i) => `night-${i}.jsonl`)
  const file = writePipeline(folder, `until-${nights}`, paths)
  writeFileSync(file, readFileSync(file, 'utf8').replace('similarity: 0.8', 'similarity: 0.8\n    merge-runs: 2'))
  return file
}

function runNights(folder: string, out: string, from: number, to: number): void {
  for (let night = from; night <= to; night += 1) quernJson<RunSummary>(['run', pipelineOf(folder, night), '--out', out])
}

function runsOf(dataset: string, version: number): readonly { readonly path: string; readonly documents: number }[] {
  const snapshot = JSON.parse(readFileSync(join(dataset, 'snapshots', `${String(version).padStart(20, '0')}.json`), 'utf8')) as {
    index: { runs: { path: string; documents: number }[] }
  }
  return snapshot.index.runs
}

function indexFiles(dataset: string): string[] {
  return readdirSync(join(dataset, 'index'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.run'))
    .sort()
}

describe('merged runs of the index', () => {
  test('nights that merge at every chance keep what one run keeps, and the index stays at two runs', { timeout: 300_000 }, () => {
    const folder = nightsOf(4)
    const nights = join(folder, 'nights')
    const one = join(folder, 'one')
    runNights(folder, nights, 1, 4)
    runNights(folder, one, 4, 4)
    expect([1, 2, 3, 4].map((version) => runsOf(nights, version).length)).toEqual([1, 2, 2, 2])
    expect(runsOf(nights, 4).reduce((sum, { documents }) => sum + documents, 0)).toBe(runsOf(one, 1)[0]?.documents)
    expect(fates(nights)).toEqual(fates(one))
    expect(quernJson<{ ok: boolean }>(['verify', nights]).ok).toBe(true)
  })

  test(`a night that merges, killed at ${kills} moments, ends with the bytes of one that was not`, { timeout: 600_000 }, async () => {
    const folder = nightsOf(3)
    const before = join(folder, 'before')
    runNights(folder, before, 1, 2)
    const whole = join(folder, 'whole')
    cpSync(before, whole, { recursive: true })
    const began = Date.now()
    runNights(folder, whole, 3, 3)
    const duration = Date.now() - began
    const expected = reachable(whole)
    expect(runsOf(whole, 3)).toHaveLength(2)
    const next = random(kills)
    for (let kill = 0; kill < kills; kill += 1) {
      const out = join(folder, `killed-${kill}`)
      cpSync(before, out, { recursive: true })
      const child = startQuern(['run', pipelineOf(folder, 3), '--out', out, '--workers', '2'])
      await Promise.race([sleep(300 + next() * duration), once(child, 'exit')])
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      runNights(folder, out, 3, 3)
      expect(reachable(out)).toEqual(expected)
    }
  })
})

describe('quern rebuild-index', () => {
  test('an index that was deleted or damaged comes back byte for byte, and the next night is the same', { timeout: 300_000 }, () => {
    const folder = nightsOf(4)
    const whole = join(folder, 'whole')
    runNights(folder, whole, 1, 3)
    const lost = join(folder, 'lost')
    cpSync(whole, lost, { recursive: true })
    const files = indexFiles(lost)
    rmSync(join(lost, 'index'), { recursive: true })
    const refused = quern(['run', pipelineOf(folder, 4), '--out', lost])
    expect(refused.status).toBe(1)
    expect(refused.err).toContain(`quern rebuild-index ${lost}`)
    expect(quern(['verify', lost]).out).toContain(`quern rebuild-index ${lost}`)

    const result = quernJson<{ runs: number; restored: unknown[] }>(['rebuild-index', lost])
    expect(result.runs).toBe(files.length)
    expect(result.restored).toHaveLength(files.length)
    expect(reachable(lost)).toEqual(reachable(whole))

    const damaged = join(lost, runsOf(lost, 3)[1]?.path ?? '')
    const bytes = readFileSync(damaged)
    bytes[200] = (bytes[200] ?? 0) ^ 255
    rmSync(damaged)
    writeFileSync(damaged, bytes)
    expect(quernJson<{ restored: unknown[] }>(['rebuild-index', lost]).restored).toHaveLength(1)
    expect(quernJson<{ restored: unknown[] }>(['rebuild-index', lost]).restored).toHaveLength(0)

    runNights(folder, whole, 4, 4)
    runNights(folder, lost, 4, 4)
    expect(reachable(lost)).toEqual(reachable(whole))
  })
})
