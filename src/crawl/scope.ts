import { getDomain } from 'tldts'
import type { CrawlConfig } from '../config/crawl-schema.ts'

export interface Scope {
  /** Whether an address belongs to the crawl, by where it is alone. */
  holds(url: URL): boolean
}

/** What lies around the seeds, as far as `within` says, minus the patterns. */
export function openScope({ scope }: Pick<CrawlConfig, 'scope'>, seeds: readonly URL[]): Scope {
  const inside = withinSeeds(scope.within, seeds)
  const include = scope.include.map(pattern)
  const exclude = scope.exclude.map(pattern)
  return {
    holds: (url) => inside(url) && (include.length === 0 || include.some((one) => one.test(url.href))) && !exclude.some((one) => one.test(url.href)),
  }
}

function withinSeeds(within: CrawlConfig['scope']['within'], seeds: readonly URL[]): (url: URL) => boolean {
  switch (within) {
    case 'any':
      return () => true
    case 'host': {
      const hosts = new Set(seeds.map(({ host }) => host))
      return ({ host }) => hosts.has(host)
    }
    case 'domain': {
      const domains = new Set(seeds.map(domainOf))
      return (url) => domains.has(domainOf(url))
    }
    case 'prefix': {
      // The scheme does not count: sites move from http to https in the middle of a crawl.
      const folders = seeds.map(({ host, pathname }) => `${host}${pathname.slice(0, pathname.lastIndexOf('/') + 1)}`)
      return ({ host, pathname }) => folders.some((folder) => `${host}${pathname}`.startsWith(folder))
    }
  }
}

/** The registrable domain by the public suffix list, private section included: a neighbour on a hoster is another site. */
function domainOf({ hostname }: URL): string {
  return getDomain(hostname, { allowPrivateDomains: true }) ?? hostname
}

/** `*` stands for anything, the empty text included; a pattern may match anywhere in the address. */
function pattern(written: string): RegExp {
  const parts = written.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(parts.join('.*'))
}
