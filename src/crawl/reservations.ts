import { now as clock } from './clock.ts'
import { type Answer, FetchFailure } from './fetch.ts'
import type { RobotsStore } from './robots-files.ts'

/** Where a host reserves its rights to text and data mining (W3C TDMRep, 6). */
export const reservationPath = '/.well-known/tdmrep.json'

const validMilliseconds = 24 * 3600e3
const mostKept = 4096
const none = new Uint8Array(0)

export interface Reservations {
  /** Whether it has been asked for, and not too long ago. */
  asked(origin: string, now: number): boolean
  /** The file's bytes, the same array each time; undefined where there is none. */
  known(origin: string, now: number): Uint8Array | undefined
  fetch(origin: string, ask: (url: URL) => Promise<Answer>, content: (answer: Answer) => Uint8Array): Promise<void>
}

/** The `tdmrep.json` files of hosts, kept a day in the frontier. A host that does not answer has said nothing. */
export function openReservations(store: RobotsStore): Reservations {
  const held = new Map<string, { readonly until: number; readonly bytes: Uint8Array }>()

  function find(origin: string, now: number): { readonly until: number; readonly bytes: Uint8Array } | undefined {
    const found = held.get(origin)
    if (found !== undefined) return found.until > now ? found : undefined
    const stored = store.robots(`${origin}${reservationPath}`)
    if (stored === undefined || stored.until <= now) return undefined
    return keep(origin, stored.until, stored.body ?? none)
  }

  function keep(origin: string, until: number, bytes: Uint8Array): { readonly until: number; readonly bytes: Uint8Array } {
    if (held.size >= mostKept) held.delete(held.keys().next().value!)
    const kept = { until, bytes }
    held.set(origin, kept)
    return kept
  }

  return {
    asked: (origin, now) => find(origin, now) !== undefined,
    known(origin, now) {
      const bytes = find(origin, now)?.bytes
      return bytes === undefined || bytes.byteLength === 0 ? undefined : bytes
    },
    async fetch(origin, ask, content) {
      let bytes = none
      try {
        const answer = await ask(new URL(reservationPath, origin))
        if (answer.status === 200) bytes = new Uint8Array(content(answer))
      } catch (error) {
        if (!(error instanceof FetchFailure)) throw error
      }
      const now = clock()
      store.saveRobots(`${origin}${reservationPath}`, now, now + validMilliseconds, bytes.byteLength === 0 ? 'unavailable' : 'parsed', bytes)
      keep(origin, now + validMilliseconds, bytes)
    },
  }
}
