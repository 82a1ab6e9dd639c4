import { lookup } from 'node:dns/promises'
import { type BlockList, isIP } from 'node:net'
import { holds, isSpecialAddress } from '../core/addresses.ts'

/** Where a host may be asked, or why not. */
export type Place = { readonly address: string; readonly private: boolean } | { readonly refused: string }

export interface ResolverRules {
  readonly ports: readonly number[]
  /** Private addresses that may be asked. */
  readonly allowed: BlockList
}

/** System resolvers do not tell how long an answer holds; this is what most sites give. */
const validMilliseconds = 300_000
const failedMilliseconds = 30_000

/**
 * Names to vetted addresses. Every address of a name must be public or listed: a name with one private address among
 * public ones is how networks are probed from inside. The request goes to the address given here.
 */
export function openResolver(rules: ResolverRules, resolve: (hostname: string) => Promise<readonly string[]> = system): (url: URL) => Promise<Place> {
  const known = new Map<string, { readonly until: number; readonly addresses: Promise<readonly string[]> }>()

  async function addressesOf(hostname: string): Promise<readonly string[]> {
    if (hostname.startsWith('[')) return [hostname.slice(1, -1)]
    if (isIP(hostname) !== 0) return [hostname]
    const now = Date.now()
    const found = known.get(hostname)
    if (found !== undefined && found.until > now) return found.addresses
    const addresses = resolve(hostname).catch(() => {
      known.set(hostname, { until: Date.now() + failedMilliseconds, addresses: Promise.resolve([]) })
      return []
    })
    known.set(hostname, { until: now + validMilliseconds, addresses })
    return addresses
  }

  return async (url) => {
    const addresses = await addressesOf(url.hostname)
    const [address] = addresses
    if (address === undefined) return { refused: 'dns' }
    const special = addresses.filter((one) => isSpecialAddress(one))
    if (special.some((one) => !holds(rules.allowed, one))) return { refused: 'private-address' }
    const isPrivate = special.length === addresses.length
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
    if (!isPrivate && !rules.ports.includes(port)) return { refused: 'port' }
    return { address, private: isPrivate }
  }
}

async function system(hostname: string): Promise<readonly string[]> {
  // RFC 6761, 6.3: these names are the machine itself, whether or not the system's resolver knows it.
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return ['127.0.0.1']
  const found = await lookup(hostname, { all: true, order: 'ipv4first' })
  return found.map(({ address }) => address)
}
