import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * A Python with the packages of `bench/peers/NAME.txt`, set up in `.cache/bench/NAME` once, and again when that list has
 * changed or a set-up broke off. QUERN_BENCH_PYTHON names one that has them already.
 */
export function peerPython(name: string): string {
  const given = process.env['QUERN_BENCH_PYTHON']
  if (given !== undefined && given !== '') return given
  const cache = join(root, '.cache/bench', name)
  const python = join(cache, 'bin/python')
  const list = join(root, 'bench/peers', `${name}.txt`)
  const wanted = readFileSync(list, 'utf8')
  const stamp = join(cache, 'installed.txt')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python
  const run = (command: string, ...args: string[]): Buffer => execFileSync(command, args, { stdio: 'inherit' })
  run('python3', '-m', 'venv', '--clear', cache)
  // The pip of Python 3.11 fails where two packages want lxml with the same extra.
  run(python, '-m', 'pip', 'install', '--quiet', '--upgrade', 'pip')
  run(python, '-m', 'pip', 'install', '--quiet', '-r', list)
  writeFileSync(stamp, wanted)
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
