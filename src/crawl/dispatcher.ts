import type { Host, PolitenessRules } from './politeness.ts'

/**
 * Which host may be asked next. A host is asked once at a time, an address too (unless that is switched off), each after
 * its pause; a host that waits holds no other.
 */
export interface Dispatcher {
  /** The host has something to fetch. Doing it again is one thing. */
  offer(host: Host): void
  /** A host whose pause, and whose address's, is over; it is taken until `release`. */
  take(now: number): Host | undefined
  /**
   * Takes `host` for a request that `holder` needs of it, as when a robots.txt redirects to another host: 0 when it is
   * taken, until `release`; else the milliseconds until it is worth while to ask again.
   */
  borrow(host: Host, holder: Host, now: number): number
  /** It is not wanted any more: until then a host that was busy when it was to be borrowed is not taken again. */
  forgo(host: Host): void
  /** The request is over; host and address rest until `host.nextAt`. */
  release(host: Host): void
  /** When the first waiting host may be asked; undefined when none waits. */
  nextAt(): number | undefined
  waiting(): Iterable<Host>
  forget(host: Host): void
}

/** After this a host that is being asked may be free. */
const busyMilliseconds = 20

interface Address {
  busy: boolean
  nextAt: number
  readonly waiting: Host[]
}

export function openDispatcher({ perAddress }: Pick<PolitenessRules, 'perAddress'>): Dispatcher {
  const heap: { readonly host: Host; readonly at: number }[] = []
  const offered = new Set<Host>()
  const addresses = new Map<string, Address>()
  /** A host may get another address while it is asked. */
  const held = new Map<Host, Address>()
  /** To be borrowed next: without it a host that is always busy would never be. */
  const wanted = new Set<Host | Address>()

  function addressOf({ place }: Host): Address | undefined {
    if (place === undefined || !('address' in place)) return undefined
    if (!perAddress && place.private) return undefined
    let found = addresses.get(place.address)
    if (found === undefined) addresses.set(place.address, (found = { busy: false, nextAt: 0, waiting: [] }))
    return found
  }

  function forgo(host: Host): void {
    wanted.delete(host)
    const address = addressOf(host)
    if (address !== undefined) wanted.delete(address)
  }

  function push(host: Host, at: number): void {
    heap.push({ host, at })
    for (let i = heap.length - 1; i > 0;) {
      const parent = (i - 1) >> 1
      if (!before(heap[i]!, heap[parent]!)) break
      ;[heap[i], heap[parent]] = [heap[parent]!, heap[i]!]
      i = parent
    }
  }

  function pop(): void {
    const last = heap.pop()!
    if (heap.length === 0) return
    heap[0] = last
    for (let i = 0; ;) {
      const left = 2 * i + 1
      let least = i
      if (left < heap.length && before(heap[left]!, heap[least]!)) least = left
      if (left + 1 < heap.length && before(heap[left + 1]!, heap[least]!)) least = left + 1
      if (least === i) return
      ;[heap[i], heap[least]] = [heap[least]!, heap[i]!]
      i = least
    }
  }

  return {
    offer(host) {
      if (offered.has(host) || host.busy) return
      offered.add(host)
      push(host, Math.max(host.nextAt, addressOf(host)?.nextAt ?? 0))
    },
    take(now) {
      for (let top = heap[0]; top !== undefined && top.at <= now; top = heap[0]) {
        pop()
        const { host } = top
        if (!offered.has(host)) continue
        const address = addressOf(host)
        if (address?.busy === true) {
          address.waiting.push(host)
          continue
        }
        const isWanted = wanted.has(host) || (address !== undefined && wanted.has(address))
        const at = Math.max(host.nextAt, address?.nextAt ?? 0, isWanted ? now + busyMilliseconds : 0)
        if (at > now) {
          push(host, at)
          continue
        }
        offered.delete(host)
        host.busy = true
        if (address !== undefined) {
          address.busy = true
          held.set(host, address)
        }
        return host
      }
      return undefined
    },
    borrow(host, holder, now) {
      const address = addressOf(host)
      // Two names of one address: what the holder has asked counts for both.
      const shared = address !== undefined && held.get(holder) === address
      if (host.busy || (address?.busy === true && !shared)) {
        wanted.add(host)
        if (address !== undefined) wanted.add(address)
        return busyMilliseconds
      }
      const at = Math.max(host.nextAt, address?.nextAt ?? 0, shared ? holder.nextAt : 0)
      if (at > now) return at - now
      forgo(host)
      offered.delete(host)
      host.busy = true
      if (address !== undefined && !shared) {
        address.busy = true
        held.set(host, address)
      }
      return 0
    },
    forgo,
    release(host) {
      host.busy = false
      const address = held.get(host)
      if (address === undefined) return
      held.delete(host)
      address.busy = false
      address.nextAt = Math.max(address.nextAt, host.nextAt)
      for (const waiting of address.waiting.splice(0)) if (offered.has(waiting)) push(waiting, Math.max(waiting.nextAt, address.nextAt))
    },
    nextAt: () => heap[0]?.at,
    waiting: () => offered,
    forget: (host) => void offered.delete(host),
  }
}

/** Equal times in order of the hosts' numbers: the same crawl takes the same way. */
function before(a: { readonly host: Host; readonly at: number }, b: { readonly host: Host; readonly at: number }): boolean {
  return a.at < b.at || (a.at === b.at && a.host.id < b.host.id)
}
