import { crawlDelay, crawlDelayHost } from './characters.ts'
import { type LargeSite, largeSiteHosts } from './large-site.ts'
import type { Seen } from './site.ts'

/** What a server's log says of a crawler. Lists hold `HOST TARGET`, at most as many as a message can show. */
export interface LogAudit {
  readonly requests: number
  /** Pages that were to be had. */
  readonly expected: number
  /** Of them, the ones that were had. */
  readonly pages: number
  readonly missed: Sample
  /** Requests for what robots.txt disallows. */
  readonly disallowed: Sample
  /** Answers with a page, to be had or not, that had been given in full before. */
  readonly repeated: Sample
  /** Requests to a host before the one before it was answered. */
  readonly overlapping: Sample
  /** Requests to a host before its pause was over: the floor, its Crawl-delay, or its Retry-After. */
  readonly tooSoon: Sample
}

export interface Sample {
  readonly n: number
  readonly first: readonly string[]
}

/** Timers of Node may fire up to a millisecond early, and times of logs are rounded. */
const tolerance = 1.5

export function auditLog(seen: readonly Seen[], site: LargeSite, floor: number): LogAudit {
  const lists = { missed: list(), disallowed: list(), repeated: list(), overlapping: list(), tooSoon: list() }
  let pages = 0
  let expected = 0
  const byHost = Map.groupBy(seen, ({ host }) => host)
  for (let host = 1; host <= largeSiteHosts; host++) {
    const log = (byHost.get(`127.0.0.${host}`) ?? []).toSorted((a, b) => a.at - b.at)
    const wanted = site.expected(host)
    const had = new Set<string>()
    let [free, ended] = [0, 0]
    for (const { target, at, ended: end, status, retryAfter } of log) {
      const named = `${host} ${target}`
      if (site.isDisallowed(host, target)) lists.disallowed.add(named)
      if (at < ended) lists.overlapping.add(named)
      if (at < free - tolerance) lists.tooSoon.add(`${named} ${(free - at).toFixed(1)} ms`)
      ended = end
      free = at + Math.max(floor, host === crawlDelayHost ? crawlDelay : 0, retryAfter)
      if (status !== 200 || target === '/robots.txt' || target.startsWith('/rules/')) continue
      const page = site.pageOf(target)
      if (had.has(page)) lists.repeated.add(named)
      had.add(page)
    }
    for (const page of wanted)
      if (had.has(page)) pages++
      else lists.missed.add(`${host} ${page}`)
    expected += wanted.length
  }
  const { missed, disallowed, repeated, overlapping, tooSoon } = lists
  return {
    requests: seen.length,
    expected,
    pages,
    missed: missed.sample,
    disallowed: disallowed.sample,
    repeated: repeated.sample,
    overlapping: overlapping.sample,
    tooSoon: tooSoon.sample,
  }
}

const shown = 10

function list(): { add(named: string): void; readonly sample: Sample } {
  const first: string[] = []
  let n = 0
  return {
    add(named) {
      if (n++ < shown) first.push(named)
    },
    get sample() {
      return { n, first }
    },
  }
}
