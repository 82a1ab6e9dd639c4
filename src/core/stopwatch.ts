import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'

/** What one thread spent: CPU microseconds by the path of spans they fell in, time of inner spans left out of the outer. */
export interface ThreadProfile {
  readonly thread: string
  /** Of the thread, from its start. */
  readonly cpu: number
  /** Of the whole process, the runtime's own helper threads included; main thread only. */
  readonly processCpu: number | null
  /** `prepare;extract-html;native extractHtml` -> microseconds. */
  readonly spans: Readonly<Record<string, number>>
}

/**
 * With QUERN_PROFILE=FOLDER every thread writes a `ThreadProfile` there as it ends. Off, a span costs one comparison.
 * On, it costs two system calls (about a microsecond), which is why spans stand around batches and never around rows.
 */
const folder = process.env['QUERN_PROFILE']

export const watching = folder !== undefined && folder !== ''

const spans = new Map<string, number>()
let outer = { path: '', inner: 0 }

/** CPU microseconds of this thread; elapsed ones on a Node that cannot tell. */
function spent(): number {
  if (typeof process.threadCpuUsage !== 'function') return performance.now() * 1000
  const { user, system } = process.threadCpuUsage()
  return user + system
}

function open(name: string): () => void {
  const before = outer
  const here = { path: before.path === '' ? name : `${before.path};${name}`, inner: 0 }
  const from = spent()
  outer = here
  return () => {
    const took = spent() - from
    outer = before
    before.inner += took
    spans.set(here.path, (spans.get(here.path) ?? 0) + took - here.inner)
  }
}

/** Counts the CPU of synchronous work under a name, inside the span that is open. */
export function watch<T>(name: string, work: () => T): T {
  if (!watching) return work()
  const close = open(name)
  try {
    return work()
  } finally {
    close()
  }
}

/** The same for work that waits. Right only where the thread does one thing at a time, as a worker does. */
export async function watchAsync<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (!watching) return work()
  const close = open(name)
  try {
    return await work()
  } finally {
    close()
  }
}

/** Names what the thread has spent before the first span: loading and compiling. */
export function watchStart(name: string): void {
  if (watching && !spans.has(name)) spans.set(name, spent())
}

if (watching && folder !== undefined) {
  process.on('exit', () => {
    const main = threadId === 0
    const { user, system } = process.cpuUsage()
    const profile: ThreadProfile = {
      thread: main ? 'main' : `worker ${threadId}`,
      cpu: spent(),
      processCpu: main ? user + system : null,
      spans: Object.fromEntries(spans),
    }
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${process.pid}-${threadId}.json`), JSON.stringify(profile))
  })
}
