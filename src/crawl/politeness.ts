import type { RobotsFile } from '../native/robots.ts'
import type { HostRow } from './frontier.ts'
import type { Place } from './hosts-resolver.ts'

export interface PolitenessRules {
  readonly floor: number
  readonly cap: number
  readonly factor: number
  readonly perAddress: boolean
}

/** No public host gets less rest than this, whatever the file says: `loadCrawl` lets shorter floors through for private ones. */
const publicFloor = 100
const hour = 3600e3
/** Three refusals in a row: twice the floor for a day. */
const strikesUntilSlow = 3
const slowMilliseconds = 24 * hour
const longestRetryAfter = 24 * hour

/** What the crawl knows of one host while it runs. */
export interface Host {
  readonly id: number
  readonly name: string
  row: HostRow
  /** Earliest moment of the next request. */
  nextAt: number
  busy: boolean
  place: Place | undefined
  /** By its robots.txt, in milliseconds. */
  crawlDelay: number
  /** The robots.txt that said so. */
  obeyed: RobotsFile | undefined
  /** Answers 429 and 503, and failures to connect, in a row. */
  strikes: number
  failures: number
  /** The status or failure that makes it wait longer than its pause; empty when none does. */
  waitsFor: string
}

export function hostOf(row: HostRow): Host {
  const { id, name, nextAt } = row
  return { id, name, row, nextAt, busy: false, place: undefined, crawlDelay: 0, obeyed: undefined, strikes: 0, failures: 0, waitsFor: '' }
}

/** The pause behind an answer that took `milliseconds`: floor, Crawl-delay and a multiple of the answer's time, the longest of them. */
export function pauseOf(host: Host, milliseconds: number, rules: PolitenessRules, now: number): number {
  const isPrivate = host.place !== undefined && 'private' in host.place && host.place.private
  const floor = (isPrivate ? rules.floor : Math.max(rules.floor, publicFloor)) * (host.row.slowUntil > now ? 2 : 1)
  // Without a floor nobody is to be spared: the server is one's own.
  const measured = floor === 0 ? 0 : Math.min(rules.cap, rules.factor * milliseconds)
  return Math.max(floor, host.crawlDelay, measured)
}

/** Why a host waits, for people; empty for its ordinary pause. */
export function waitReason({ waitsFor, nextAt, crawlDelay, row }: Host, now: number): string {
  if (nextAt <= now) return 'another host of its address is asked'
  if (/^\d+$/.test(waitsFor)) return `it answered ${waitsFor}`
  if (waitsFor !== '') return `its last request ended with ${waitsFor}`
  if (crawlDelay > 0) return 'Crawl-delay'
  return row.slowUntil > now ? 'it refused too often' : ''
}

/** How long a host rests that answered 429 or 503: what it asks for, and longer each time. */
export function strike(host: Host, retryAfter: number | undefined, rules: PolitenessRules, now: number): number {
  host.strikes++
  if (host.strikes >= strikesUntilSlow) host.row = { ...host.row, slowUntil: now + slowMilliseconds }
  const backOff = Math.min(rules.cap, 500 * 2 ** host.strikes)
  return Math.max(retryAfter === undefined ? 0 : Math.min(Math.max(retryAfter, 1000), longestRetryAfter), backOff)
}

/** How long a host rests that could not be reached. */
export function failed(host: Host, rules: PolitenessRules): number {
  host.failures++
  return Math.min(rules.cap, 250 * 2 ** host.failures)
}

/** Retry-After in both its forms (RFC 9110, 10.2.3): seconds, or a date; in milliseconds from now. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
