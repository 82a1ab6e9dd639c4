import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writePages, writePipeline } from '../laws/pages.ts'
import { quernJson, root, scratch, type RunSummary } from '../quern.ts'

test('an interrupted run says that the same command goes on, and it does', { timeout: 120_000 }, async () => {
  const folder = scratch()
  writePages(join(folder, 'a.jsonl'), 0, 3000)
  const pipeline = writePipeline(folder, 'stopped', ['a.jsonl'])
  const out = join(folder, 'set')
  const child = spawn(process.execPath, [join(root, 'bin/quern.mjs'), 'run', pipeline, '--out', out], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    if (said.includes('planning')) child.kill('SIGINT')
  })
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null]
  expect({ status, signal }).toEqual({ status: null, signal: 'SIGINT' })
  expect(said).toContain('the same command goes on')
  expect(quernJson<RunSummary>(['run', pipeline, '--out', out]).read).toBe(3000)
})
