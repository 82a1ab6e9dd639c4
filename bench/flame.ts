import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { archiveFiles, writePipeline } from './input/archives.ts'
import { flameGraph } from './profile/flame-graph.ts'
import { readProfiles, sharesOf } from './profile/shares.ts'
import type { Bench } from './run.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const bench: Bench = {
  name: 'flame',
  summary: 'Where the CPU of a whole run goes, with one worker; writes docs/flame.svg.',
  async measure({ input, say }) {
    const work = mkdtempSync(join(tmpdir(), 'quern-bench-'))
    try {
      const archives = join(work, 'archives')
      mkdirSync(archives)
      const files = archiveFiles(input)
      for (const [i, file] of files.entries()) symlinkSync(file, join(archives, `${i}-${basename(file)}`))
      const profiles = join(work, 'profiles')
      say(`a watched run over ${files.length} archives`)
      const ran = spawnSync(
        process.execPath,
        [join(root, 'bin/quern.mjs'), 'run', writePipeline(work, archives), '--out', join(work, 'out'), '--workers', '1', '--json'],
        { encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, QUERN_PROFILE: profiles } },
      )
      if (ran.status !== 0) throw new Error(`the run failed: ${ran.stderr}`)
      const { read } = JSON.parse(ran.stdout) as { read: number }
      const found = readProfiles(profiles)
      const shares = sharesOf(found)
      writeFileSync(join(root, 'docs/flame.svg'), flameGraph(`quern run, ${read.toLocaleString('en')} pages, one worker`, found))
      return {
        input: { archives: files.length, documents: read },
        ours: { ...shares, documentsPerCpuSecond: read / shares.cpuSeconds },
        peers: {},
        ratio: {},
      }
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  },
}

export default bench
