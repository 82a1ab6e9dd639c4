import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { python } from '../python.ts'
import { root } from '../quern.ts'

/** Runs Python in a folder with the peers' readers at hand (`readers.py`); returns what it left in `result`. */
export function read<T>(folder: string, code: string): T {
  const printed = execFileSync(python, [join(root, 'test/exports/readers.py'), join(root, 'bench/peers'), code], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return JSON.parse(printed.trim().split('\n').at(-1) ?? '') as T
}
