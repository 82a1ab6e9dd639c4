import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench } from './run.ts'

const native = fileURLToPath(new URL('../native', import.meta.url))
const nightDocuments = 1_000_000

/** What native/benches/index_scale.rs prints of one size. */
interface Figures {
  readonly earlier: number
  readonly documentsPerCpuSecond: number
}

const bench: Bench = {
  name: 'sequence',
  summary:
    'A night of 1 million documents against an index of 1, 10 and 100 million (--sets 1,10 for fewer, --input FOLDER for where: 20 GB of disk at 100 million).',
  async measure({ input, sets, say }) {
    const work = mkdtempSync(join(input ?? tmpdir(), 'quern-bench-'))
    const all: Record<string, Figures> = {}
    try {
      for (const millions of (sets ?? '1,10,100').split(',')) {
        say(`an index of ${millions} million documents`)
        const args = ['bench', '--no-default-features', '--bench', 'index_scale', '--', String(Number(millions) * 1e6), String(nightDocuments), work]
        const ran = spawnSync('cargo', args, { cwd: native, encoding: 'utf8' })
        if (ran.status !== 0) throw new Error(`the bench failed: ${ran.stderr}`)
        all[`${millions} million`] = JSON.parse(ran.stdout) as Figures
      }
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
    return { input: { nightDocuments }, ours: all, peers: {}, ratio: {} }
  },
}

export default bench
