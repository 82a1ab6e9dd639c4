import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'bin', 'quern.mjs')

export interface Ran {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

/** The real command, in a process of its own. */
export function quern(args: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}): Ran {
  const ran = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    maxBuffer: 1 << 28,
  })
  return { status: ran.status, out: ran.stdout, err: ran.stderr }
}

/** Like `quern`, but fails the test with what it said unless it exits with 0; returns the object of `--json`. */
export function quernJson<T>(args: readonly string[]): T {
  const ran = quern([...args, '--json'])
  if (ran.status !== 0) throw new Error(`quern ${args.join(' ')} exited with ${ran.status}:\n${ran.out}\n${ran.err}`)
  return JSON.parse(ran.out) as T
}

export function startQuern(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [bin, ...args], { cwd: root, stdio: 'ignore' })
}

/** A folder that is gone when the test is over. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'quern-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface RunSummary {
  readonly snapshot: number | null
  readonly read: number
  readonly kept: number
  readonly dropped: Readonly<Record<string, number>>
  readonly languages: Readonly<Record<string, { readonly kept: number; readonly tokens: number }>>
  readonly tokens: number
  readonly shards: number
  readonly seconds: number
}

const volatile = new Set(['commitId', 'createdAt', 'parentSha256'])

/**
 * What law 2 speaks of: the hash of every object that the newest snapshot reaches, and the snapshot itself without
 * ids and times. Orphans of a killed run are not looked at.
 */
export function reachable(dataset: string): Record<string, string> {
  const snapshots = readdirSync(join(dataset, 'snapshots'))
    .filter((name) => name.endsWith('.json'))
    .sort()
  const facts: Record<string, string> = {}
  const seen = new Set<string>()
  const follow = (value: unknown): void => {
    if (typeof value === 'string' && /^(data|text|dropped|ledger|index|lists)\//.test(value) && !seen.has(value)) {
      seen.add(value)
      const bytes = readFileSync(join(dataset, value))
      facts[value] = createHash('sha256').update(bytes).digest('hex')
      if (value.startsWith('lists/')) follow(JSON.parse(bytes.toString('utf8')))
    } else if (Array.isArray(value)) value.forEach(follow)
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(follow)
  }
  for (const name of snapshots) {
    const snapshot = JSON.parse(readFileSync(join(dataset, 'snapshots', name), 'utf8')) as Record<string, unknown>
    follow(snapshot)
    facts[name] = JSON.stringify(snapshot, (key, value: unknown) => (volatile.has(key) || (key === 'parent' && value !== null) ? undefined : value))
  }
  return facts
}
