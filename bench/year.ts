import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Asked, startFaultProxy } from '../test/storage/fault-proxy.ts'
import { bucket, startServer } from '../test/storage/s3-servers.ts'
import { nightPipeline, writeNight } from './input/nights.ts'
import type { Retained } from '../src/dataset/garbage.ts'
import { measuredQuern } from './profile/measured-run.ts'
import { plotNights } from './profile/year-plot.ts'
import type { Bench } from './run.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** As many nights at both ends of the year have `--ends` parts, and are compared: one night alone merges runs or it does not. */
const atEnds = 3
/** `quern retain --last` so many, as often: no earlier, so that the alarms find the nights they look back on. */
const retainEvery = 30

interface NightFigures {
  readonly night: number
  readonly parts: number
  readonly requests: number
  readonly cpuSeconds: number
  readonly seconds: number
  readonly peakMiB: number
  /** Requests by method and by the folder of the dataset that they were for. */
  readonly asked: Readonly<Record<string, number>>
  readonly tokens: number
  /** Objects that the store holds after the night, and after the retention that may follow it, by folder. */
  readonly objects: Readonly<Record<string, number>>
}

const bench: Bench = {
  name: 'year',
  summary:
    'Night after night on object storage: requests, CPU, memory and objects of the last nights against the first. ' +
    '--nights N, --parts N a night, --ends N of the first and last nights, --pages N a part, --folder DIR to go on where a run was stopped, --plot FILE (of a whole year docs/year.svg).',
  async measure({ say, option }) {
    const number = (flag: string, otherwise: number): number => Number(option(flag) ?? otherwise)
    const [nights, parts, pages] = [number('--nights', 365), number('--parts', 1000), number('--pages', 1)]
    const ends = number('--ends', parts)
    const kept = option('--folder')
    const folder = kept ?? mkdtempSync(join(tmpdir(), 'quern-bench-'))
    mkdirSync(join(folder, 'in'), { recursive: true })
    const progress = join(folder, 'nights.jsonl')
    let needed = NaN
    const all = existsSync(progress)
      ? readFileSync(progress, 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as NightFigures)
      : []
    const server = await startServer('versitygw', join(folder, 'server'))
    const proxy = await startFaultProxy(server.endpoint)
    const env = { ...server.env, AWS_ENDPOINT_URL_S3: proxy.endpoint }
    const url = `s3://${bucket}/year`
    const isEnd = (night: number): boolean => (night > 1 && night <= 1 + atEnds) || night > nights - atEnds
    const retain = (last: number, ...more: string[]) =>
      measuredQuern(['retain', url, '--last', String(last), '--grace', '0s', '--json', ...more], env, folder)
    const pagesOf = (night: number): number => pages * (isEnd(night) ? ends : parts)
    try {
      const pipeline = nightPipeline(join(folder, 'in'), join(root, 'data-samples/tokenizer.json'), { pagesInPart: pages })
      // Nights of an earlier run may have been of another size: their pages are counted as they were.
      let first = 1 + all.reduce((sum, night) => sum + night.parts * pages, 0)
      for (let night = all.length + 1; night <= nights; first += pagesOf(night), night++) {
        writeNight(join(folder, 'in'), night, first, pagesOf(night))
        proxy.forget()
        const used = await measuredQuern(['run', pipeline, '--out', url, '--workers', '1', '--json'], env, folder)
        const asked = countAsked(proxy.asked)
        if (night % retainEvery === 0) await retain(retainEvery)
        const figures: NightFigures = {
          night,
          parts: pagesOf(night) / pages,
          requests: sumOf(asked),
          cpuSeconds: used.cpuSeconds,
          seconds: used.seconds,
          peakMiB: used.peakBytes / 2 ** 20,
          asked,
          tokens: (JSON.parse(used.out) as { readonly tokens: number }).tokens,
          objects: countObjects(join(server.objects, 'year')),
        }
        all.push(figures)
        appendFileSync(progress, `${JSON.stringify(figures)}\n`)
        if (night % 10 === 0 || night < 6 || isEnd(night)) say(JSON.stringify(figures))
      }
      const { removed, deleted, waiting } = JSON.parse((await retain(1, '--dry-run')).out) as Retained
      const garbage = deleted.objects + removed.length + waiting.objects + waiting.snapshots.length
      needed = sumOf(countObjects(join(server.objects, 'year'))) - garbage
    } finally {
      await proxy.stop()
      await server.stop()
      if (kept === undefined) rmSync(folder, { recursive: true, force: true })
    }
    const plot = option('--plot') ?? (nights >= 365 ? join(root, 'docs/year.svg') : undefined)
    if (plot !== undefined) writeFileSync(plot, plotYear(all, isEnd, ends))
    const early = summarize(all.slice(1, 1 + atEnds))
    const late = summarize(all.slice(-atEnds))
    return {
      input: { nights, parts, ends, pages, compared: `medians of nights 2 to ${1 + atEnds} and of the last ${atEnds}, of ${ends} parts each` },
      ours: {
        early,
        late,
        objectsWithoutOlderSnapshots: needed,
        nights: all.filter(({ night }) => night < 6 || night === nights || night % retainEvery === 0),
      },
      peers: {},
      ratio: Object.fromEntries(Object.entries(late).map(([name, value]) => [name, value / (early[name as keyof Summary] || NaN)])),
    }
  },
}

