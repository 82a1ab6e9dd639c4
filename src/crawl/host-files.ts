import { setTimeout as sleep } from 'node:timers/promises'
import { now as clock } from './clock.ts'
import type { CrawlWork } from './crawl-work.ts'
import type { Dispatcher } from './dispatcher.ts'
import { type Answer, FetchFailure, Stopped } from './fetch.ts'
import { pageRecords } from './page-records.ts'
import { type Host, pauseOf, retryAfter, strike } from './politeness.ts'
import { robotsBytes } from './robots-files.ts'
import { digestOf } from './warc-record.ts'

export interface HostFileOptions {
  readonly dispatcher: Dispatcher
  /** Aborted: nothing is waited for any more. */
  readonly signal: AbortSignal
  readonly hostNamed: (name: string) => Host
  /** A host that was asked for another one may have pages of its own to fetch. */
  readonly released: (host: Host) => void
}

/** One request for a file about a host that is being asked, or for where it redirects to. Throws FetchFailure, or Stopped. */
export type AskHostFile = (host: Host, url: URL, role: string) => Promise<Answer>

/** Files about hosts are kept as evidence, and hosts rest behind them as behind every other. */
export function hostFileAsker(work: CrawlWork, options: HostFileOptions): AskHostFile {
  const { rules } = work
  const { config } = work.crawl
  const { dispatcher, signal } = options

  async function ask(host: Host, url: URL, role: string): Promise<Answer> {
    const place = await work.resolve(url)
    if (url.host === host.name) host.place = place
    if ('refused' in place) throw new FetchFailure(place.refused, `${url.host} is not asked`, 0)
    // A redirection to the host itself, or to another, waits like any request.
    const asked = url.host === host.name ? host : options.hostNamed(url.host)
    if (asked !== host) asked.place = place
    await turnOf(asked, host)
    try {
      return await askNow(asked, url, place.address, role)
    } finally {
      if (asked !== host) options.released(asked)
    }
  }

  /** Waits until a host may be asked for what another one needs of it; not longer than a host is waited for at all. */
  async function turnOf(asked: Host, holder: Host): Promise<void> {
    const until = clock() + rules.cap + config.limits.seconds * 1000
    for (;;) {
      const now = clock()
      const wait = asked === holder ? Math.max(0, asked.nextAt - now) : dispatcher.borrow(asked, holder, now)
      if (wait <= 0) return
      const isTooLate = now + wait > until
      if (!isTooLate) await sleep(wait, undefined, { signal }).catch(() => undefined)
      if (!isTooLate && !signal.aborted) continue
      dispatcher.forgo(asked)
      throw signal.aborted ? new Stopped() : new FetchFailure('timeout', `${asked.name} is not to be asked yet`, 0)
    }
  }

  async function askNow(asked: Host, url: URL, address: string, role: string): Promise<Answer> {
    const limits = { bytes: robotsBytes * 2, milliseconds: config.limits.seconds * 1000, pause: pauseOf(asked, 0, rules, clock()) }
    let answer
    try {
      answer = await work.fetcher.fetch(url, address, limits)
    } catch (error) {
      asked.nextAt = clock() + pauseOf(asked, error instanceof FetchFailure ? error.milliseconds : 0, rules, clock())
      throw error
    }
    const now = clock()
    const refused = answer.status === 429 || answer.status === 503
    asked.nextAt =
      now +
      Math.max(
        pauseOf(asked, answer.milliseconds, rules, now),
        refused ? strike(asked, retryAfter(answer.headers['retry-after'], now), rules, now) : 0,
      )
    const digest = digestOf(config.warc.digest, answer.body)
    const { records } = pageRecords(answer, {
      infoId: work.evidence.infoId(),
      digest: config.warc.digest,
      payloadDigest: digest,
      metadata: [['role', role]],
    })
    const { file, bytes } = work.evidence.append(records)
    work.positions.set(file, bytes)
    await work.frontier.grouped(() => undefined)
    return answer
  }

  return ask
}
