// Everything that can be said about the code without running it; `npm test` runs the same steps first.
// Plain JavaScript: CI may start it with an older Node than the pinned one.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'node_modules', '.bin')

/** Node that runs TypeScript: the pinned one, whatever started this script. */
export const node = join(bin, 'node')

const clippy = ['clippy', '--release', '--locked', '--quiet']

/** Name, command, arguments. The quick ones first: a missing space should not wait for clippy. */
const commands = [
  ['format', join(bin, 'oxfmt'), ['--check']],
  ['lint', join(bin, 'oxlint'), ['--type-aware', 'src', 'test', 'scripts', 'web', ...(existsSync(join(root, 'bench')) ? ['bench'] : [])]],
  ['types', join(bin, 'tsc'), ['--noEmit', '-p', '.']],
  ['types, page', join(bin, 'tsc'), ['--noEmit', '-p', 'web']],
  ['unused code', join(bin, 'knip'), ['--no-progress']],
  ['generated files', node, ['scripts/generate.ts', '--check']],
  ['rustfmt', 'cargo', ['fmt', '--all', '--', '--check']],
  ['clippy, kernels', 'cargo', [...clippy, '--no-default-features', '--all-targets', '--', '-D', 'warnings']],
  ['clippy, binding', 'cargo', [...clippy, '--', '-D', 'warnings']],
]

/** Files written by a program are as long as they are. */
const unlimited = [
  'src/native/binding.d.cts',
  'src/mill/registry.ts',
  'native/src/kernels/minhash/fold_table.rs',
  'native/src/kernels/segment/tables.rs',
]
const longest = 350

/** Runs all steps, prints one line each and the output of those that failed; gives the number of each. */
export function check() {
  const counts = { passed: 0, failed: 0 }
  const tell = (name, started, problem) => {
    counts[problem === undefined ? 'passed' : 'failed']++
    console.log(`${problem === undefined ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
    if (problem !== undefined) console.log(problem.replace(/^/gm, '       ').trimEnd())
  }
  for (const [name, command, args] of commands) {
    const started = performance.now()
    const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 })
    tell(name, started, status === 0 ? undefined : `${stdout ?? ''}${stderr ?? ''}${error === undefined ? '' : String(error)}`)
  }
  const started = performance.now()
  const long = tooLong()
  tell('file length', started, long.length === 0 ? undefined : long.join('\n'))
  return counts
}

/** A file over the limit does two things: split it along its nouns. */
function tooLong() {
  const long = []
  for (const folder of ['bin', 'src', 'native', 'scripts', 'test', 'bench', 'python', 'web']) {
    for (const file of filesBelow(folder)) {
      if (!/\.(ts|mjs|js|rs|py)$/.test(file) || unlimited.includes(file)) continue
      const lines = readFileSync(join(root, file), 'utf8').split('\n').length - 1
      if (lines > longest) long.push(`${file} has ${lines} lines, more than ${longest}`)
    }
  }
  return long
}

function* filesBelow(folder) {
  if (!existsSync(join(root, folder))) return
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (['node_modules', 'target', 'dist', '__pycache__'].includes(entry.name)) continue
    if (entry.isDirectory()) yield* filesBelow(`${folder}/${entry.name}`)
    else yield `${folder}/${entry.name}`
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { passed, failed } = check()
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed === 0 ? 0 : 1)
}
