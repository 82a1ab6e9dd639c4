import { hash } from 'node:crypto'
import { type Canonicalize } from './canonical-url.ts'
import type { Frontier, Kind } from './frontier.ts'
import type { Scope } from './scope.ts'
import { mostQueries, queryShape, trapOf } from './traps.ts'

/** How an address was found. */
export interface Way {
  readonly from: string | undefined
  readonly via: number | null
  readonly kind: Kind
  readonly depth: number
  readonly hops: number
  /** Lower is sooner, among addresses of the same depth; 0 to 15. */
  readonly step?: number
  readonly changed?: number | undefined
}

/** Puts an address into the frontier if it belongs there; the host when it is waiting now. */
export type Discover = (written: string, way: Way) => string | undefined

export interface DiscoverOptions {
  /** Shortest time between two visits. */
  readonly least: number
  readonly frontier: Frontier
  readonly scope: Scope
  readonly canonicalize: Canonicalize
  readonly depth: number
  readonly seed: number
  /** Steps count before depth: the crawl is for some languages. */
  readonly guided: boolean
  readonly now: () => number
}

/** Of so many addresses a crawl knows without the frontier that they are there. */
const mostRecent = 100_000

export function discoverer({ frontier, scope, canonicalize, depth: deepest, least, seed, guided, now }: DiscoverOptions): Discover {
  /** Addresses to the least depth at which they were found, or -1 where they are out of scope: most links of a page are on the pages before it too. */
  const recent = new Map<string, number>()
  const remember = (address: string, depth: number): void => {
    if (recent.size >= mostRecent) recent.clear()
    recent.set(address, depth)
  }
  return (written, { from, via, kind, depth, hops, step = 8, changed }) => {
    if (depth > deepest) return undefined
    // What such a link would change in the frontier, an earlier one has changed.
    const isKnown = (spelling: string): boolean =>
      kind === 'page' && via !== null && changed === undefined && (recent.get(spelling) ?? Infinity) <= depth
    const spelled = whole(written, from)
    if (isKnown(spelled)) return undefined
    const address = canonicalize(written, from)
    if (address === undefined || isKnown(address)) return undefined
    const url = new URL(address)
    // A sitemap may lie on another host than its pages, and a seed is wanted by whoever wrote it.
    if (kind !== 'sitemap' && via !== null && !scope.holds(url)) {
      remember(spelled, -1)
      return undefined
    }
    const moment = now()
    const trap = trapOf(url, moment)
    const shape = kind === 'page' ? queryShape(url) : undefined
    if (trap !== undefined || shape !== undefined) {
      const known = frontier.known(address)
      if (trap !== undefined) {
        if (!known) frontier.noteTrap(frontier.hostId(url.host), trap, address.slice(0, 300))
        return undefined
      }
      if (shape !== undefined && !known) {
        const host = frontier.hostId(url.host)
        if (frontier.shapeCount(host, shape) >= mostQueries) {
          frontier.noteTrap(host, 'query-explosion', address.slice(0, 300))
          return undefined
        }
        frontier.countShape(host, shape)
      }
    }
    remember(spelled, depth)
    if (address !== spelled) remember(address, depth)
    const rank = rankOf(address, depth, step, seed, guided)
    return frontier.add(
      { url: address, host: url.host, kind, rank, depth, hops, via, changed: changed === undefined ? undefined : Math.min(changed, moment - least) },
      moment,
    )
      ? url.host
      : undefined
  }
}

/** A path with the origin in front, as most links are written; anything else as it is, behind where it stands. */
function whole(written: string, from: string | undefined): string {
  if (/^https?:/i.test(written) || from === undefined) return written
  if (!written.startsWith('/') || written.startsWith('//')) return `${from} ${written}`
  const end = from.indexOf('/', from.indexOf('//') + 2)
  return (end === -1 ? from : from.slice(0, end)) + written
}

/**
 * Depth first, then the step (the other way round in a guided crawl), then chance by the seed: an order that is the same
 * each time, and below 2^53.
 */
function rankOf(url: string, depth: number, step: number, seed: number, guided: boolean): number {
  const chance = Number.parseInt(hash('md5', `${seed} ${url}`, 'hex').slice(0, 8), 16)
  const level = Math.min(depth, 65_535)
  return (guided ? step * 65_536 + level : level * 16 + step) * 2 ** 32 + chance
}
