import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readProfiles, sharesOf } from '../../bench/profile/shares.ts'
import { quern, root, scratch } from '../quern.ts'

test('a watched run says what every stage took, in the core and outside it', () => {
  const folder = scratch()
  const profiles = join(folder, 'profiles')
  const ran = quern(['run', join(root, 'pipelines/sample.yaml'), '--out', join(folder, 'out'), '--workers', '1'], {
    env: { QUERN_PROFILE: profiles },
  })
  expect(ran.status, ran.err).toBe(0)

  const threads = readProfiles(profiles)
  expect(threads.map(({ thread }) => thread).sort()).toEqual(['main', 'worker 1'])
  for (const { cpu, spans } of threads) {
    const named = Object.values(spans).reduce((sum, micros) => sum + micros, 0)
    expect(named).toBeLessThanOrEqual(cpu * 1.01)
    expect(Math.min(...Object.values(spans))).toBeGreaterThanOrEqual(0)
  }

  const { stages, core, typescript, runtime } = sharesOf(threads)
  // gopher-quality measures in the pass of gopher-repetition; what is left of it may be too short for a share.
  for (const stage of ['extract-html', 'language', 'gopher-repetition', 'read', 'sign']) expect(stages).toHaveProperty(`prepare;${stage}`)
  expect(stages).toHaveProperty('press;tokenize')
  expect(stages).toHaveProperty('sequence')
  const sum = (of: Readonly<Record<string, number>>): number => Object.values(of).reduce((total, share) => total + share, 0)
  expect(sum(stages)).toBeCloseTo(1, 1)
  expect(sum(core) + typescript + runtime).toBeCloseTo(1, 1)
})

test('a run that is not watched leaves nothing', () => {
  const folder = scratch()
  const ran = quern(['check', join(root, 'pipelines/sample.yaml')], { cwd: folder, env: { QUERN_PROFILE: '' } })
  expect(ran.status, ran.err).toBe(0)
  expect(readdirSync(folder)).toEqual([])
})