export default bench

type Summary = Record<'requests' | 'cpuSeconds' | 'seconds' | 'peakMiB', number>

function summarize(nights: readonly NightFigures[]): Summary {
  const median = (pick: (night: NightFigures) => number): number => nights.map(pick).sort((a, b) => a - b)[nights.length >> 1] ?? NaN
  return {
    requests: median(({ requests }) => requests),
    cpuSeconds: median(({ cpuSeconds }) => cpuSeconds),
    seconds: median(({ seconds }) => seconds),
    peakMiB: median(({ peakMiB }) => peakMiB),
  }
}

const sumOf = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((sum, n) => sum + n, 0)

/** Nights of another size than the rest are left out of what a night costs: one scale does not hold both. */
function plotYear(all: readonly NightFigures[], isEnd: (night: number) => boolean, ends: number): string {
  const rows = all.slice(1)
  const small = (pick: (night: NightFigures) => number) => rows.map((row) => (isEnd(row.night) && row.parts !== all[0]?.parts ? NaN : pick(row)))
  const note = rows.some(({ parts }) => parts === ends && ends !== all[0]?.parts) ? ` of a night of ${all[0]?.parts} parts` : ''
  return plotNights([
    { title: `requests${note}`, values: small(({ requests }) => requests) },
    { title: `CPU seconds${note}`, values: small(({ cpuSeconds }) => cpuSeconds) },
    { title: `peak memory${note}, MiB`, values: small(({ peakMiB }) => peakMiB) },
    {
      title: `objects in the store (quern retain --last ${retainEvery} every ${retainEvery} nights)`,
      values: rows.map(({ objects }) => sumOf(objects)),
    },
  ])
}

/** `GET lists` -> how often. Paths are `/bucket/year/folder/...`; a list says its folder in the query. */
function countAsked(asked: readonly Asked[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { method, path } of asked) {
    const { pathname, searchParams } = new URL(path, 'http://store')
    const listed = searchParams.get('prefix')
    const key = (listed ?? pathname.split('/').slice(2).join('/')).split('/')
    const name = `${listed === null ? method : 'LIST'} ${key.length > 2 ? key[1] : (key[1] ?? '')}`
    counts[name] = (counts[name] ?? 0) + 1
  }
  return Object.fromEntries(Object.entries(counts).sort(([, a], [, b]) => b - a))
}

function countObjects(folder: string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!statSync(join(folder, name)).isFile()) continue
    const [top = '', inner] = name.split('/')
    const kind = inner === undefined ? 'alone' : top
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}
