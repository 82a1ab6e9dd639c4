import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startFaultProxy } from '../test/storage/fault-proxy.ts'
import { bucket, startServer } from '../test/storage/s3-servers.ts'
import { nightPipeline, writeNight } from './input/nights.ts'
import { measuredQuern } from './profile/measured-run.ts'
import { plotNights } from './profile/year-plot.ts'
import type { Bench } from './run.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** `NIGHTSxPARTS`; another size than the whole year for a machine or an evening that has no room for it. */
const [nights = 365, parts = 1000] = (process.env['QUERN_BENCH_YEAR'] ?? '365x1000').split('x').map(Number)
/** Compared at both ends: one night alone merges runs or it does not, and shares its machine with whatever else runs. */
const span = Math.min(14, Math.floor((nights - 1) / 2))

interface NightFigures {
  readonly requests: number
  readonly cpuSeconds: number
  readonly seconds: number
  readonly peakMiB: number
  /** Objects and bytes that the store holds after it. */
  readonly objects: number
  readonly bytes: number
  /** Objects under `staging/`, `parts/` and `plans/`. */
  readonly staged: number
}

const bench: Bench = {
  name: 'year',
  summary: 'Night after night on object storage: requests, CPU, memory and objects of the last nights against the first.',
  async measure({ say }) {
    const work = mkdtempSync(join(tmpdir(), 'quern-bench-'))
    const server = await startServer('versitygw')
    const proxy = await startFaultProxy(server.endpoint)
    const env = { ...server.env, AWS_ENDPOINT_URL_S3: proxy.endpoint }
    const url = `s3://${bucket}/year`
    const all: NightFigures[] = []
    try {
      mkdirSync(join(work, 'in'))
      const pipeline = nightPipeline(join(work, 'in'), join(root, 'data-samples/tokenizer.json'))
      for (let night = 1; night <= nights; night++) {
        writeNight(join(work, 'in'), night, parts)
        const before = proxy.asked.length
        const used = await measuredQuern(['run', pipeline, '--out', url, '--workers', '1', '--json'], env, work)
        const requests = proxy.asked.length - before
        if (night % 30 === 0) await measuredQuern(['retain', url, '--last', '30', '--grace', '0s', '--json'], env, work)
        all.push({
          requests,
          cpuSeconds: used.cpuSeconds,
          seconds: used.seconds,
          peakMiB: used.peakBytes / 2 ** 20,
          ...countObjects(join(server.objects, 'year')),
        })
        if (night % 10 === 0 || night < 4) say(`night ${night}: ${JSON.stringify(all.at(-1))}`)
      }
    } finally {
      await proxy.stop()
      await server.stop()
      rmSync(work, { recursive: true, force: true })
    }
    const first = summarize(all.slice(1, 1 + span))
    const last = summarize(all.slice(-span))
    const plot = process.env['QUERN_BENCH_PLOT']
    if (plot !== undefined) writeFileSync(plot, plotYear(all.slice(1)))
    return {
      input: { nights, parts, compared: `medians of nights 2 to ${span + 1} and of the last ${span}` },
      ours: { first, last, staged: all.at(-1)?.staged, nights: all.filter((_, i) => i < 3 || i === nights - 1 || (i + 1) % 73 === 0) },
      peers: {},
      ratio: {
        requests: last.requests / first.requests,
        cpuSeconds: last.cpuSeconds / first.cpuSeconds,
        seconds: last.seconds / first.seconds,
        peakMiB: last.peakMiB / first.peakMiB,
        'requests of the last night': (all.at(-1)?.requests ?? NaN) / (all[1]?.requests ?? NaN),
      },
    }
  },
}

export default bench

function summarize(nightsOf: readonly NightFigures[]): Record<'requests' | 'cpuSeconds' | 'seconds' | 'peakMiB', number> {
  const median = (pick: (night: NightFigures) => number): number => nightsOf.map(pick).sort((a, b) => a - b)[nightsOf.length >> 1] ?? NaN
  return {
    requests: median(({ requests }) => requests),
    cpuSeconds: median(({ cpuSeconds }) => cpuSeconds),
    seconds: median(({ seconds }) => seconds),
    peakMiB: median(({ peakMiB }) => peakMiB),
  }
}

function plotYear(rows: readonly NightFigures[]): string {
  return plotNights([
    { title: 'requests', values: rows.map(({ requests }) => requests) },
    { title: 'CPU seconds', values: rows.map(({ cpuSeconds }) => cpuSeconds) },
    { title: 'peak memory, MiB', values: rows.map(({ peakMiB }) => peakMiB) },
    { title: 'objects in the store (retain --last 30 every 30 nights)', values: rows.map(({ objects }) => objects) },
  ])
}

function countObjects(folder: string): { objects: number; bytes: number; staged: number } {
  let [objects, bytes, staged] = [0, 0, 0]
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const facts = statSync(join(folder, name))
    if (!facts.isFile()) continue
    objects++
    bytes += facts.size
    if (/^(?:staging|parts|plans)\//.test(name)) staged++
  }
  return { objects, bytes, staged }
}
