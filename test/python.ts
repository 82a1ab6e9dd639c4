import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The Python of the peers' environment that `npm test` makes from test/requirements.txt. */
export const python = process.env['QUERN_TEST_PYTHON'] ?? fileURLToPath(new URL('../.venv/bin/python', import.meta.url))

/** Runs a script with the peers installed and returns what it printed; throws with its standard error when it fails. */
export function runPython(script: string, args: readonly string[] = [], input?: string | Uint8Array): string {
  if (!existsSync(python)) throw new Error(`the peers' Python is missing at ${python}: run npm test once, it makes it`)
  return execFileSync(python, ['-c', script, ...args], { encoding: 'utf8', maxBuffer: 1 << 30, ...(input === undefined ? {} : { input }) })
}
