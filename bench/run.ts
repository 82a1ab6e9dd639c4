import { readdirSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

/** One published number: what was measured on which input, ours and the peers', in one run. */
export interface Bench {
  readonly name: string
  readonly summary: string
  measure(options: {
    readonly input: string | undefined
    readonly sets: string | undefined
    /** What the command line says behind any other flag. */
    readonly option: (flag: string) => string | undefined
    readonly say: (line: string) => void
  }): Promise<BenchResult>
}

export interface BenchResult {
  readonly input: Readonly<Record<string, number | string>>
  readonly ours: Readonly<Record<string, unknown>>
  readonly peers: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Ours over theirs: 10 says ten times as fast. */
  readonly ratio: Readonly<Record<string, number>>
}

const args = process.argv.slice(2)
const asJson = args.includes('--json')
const option = (flag: string): string | undefined => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined)
const [input, sets] = [option('--input'), option('--sets')]
const name = args.find((arg, i) => !arg.startsWith('--') && (args[i - 1] === '--json' || args[i - 1]?.startsWith('--') !== true))
const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -3))
if (name === undefined || !names.includes(name)) {
  console.error(`Usage: npm run bench -- NAME [--input PATH] [--sets PATH] [--json]\n  NAME is one of: ${names.join(', ')}`)
  process.exit(2)
}
const { default: bench } = (await import(`./${name}.ts`)) as { default: Bench }
const result = await bench.measure({ input, sets, option, say: (line) => console.error(line) })
const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.versions.node }
if (asJson) console.log(JSON.stringify({ name: bench.name, ...result, machine }))
else {
  console.log(bench.summary)
  console.log(JSON.stringify({ ...result, machine }, null, 2))
}
