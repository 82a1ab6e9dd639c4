import { now as clock } from './clock.ts'
import { type Answer, FetchFailure } from './fetch.ts'
import type { RobotsStore } from './robots-files.ts'

const validMilliseconds = 24 * 3600e3
/** A document whose host did not answer, or not now, is asked for again after this. */
const unreachableMilliseconds = 3600e3
const mostKept = 1024
const mostRedirects = 3
/** Documents that pages of one host make a crawl ask for; a site has one, or one a section. */
const mostOfHost = 50
const none = new Uint8Array(0)

/** How a document is come by: as politely as a page. */
export interface LicenceWays {
  /** Whether the robots.txt of its host lets us. */
  readonly allowed: (url: URL) => Promise<boolean>
  readonly ask: (url: URL) => Promise<Answer>
  readonly content: (answer: Answer) => Uint8Array
}

export interface LicenceFiles {
  /** Whether it has been asked for, and not too long ago. */
  asked(address: string): boolean
  /** The document's bytes, the same array each time; undefined where there are none. */
  known(address: string): Uint8Array | undefined
  /** Fetches and keeps it; `host` is the one whose page names it. */
  fetch(address: string, host: string, ways: LicenceWays): Promise<void>
}

/** RSL documents by their addresses, kept a day in the frontier. One that is not there says nothing. */
export function openLicenceFiles(store: RobotsStore): LicenceFiles {
  const held = new Map<string, { readonly until: number; readonly bytes: Uint8Array }>()
  const underWay = new Map<string, Promise<void>>()
  const counts = new Map<string, number>()

  function find(address: string): { readonly until: number; readonly bytes: Uint8Array } | undefined {
    const now = clock()
    const found = held.get(address)
    if (found !== undefined) return found.until > now ? found : undefined
    const stored = store.robots(address)
    return stored === undefined || stored.until <= now ? undefined : keep(address, stored.until, stored.body ?? none)
  }

  function keep(address: string, until: number, bytes: Uint8Array): { readonly until: number; readonly bytes: Uint8Array } {
    if (held.size >= mostKept) held.delete(held.keys().next().value!)
    const kept = { until, bytes }
    held.set(address, kept)
    return kept
  }

  async function fetchNow(address: string, ways: LicenceWays): Promise<void> {
    const answered = await read(address, ways)
    const bytes = answered ?? none
    const now = clock()
    const until = now + (answered === undefined ? unreachableMilliseconds : validMilliseconds)
    store.saveRobots(address, now, until, bytes.byteLength === 0 ? 'unavailable' : 'parsed', bytes)
    keep(address, until, bytes)
  }

  return {
    asked: (address) => find(address) !== undefined,
    known(address) {
      const bytes = find(address)?.bytes
      return bytes === undefined || bytes.byteLength === 0 ? undefined : bytes
    },
    async fetch(address, host, ways) {
      const running = underWay.get(address)
      if (running !== undefined) return running
      const asked = (counts.get(host) ?? 0) + 1
      if (asked > mostOfHost) return undefined
      counts.set(host, asked)
      const begun = fetchNow(address, ways).finally(() => underWay.delete(address))
      underWay.set(address, begun)
      return begun
    },
  }
}

/** No bytes where there is no document, undefined where nobody can tell now. */
async function read(address: string, { allowed, ask, content }: LicenceWays): Promise<Uint8Array | undefined> {
  let url: URL | null = new URL(address)
  try {
    for (let hops = 0; url !== null && hops <= mostRedirects; hops++) {
      if ((url.protocol !== 'http:' && url.protocol !== 'https:') || !(await allowed(url))) return none
      const answer: Answer = await ask(url)
      const { status, headers } = answer
      // A view of a larger buffer would hold all of it.
      if (status === 200) return new Uint8Array(content(answer))
      if (status === 429 || status >= 500) return undefined
      url = status >= 300 && status < 400 && headers.location !== undefined ? URL.parse(headers.location, url.href) : null
    }
  } catch (error) {
    if (error instanceof FetchFailure) return undefined
    throw error
  }
  return none
}
