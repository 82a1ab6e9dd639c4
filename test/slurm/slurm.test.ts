import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { quern, quernJson, reachable, root, scratch, type RunSummary } from '../quern.ts'
import { startCluster, type Cluster } from './cluster.ts'

let cluster: Cluster

beforeAll(async () => {
  cluster = await startCluster(3)
})
afterAll(async () => cluster?.stop())

/** The declaration of human rights in 24 languages, in parts small enough for several jobs. */
function writePipeline(folder: string): string {
  const file = join(folder, 'rights.yaml')
  writeFileSync(
    file,
    `name: rights
sources:
  - { use: warc, name: udhr, licence: none, paths: ['${join(root, 'data-samples/udhr.warc.gz')}'], part-bytes: 65536 }
stages:
  - use: extract-html
  - { use: language, keep: [de, en, fr, nl], limits: { default: 0 } }
  - use: exact-duplicates
  - { use: tokenize, tokenizer: '${join(root, 'data-samples/tokenizer.json')}' }
output: { dataset: ./unused }
`,
  )
  return file
}

/** Code that every task runs first: how a test makes a job fail. It does nothing to the driver. */
function preload(folder: string, code: string): string {
  const file = join(folder, 'preload.cjs')
  writeFileSync(file, `if (process.argv[2] === 'task') { ${code} }`)
  return `--slurm=--export=ALL,NODE_OPTIONS=--require=${file}`
}

const slurm = ['--executor', 'slurm']

describe('--executor slurm', () => {
  test('a job that is killed is submitted again, then a clear error with its log; the next run goes on to the same bytes as local', () => {
    const folder = scratch()
    const pipeline = writePipeline(folder)
    const out = join(folder, "a $HOME 100% 'quoted' place")
    const local = join(folder, 'local')
    const summary = quernJson<RunSummary>(['run', pipeline, '--out', local])
    expect(summary.tokens).toBeGreaterThan(1000)

    const dying = preload(
      folder,
      "console.log('the last words of ' + process.env.SLURM_JOB_ID); if (process.argv[3] === 'press') process.kill(process.pid, 'SIGKILL')",
    )
    const died = quern(['run', pipeline, '--out', out, ...slurm, dying, '--json'], { env: cluster.env })
    expect(died.status, died.err).toBe(1)
    const { error } = JSON.parse(died.out) as { error: { code: string; message: string } }
    expect(error.code).toBe('worker-died')
    expect(error.message).toMatch(
      /^pressing shard [0-9a-f]{12}: Slurm job \d+_\d+ ended without its result \(FAILED.*staging\/logs\/press-\d+_\d+\.log ends:\n {2}\| the last words of \d+/s,
    )
    expect(died.err).toMatch(/submitting it once more/)
    expect(readdirSync(join(out, 'parts')).length).toBeGreaterThan(1)
    expect(cluster.ask('squeue', ['--noheader'])).toBe('')

    // Prepare and retain are done; the first job of the other phases fails once, and all is well in the end.
    const once = preload(
      folder,
      `try { require('fs').writeFileSync(${JSON.stringify(join(folder, 'once-'))} + process.argv[3], '', { flag: 'wx' }) } catch { return } throw new Error('a bad moment')`,
    )
    const again = quern(['run', pipeline, '--out', out, ...slurm, once, '--tasks-per-job', '3', '--json'], { env: cluster.env })
    expect(again.status, again.err).toBe(0)
    expect(
      readdirSync(folder)
        .filter((name) => name.startsWith('once-'))
        .sort(),
    ).toEqual(['once-press', 'once-seal'])
    expect({ ...(JSON.parse(again.out) as RunSummary), seconds: 0 }).toEqual({ ...summary, seconds: 0 })
    expect(reachable(out)).toEqual(reachable(local))
    expect(readdirSync(join(out, 'staging'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())).toEqual([])
  })

  test('several jobs in flight, no more than --workers; an interrupt cancels them, and "quern task" does one by hand', async () => {
    const folder = scratch()
    const pipeline = writePipeline(folder)
    const out = join(folder, 'out')
    const args = [
      'run',
      pipeline,
      '--out',
      out,
      ...slurm,
      '--workers',
      '2',
      preload(folder, 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000)'),
    ]
    const driver = spawn(process.execPath, [join(root, 'bin/quern.mjs'), ...args], { stdio: 'ignore', env: { ...process.env, ...cluster.env } })
    onTestFinished(() => void driver.kill('SIGKILL'))
    const queue = (): string[] =>
      cluster.ask('squeue', ['--noheader', '--array', '--states=RUNNING', '--format=%i %j']).trim().split('\n').filter(Boolean)
    for (let i = 0; i < 100 && queue().length < 2; i += 1) await sleep(200)
    expect(queue()).toHaveLength(2)
    expect(queue()[0]).toMatch(/^\d+_\d+ quern-prepare$/)
    driver.kill('SIGINT')
    await once(driver, 'exit')
    for (let i = 0; i < 50 && queue().length > 0; i += 1) await sleep(100)
    expect(queue()).toEqual([])

    const stored = readdirSync(join(out, 'staging/tasks'))
    const list = stored.find((name) => name.endsWith('.list.json')) ?? ''
    const { jobs } = JSON.parse(readFileSync(join(out, 'staging/tasks', list), 'utf8')) as { jobs: string[][] }
    expect(jobs.map((keys) => keys.length)).toEqual([1, 1])
    const key = jobs[1]?.[0] ?? ''
    const one = quernJson<{ key: string; rows: number }>(['task', 'prepare', key, '--out', out])
    expect(one.key).toBe(key)
    expect(one.rows).toBeGreaterThan(0)
    expect(quernJson(['task', 'prepare', `@${list.replace('.list.json', '')}:1`, '--out', out])).toEqual({ records: [one] })
    const wrong = quern(['task', 'press', key, '--out', out])
    expect(wrong).toMatchObject({ status: 1, err: expect.stringContaining('that is a task of prepare') })
    expect(quern(['task', 'prepare', `@${list.replace('.list.json', '')}:2`, '--out', out]).err).toContain('[not-found]')
  })

  test("a refusal says what sbatch said; a machine without Slurm, and options that are not sbatch's, are bad usage", () => {
    const folder = scratch()
    const pipeline = writePipeline(folder)
    const refused = (more: readonly string[], env: Record<string, string> = cluster.env): string => {
      const ran = quern(['run', pipeline, '--out', join(folder, 'out'), ...more], { env })
      expect(ran.status, ran.err).toBe(2)
      return ran.err
    }
    expect(refused([...slurm, '--slurm=--partition=nowhere'])).toMatch(/sbatch refused: .*invalid partition/s)
    expect(refused(slurm, { PATH: folder })).toMatch(/sbatch: the command is not on this machine \[bad-usage\]/)
    expect(refused([...slurm, '--slurm=cpu'])).toContain('not an option of sbatch')
    expect(refused([...slurm, '--slurm=--array=0-9'])).toContain('belongs to the executor')
    expect(refused(['--slurm=--partition=main'])).toContain('is for --executor slurm')
  })
})
