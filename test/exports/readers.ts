import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { python } from '../python.ts'
import { root } from '../quern.ts'

/** Runs Python in a folder with the readers at hand that want torch (`readers.py`); returns what it left in `result`. */
export function read<T>(folder: string, code: string): T {
  return run<T>(folder, [join(root, 'test/exports/readers.py'), join(root, 'bench/peers'), code])
}

/** The same for readers that need no torch, and look for it. */
export function readPlainly<T>(folder: string, code: string): T {
  return run<T>(folder, ['-c', `${code}\nimport json\nprint("\\n" + json.dumps(result))`])
}

function run<T>(folder: string, args: readonly string[]): T {
  const printed = execFileSync(python, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, HF_HOME: join(folder, '.huggingface'), HF_HUB_OFFLINE: '1', HF_DATASETS_DISABLE_PROGRESS_BARS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return JSON.parse(printed.trim().split('\n').at(-1) ?? '') as T
}
