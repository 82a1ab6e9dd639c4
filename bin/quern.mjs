#!/usr/bin/env node
// Starts the command line on the pinned Node: the sources are TypeScript, which Node 20 cannot run.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'

const { enableCompileCache } = nodeModule
const [major, minor] = process.versions.node.split('.').map(Number)
if (major > 22 || (major === 22 && minor >= 18)) {
  // Stripping types of some two hundred files costs a second at every start; the cache remembers them, for workers too.
  if (typeof enableCompileCache === 'function') enableCompileCache()
  // Who asks where an error comes from wants lines of the sources.
  await import(process.env.QUERN_DEBUG !== '1' && bundled() ? '../dist/main.mjs' : '../src/cli/main.ts')
} else {
  const pinned = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))
  if (!existsSync(pinned)) {
    console.error(
      `quern: Node ${process.versions.node} is too old to run it, and the pinned Node is not installed.\n  Run npm ci, or use Node 22.18 or newer.`,
    )
    process.exit(1)
  }
  const child = spawn(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => (signal === null ? process.exit(code) : process.kill(process.pid, signal)))
}

/** Whether dist/ (scripts/bundle.mjs) was made of the sources as they are now: looking costs three milliseconds, loading them 400. */
function bundled() {
  const root = new URL('../', import.meta.url)
  try {
    const inputs = JSON.parse(readFileSync(new URL('dist/inputs.json', root), 'utf8'))
    return inputs.every(([path, size, time]) => {
      const found = statSync(new URL(path, root))
      return found.size === size && found.mtimeMs === time
    })
  } catch {
    return false
  }
}
