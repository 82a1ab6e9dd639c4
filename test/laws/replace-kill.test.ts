import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { quernJson, reachable, startQuern } from '../quern.ts'
import { at, others, type Row, type Run, siteIn, tokenizer, verified, why } from './page-versions.ts'
import { page, random } from './pages.ts'

const kills = Number(process.env['QUERN_KILLS'] ?? 4)
const folder = mkdtempSync(join(tmpdir(), 'quern-test-'))
const { write, pipeline } = siteIn(folder)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('replacing pages', () => {
  test('any number of workers makes the same bytes', { timeout: 180_000 }, () => {
    const [first, second] = [0, 1].map((night) =>
      Array.from({ length: 120 }, (_, i): Row => [
        `${i}`,
        `2024-0${night + 1}-01`,
        i % 7 === 3 ? page(900 + i, 120, 0.01, i) : page(900 + i - (i % 7 === 4 ? 1 : 0) + night * 500 * (i % 2), 120),
      ]),
    ) as [Row[], Row[]]
    write('workers-0', first)
    write('workers-1', second)
    const made = ['1', '3'].map((workers) => {
      const out = join(folder, `workers-${workers}`)
      for (const night of [1, 2])
        quernJson<Run>(['run', pipeline('workers', night), '--out', out, '--workers', workers, ...(workers === '3' ? ['--batch-rows', '7'] : [])])
      verified(out)
      return reachable(out)
    })
    expect(made[1]).toEqual(made[0])
  })

  test(`killed at ${kills} moments and run again, the newest snapshot has the same bytes`, { timeout: 600_000 }, async () => {
    write('killed-0', [...Array.from({ length: 40 }, (_, i): Row => [`${i}`, '2024-01-01', page(i, 150)]), ['like', '', page(3, 150, 0.01, 2)]])
    write('killed-1', [...Array.from({ length: 20 }, (_, i): Row => [`${i}`, '2024-02-01', page(500 + i, 150)]), ...others(700, 10)])
    const base = join(folder, 'killed')
    quernJson<Run>(['run', pipeline('killed', 1), '--out', base])
    const args = (out: string): string[] => ['run', pipeline('killed', 2), '--out', out]
    const whole = join(folder, 'killed-whole')
    cpSync(base, whole, { recursive: true })
    const began = Date.now()
    expect(quernJson<Run>(args(whole))).toMatchObject({ replaced: 20 })
    const duration = Date.now() - began
    const expected = reachable(whole)
    const next = random(kills + 3)
    for (let kill = 0; kill < kills; kill += 1) {
      const out = join(folder, `killed-${kill}-out`)
      cpSync(base, out, { recursive: true })
      // The last kill comes as soon as the night is published, before its replacement is.
      const moment = kill + 1 === kills ? undefined : 300 + next() * duration
      const child = startQuern(args(out))
      if (moment === undefined) while (readdirSync(join(out, 'snapshots')).length < 2 && child.exitCode === null) await sleep(5)
      else await Promise.race([sleep(moment), once(child, 'exit')])
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      quernJson<Run>(args(out))
      expect(reachable(out), `killed after ${moment} ms`).toEqual(expected)
      verified(out)
    }
    // Two runs and an erasure at once: whoever is late does it again on top of the others.
    const raced = join(folder, 'killed-raced')
    cpSync(base, raced, { recursive: true })
    const erasure = ['suppress', raced, '--url', at('35'), '--apply', '--tokenizer', tokenizer]
    const codes = await Promise.all([args(raced), args(raced), erasure].map((each) => once(startQuern(each), 'exit') as Promise<[number]>))
    expect(codes.map(([code]) => code)).toEqual([0, 0, 0])
    for (const url of ['0', '19']) expect(why(raced, at(url))).toMatchObject({ outcome: 'kept', ledger: { date: '2024-02-01' } })
    expect(quernJson<{ documents: object }>(['suppress', raced, '--url', at('35'), '--dry-run']).documents).toEqual({ kept: 0, dropped: 0 })
    verified(raced)
  })
})
