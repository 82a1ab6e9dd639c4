import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ThreadProfile } from '../../src/core/stopwatch.ts'

export interface Shares {
  /** `prepare;extract-html` -> its share of the process's CPU, with what it called in the core. Sums to 1 with the rest. */
  readonly stages: Readonly<Record<string, number>>
  /** The same for the functions of the core alone. */
  readonly core: Readonly<Record<string, number>>
  /** Threads' CPU outside the core: TypeScript with its collector, loading and compiling of modules included. */
  readonly typescript: number
  /** The same without what was spent before the first task. */
  readonly typescriptAfterStart: number
  /** The runtime's helper threads: concurrent collection, compilation, file access. */
  readonly runtime: number
  /** Of the whole process. */
  readonly cpuSeconds: number
}

/** What the threads of a watched run left in a folder (`src/core/stopwatch.ts`). */
export function readProfiles(folder: string): ThreadProfile[] {
  return readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as ThreadProfile)
}

export function sharesOf(profiles: readonly ThreadProfile[]): Shares {
  const total = profiles.find(({ processCpu }) => processCpu !== null)?.processCpu ?? 0
  const threads = profiles.reduce((sum, { cpu }) => sum + cpu, 0)
  const stages = new Map<string, number>()
  const core = new Map<string, number>()
  let native = 0
  let named = 0
  const add = (to: Map<string, number>, name: string, micros: number): void => void to.set(name, (to.get(name) ?? 0) + micros)
  for (const { spans, thread } of profiles) {
    for (const [path, micros] of Object.entries(spans)) {
      const names = path.split(';')
      named += micros
      add(stages, names[0] === 'start' ? `start of ${thread === 'main' ? 'main' : 'workers'}` : stageOf(names), micros)
      const last = names.at(-1) ?? ''
      if (!last.startsWith('native ')) continue
      native += micros
      add(core, last.slice('native '.length), micros)
    }
  }
  add(stages, 'planning and waiting', threads - named)
  add(stages, 'runtime threads', total - threads)
  const started = [...stages].reduce((sum, [name, micros]) => (name.startsWith('start of') ? sum + micros : sum), 0)
  return {
    stages: shares(stages, total),
    core: shares(core, total),
    typescript: round((threads - native) / total),
    typescriptAfterStart: round((threads - native - started) / (total - started)),
    runtime: round((total - threads) / total),
    cpuSeconds: total / 1e6,
  }
}

/** `prepare;gopher-quality;native GopherQuality.measure` belongs to `prepare;gopher-quality`; the main thread's work in the core to sequence. */
function stageOf(names: readonly string[]): string {
  const own = names.filter((name) => !name.startsWith('native '))
  return own.length === 0 ? 'sequence' : own.slice(0, 2).join(';')
}

function shares(spent: ReadonlyMap<string, number>, total: number): Record<string, number> {
  return Object.fromEntries(
    [...spent]
      .sort((a, b) => b[1] - a[1])
      .map(([name, micros]) => [name, round(micros / total)] as const)
      .filter(([, share]) => share > 0),
  )
}

const round = (share: number): number => Number(share.toFixed(4))
