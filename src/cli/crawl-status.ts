import { formatDuration } from '../core/durations.ts'
import type { CrawlState } from '../crawl/crawl.ts'

/** Shorter waits are the pauses of politeness, and pass before they are read. */
const worthTelling = 1000

/** What a crawl is doing, and who waits for what until when, in one line. */
export function statusLine({ fetched, underWay, waitingHosts, seconds, next, retryIn }: CrawlState): string {
  const rate = seconds > 0 ? `, ${(fetched / seconds).toFixed(1)}/s` : ''
  const waits = next
    .filter(({ milliseconds }) => milliseconds >= worthTelling || underWay === 0)
    .map(({ host, milliseconds, why }) => `${host} in ${formatDuration(milliseconds)}${why === '' ? '' : ` (${why})`}`)
  const again = retryIn === undefined ? [] : [`failed addresses again in ${formatDuration(retryIn)}`]
  const told = [...waits, ...again]
  const hosts = waitingHosts === 1 ? 'host' : 'hosts'
  return `${fetched.toLocaleString('en')} fetched${rate}, ${underWay} under way, ${waitingHosts} ${hosts} waiting${told.length === 0 ? '' : `: ${told.join(', ')}`}`
}
