import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * A Python with the packages of `bench/peers/NAME.txt`, set up once in `.cache/bench/NAME`. QUERN_BENCH_PYTHON names one
 * that has them already.
 */
export function peerPython(name: string): string {
  const cache = join(root, '.cache/bench', name)
  const python = process.env['QUERN_BENCH_PYTHON'] ?? join(cache, 'bin/python')
  if (!existsSync(python)) {
    execFileSync('python3', ['-m', 'venv', cache], { stdio: 'inherit' })
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', '-r', join(root, 'bench/peers', `${name}.txt`)], { stdio: 'inherit' })
  }
  return python
}

/** Runs `bench/peers/SCRIPT` on so many cores with the packages of a bench; returns the JSON object of its last line. */
export function runPeerScript<T>(name: string, script: string, args: readonly string[], cores = 1): T {
  const ran = spawnSync('taskset', ['-c', `0-${cores - 1}`, peerPython(name), join(root, 'bench/peers', script), ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (ran.status !== 0) throw new Error(`${script} failed: ${ran.stderr}`)
  return JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '') as T
}
