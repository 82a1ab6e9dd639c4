import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Usage {
  readonly seconds: number
  /** User and system time of all threads. */
  readonly cpuSeconds: number
  /** The most memory that was resident at once. */
  readonly peakBytes: number
}

/** Runs the command line in a process of its own and tells what it used; this process stays free to serve it meanwhile. */
export async function measuredQuern(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  scratch: string,
): Promise<Usage & { readonly out: string }> {
  const usage = join(scratch, 'usage.json')
  const started = performance.now()
  const child = spawn(process.execPath, ['--import', join(root, 'bench/profile/usage.mjs'), join(root, 'bin/quern.mjs'), ...args], {
    env: { ...process.env, ...env, QUERN_BENCH_USAGE: usage },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const [status] = (await once(child, 'close')) as [number | null]
  const seconds = (performance.now() - started) / 1000
  if (status !== 0) throw new Error(`quern ${args.join(' ')} exited with ${status}: ${err}`)
  return { ...(JSON.parse(readFileSync(usage, 'utf8')) as Omit<Usage, 'seconds'>), seconds, out }
}
