import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { curvePlot } from './duplicates/curve-plot.ts'
import type { Bench } from './run.ts'

const native = fileURLToPath(new URL('../native', import.meta.url))
const plotFile = fileURLToPath(new URL('../docs/sequence.svg', import.meta.url))
const nightDocuments = 1_000_000
const goal = 100_000

/** What native/benches/index_scale.rs prints of one size: the same night several times, each with more of it in memory. */
interface Figures {
  readonly earlier: number
  readonly indexBytes: number
  readonly searchedBytes: number
  readonly nights: readonly {
    readonly documentsPerCpuSecond: number
    readonly documentsPerSecond: number
    /** Pages of the index that were found in memory, and that were read: 0 when the whole night was asked from the page cache. */
    readonly pagesMapped: number
    readonly pagesRead: number
  }[]
}

const bench: Bench = {
  name: 'sequence',
  summary:
    'A night of 1 million documents against an index of 1, 10 and 100 million, and docs/sequence.svg. The index is real but for its sketches: those that the night does not repeat are holes of the file. (--sets 1,10 for fewer, --input FOLDER for where: 20 GB of disk at 100 million.)',
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
        rmSync(join(work, `index-${Number(millions) * 1e6}-${nightDocuments}`), { recursive: true, force: true })
      }
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
    writeFileSync(plotFile, plot(Object.values(all)))
    return { input: { nightDocuments }, ours: all, peers: {}, ratio: {} }
  },
}

/** Microseconds a document by the size of the index: the last night of each, and the goal. */
function plot(figures: readonly Figures[]): string {
  const points = (of: 'documentsPerCpuSecond' | 'documentsPerSecond'): (readonly [number, number])[] =>
    figures.map(({ earlier, nights }) => [Math.log10(earlier), 1e6 / (nights.at(-1)?.[of] ?? NaN)] as const)
  const curves = [
    { name: 'CPU time', kind: 'dots', colour: 0, points: points('documentsPerCpuSecond') },
    { name: 'elapsed', kind: 'dots', colour: 1, points: points('documentsPerSecond') },
    { name: 'goal', kind: 'line', colour: 2, points: [6, 8].map((x) => [x, 1e6 / goal] as const) },
  ] as const
  const high = 5 * Math.ceil(Math.max(2e6 / goal, ...curves.flatMap((curve) => curve.points.map(([, y]) => y))) / 5)
  const x = 'documents of earlier nights, powers of ten'
  return curvePlot([{ title: 'A night of 1 million documents', x, y: 'microseconds a document', from: 6, to: 8, high, curves }])
}

export default bench
