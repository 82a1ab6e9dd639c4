import type { Frontier } from './frontier.ts'

/** What a crawl did; `denied` and `failed` by reason. */
export interface CrawlReport {
  /** Answers with content: pages, sitemaps and feeds; robots.txt files apart. */
  readonly fetched: number
  /** Bytes of their content as sent. */
  readonly bytes: number
  /** Visited again and found the same, by the server's word or by the digest. */
  readonly unchanged: number
  readonly redirected: number
  readonly denied: Readonly<Record<string, number>>
  readonly failed: Readonly<Record<string, number>>
  /** Hosts that answered something. */
  readonly hosts: number
  /** Files published since the round began, in order. */
  readonly warcs: readonly string[]
  /** Files of robots.txt answers, sitemaps and feeds. */
  readonly evidence: readonly string[]
  readonly traps: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Share of useful pages by host, where the scope names languages. */
  readonly useful: Readonly<Record<string, number>>
  /** Hosts that were left, and why. */
  readonly left: Readonly<Record<string, string>>
  /** `done`: nothing is due; `budget`: something is, but the round's budget is used up; `interrupted`: somebody stopped it. */
  readonly ended: 'done' | 'budget' | 'interrupted'
  readonly seconds: number
}

export interface Tally {
  fetched: number
  bytes: number
  unchanged: number
  redirected: number
  readonly denied: Record<string, number>
  readonly failed: Record<string, number>
  readonly hosts: Set<number>
}

export function emptyTally(): Tally {
  return { fetched: 0, bytes: 0, unchanged: 0, redirected: 0, denied: {}, failed: {}, hosts: new Set() }
}

export function count(counts: Record<string, number>, reason: string, n = 1): void {
  if (n > 0) counts[reason] = (counts[reason] ?? 0) + n
}

/** Traps by host and name. */
export function trapsByHost(frontier: Frontier): Record<string, Record<string, number>> {
  const byHost: Record<string, Record<string, number>> = {}
  for (const { host, trap, n } of frontier.traps()) (byHost[host] ??= {})[trap] = n
  return byHost
}
