import { createHash } from 'node:crypto'
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

export function discoverer({ frontier, scope, canonicalize, depth: deepest, least, seed, guided, now }: DiscoverOptions): Discover {
  return (written, { from, via, kind, depth, hops, step = 8, changed }) => {
    if (depth > deepest) return undefined
    const address = canonicalize(written, from)
    if (address === undefined) return undefined
    const url = new URL(address)
    // A sitemap may lie on another host than its pages, and a seed is wanted by whoever wrote it.
    if (kind !== 'sitemap' && via !== null && !scope.holds(url)) return undefined
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
    const rank = rankOf(address, depth, step, seed, guided)
    return frontier.add(
      { url: address, host: url.host, kind, rank, depth, hops, via, changed: changed === undefined ? undefined : Math.min(changed, moment - least) },
      moment,
    )
      ? url.host
      : undefined
  }
}

/**
 * Depth first, then the step (the other way round in a guided crawl), then chance by the seed: an order that is the same
 * each time, and below 2^53.
 */
function rankOf(url: string, depth: number, step: number, seed: number, guided: boolean): number {
  const chance = createHash('md5').update(`${seed} ${url}`).digest().readUInt32BE(0)
  const level = Math.min(depth, 65_535)
  return (guided ? step * 65_536 + level : level * 16 + step) * 2 ** 32 + chance
}
