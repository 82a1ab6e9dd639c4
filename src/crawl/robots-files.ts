import { RobotsFile } from '../native/robots.ts'
import { now as clock } from './clock.ts'
import { type Answer, FetchFailure } from './fetch.ts'

/** What a host's robots.txt allows, as RFC 9309 reads the way it was answered (2.3.1). */
export interface Robots {
  readonly outcome: 'parsed' | 'unavailable' | 'unreachable'
  /** Undefined when there is none to read: all is allowed (`unavailable`), or nothing (`unreachable`). */
  readonly file: RobotsFile | undefined
  /** When it is to be asked for again, in milliseconds since 1970. */
  readonly until: number
  /** Why it is unreachable, where no answer came at all. */
  readonly why: string | undefined
}

export interface StoredRobots {
  readonly fetched: number
  readonly until: number
  readonly outcome: string
  readonly body: Uint8Array | null
}

export interface RobotsStore {
  robots(origin: string): StoredRobots | undefined
  saveRobots(origin: string, fetched: number, until: number, outcome: string, body: Uint8Array | null): void
}

/** One GET of a robots.txt or of where it redirects to, politely and vetted like every other. */
export type AskRobots = (url: URL) => Promise<Answer>

/** RFC 9309, 2.4: no longer than this from the cache. */
const validMilliseconds = 24 * 3600e3
/** A host that does not answer is asked again after this. */
const unreachableMilliseconds = 3600e3
/** RFC 9309, 2.3.1.2. */
const mostRedirects = 5
/** RFC 9309, 2.5: at least this is parsed; the matcher reads no more. */
export const robotsBytes = 500 << 10

export interface RobotsFiles {
  /** What is known and not too old; nothing is fetched. */
  known(origin: string, now: number): Robots | undefined
  /** Fetches, judges and keeps it. */
  fetch(origin: string, ask: AskRobots, content: (answer: Answer) => Uint8Array): Promise<Robots>
}

const mostParsed = 4096

export function openRobotsFiles(store: RobotsStore): RobotsFiles {
  const parsed = new Map<string, Robots>()

  function keep(origin: string, robots: Robots): Robots {
    if (parsed.size >= mostParsed) parsed.delete(parsed.keys().next().value!)
    parsed.delete(origin)
    parsed.set(origin, robots)
    return robots
  }

  return {
    known(origin, now) {
      const found = parsed.get(origin)
      if (found !== undefined) return found.until > now ? found : undefined
      const stored = store.robots(origin)
      if (stored === undefined || stored.until <= now) return undefined
      return keep(origin, fromStored(stored))
    },

    async fetch(origin, ask, content) {
      const now = clock()
      const judged = await askFor(new URL('/robots.txt', origin), ask, content)
      const earlier = store.robots(origin)
      // What was read before still says what the site wants, while it does not answer.
      if (judged.outcome === 'unreachable' && earlier?.outcome === 'parsed' && earlier.fetched + 30 * validMilliseconds > now) {
        store.saveRobots(origin, earlier.fetched, now + unreachableMilliseconds, 'parsed', earlier.body)
        return keep(origin, fromStored({ ...earlier, until: now + unreachableMilliseconds }))
      }
      const until = now + (judged.outcome === 'unreachable' ? unreachableMilliseconds : validMilliseconds)
      const outcome = judged.why === undefined ? judged.outcome : `${judged.outcome} ${judged.why}`
      store.saveRobots(origin, now, until, outcome, judged.body)
      return keep(origin, fromStored({ fetched: now, until, outcome, body: judged.body }))
    },
  }
}

/** The reason, if there is one, stands behind the outcome. */
function fromStored({ outcome: stored, until, body }: StoredRobots): Robots {
  const [outcome, why] = stored.split(' ')
  return { outcome: outcome as Robots['outcome'], until, why, file: outcome === 'parsed' ? new RobotsFile(body ?? new Uint8Array(0)) : undefined }
}

async function askFor(
  first: URL,
  ask: AskRobots,
  content: (answer: Answer) => Uint8Array,
): Promise<{ readonly outcome: Robots['outcome']; readonly body: Uint8Array | null; readonly why?: string }> {
  let url = first
  for (let hops = 0; hops <= mostRedirects; hops++) {
    let answer
    try {
      answer = await ask(url)
    } catch (error) {
      if (error instanceof FetchFailure) return { outcome: 'unreachable', body: null, why: error.reason }
      throw error
    }
    const { status, headers } = answer
    if (status >= 200 && status < 300) return { outcome: 'parsed', body: content(answer).subarray(0, robotsBytes) }
    // Too many requests is a plea to stay away, not a missing file.
    if (status === 429 || status >= 500) return { outcome: 'unreachable', body: null }
    const target = status >= 300 && status < 400 && headers.location !== undefined ? URL.parse(headers.location, url.href) : null
    if (target === null || (target.protocol !== 'http:' && target.protocol !== 'https:')) return { outcome: 'unavailable', body: null }
    url = target
  }
  return { outcome: 'unavailable', body: null }
}
