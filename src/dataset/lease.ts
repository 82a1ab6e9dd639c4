import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { canonicalJson } from '../core/canonical-json.ts'
import { QuernError } from '../core/errors.ts'
import type { Store } from '../storage/store.ts'
import { isGone, owner } from '../storage/temporary-files.ts'
import { layout } from './layout.ts'

/**
 * Who is at work on a dataset, so that garbage collection and writers keep out of each other's way. Leases decide nothing
 * about commits: those need none. Each side first says that it is there and then looks for the other, so of two that
 * start together at least one sees the other. Ages are compared by the store's own clock.
 */
export interface Lease {
  /** Milliseconds since 1970 by the store's clock, when it was taken. */
  readonly takenAt: number
  /** Throws `conflict` when the lease ran out, as on a machine that slept: what was relied on may have been collected. */
  check(): Promise<void>
  release(): Promise<void>
}

/** `write` adds objects or names; `sweep` deletes what nobody names, and must be alone. */
export type LeaseKind = 'write' | 'sweep'

export interface Holder {
  readonly key: string
  readonly kind: LeaseKind
  /** Machine and process, for people. */
  readonly who: string
}

const Body = z.looseObject({ kind: z.enum(['write', 'sweep']), host: z.string(), pid: z.int(), owner: z.string() })

const renewMs = 60_000
/** A holder that has not renewed for this long is taken for dead. */
const staleMs = 15 * 60_000
/** Renewed this recently, a lease holds without asking. */
const freshMs = 5 * 60_000

/** Takes a lease and renews it every minute until it is released. Does not look for others: `holders` does. */
export async function takeLease(store: Store, kind: LeaseKind): Promise<Lease & { readonly key: string }> {
  const key = `${layout.leases}${kind}-${randomUUID()}.json`
  const body = canonicalJson({ kind, host: hostname(), pid: process.pid, owner: owner() })
  await store.put(key, body)
  let renewedAt = Date.now()
  let lost = false
  const renew = async (): Promise<void> => {
    // Whoever took us for dead has removed it; making it anew would hide that.
    if ((await store.stat(key)) === undefined) lost = true
    else {
      await store.replace(key, body)
      renewedAt = Date.now()
    }
  }
  const timer = setInterval(() => void renew().catch(() => undefined), renewMs)
  timer.unref()
  const takenAt = (await allLeases(store)).find((lease) => lease.key === key)?.modified ?? renewedAt
  return {
    key,
    takenAt,
    async check() {
      if (Date.now() - renewedAt > freshMs) await renew()
      if (lost)
        throw new QuernError('conflict', `working on ${store.url}: this process was silent for so long that it was taken for dead`, {
          remedy: 'Run the same command again; it goes on where it stopped.',
        })
    },
    async release() {
      clearInterval(timer)
      await store.delete(key)
    },
  }
}

/** Others who are at work. Leases of the dead are removed on the way. */
export async function holders(store: Store, own: { readonly key: string } | undefined): Promise<Holder[]> {
  const all = await allLeases(store)
  const now = own === undefined ? Date.now() : (all.find(({ key }) => key === own.key)?.modified ?? Date.now())
  const found: Holder[] = []
  for (const { key, modified } of all) {
    if (key === own?.key) continue
    const bytes = await store.find(key)
    const body = bytes === undefined ? undefined : Body.safeParse(tryJson(bytes))
    if (body === undefined) continue // released since the listing
    if (now - modified > staleMs || body.data === undefined || isGone(body.data.owner, body.data.pid)) {
      if (own !== undefined) await store.delete(key)
    } else found.push({ key, kind: body.data.kind, who: `${body.data.host}, process ${body.data.pid}` })
  }
  return found
}

/** A writer's lease: waits for garbage collection to end, and with `alone` refuses to be the second writer. */
export async function leaseToWrite(store: Store, options: { readonly alone?: boolean; readonly waitMs?: number } = {}): Promise<Lease> {
  const until = Date.now() + (options.waitMs ?? 10 * 60_000)
  for (;;) {
    const lease = await takeLease(store, 'write')
    try {
      const others = await holders(store, lease)
      const sweeper = others.find(({ kind }) => kind === 'sweep')
      const writer = options.alone === true ? others.find(({ kind }) => kind === 'write') : undefined
      if (writer !== undefined)
        throw new QuernError(
          'conflict',
          `writing to ${store.url}: another run is at work on it (${writer.who}), and it was said to have a single writer`,
          {
            remedy: `Wait for it. If it is gone, its lease ${writer.key} runs out after 15 minutes.`,
          },
        )
      if (sweeper === undefined) return lease
      if (Date.now() > until)
        throw new QuernError('conflict', `writing to ${store.url}: quern retain is deleting there (${sweeper.who})`, {
          remedy: `Wait for it. If it is gone, its lease ${sweeper.key} runs out after 15 minutes.`,
        })
    } catch (error) {
      await lease.release()
      throw error
    }
    await lease.release()
    await sleep(1000 + Math.random() * 1000)
  }
}

async function allLeases(store: Store): Promise<{ readonly key: string; readonly modified: number }[]> {
  const all: { key: string; modified: number }[] = []
  for await (const { key, modified } of store.list(layout.leases)) all.push({ key, modified })
  return all
}

function tryJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}
