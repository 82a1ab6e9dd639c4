import { now as clock } from './clock.ts'
import type { CrawlState } from './crawl.ts'
import type { CrawlWork } from './crawl-work.ts'
import { openDispatcher } from './dispatcher.ts'
import { type Answer, Stopped } from './fetch.ts'
import { kinds, type Task } from './frontier.ts'
import { hostFileAsker } from './host-files.ts'
import { isUseless } from './language-guide.ts'
import { type Host, hostOf, pauseOf, waitReason } from './politeness.ts'
import { reservationPath, type Reservations } from './reservations.ts'
import type { Robots, RobotsFiles } from './robots-files.ts'
import { count } from './tally.ts'
import { visit } from './visit.ts'

export interface ConductOptions {
  readonly robots: RobotsFiles
  readonly reservations: Reservations
  /** An answer without its content codings; empty when that cannot be. */
  readonly content: (answer: Answer) => Uint8Array
  /** Hosts for which addresses were found since the last look; emptied here. */
  readonly newHosts: string[]
  readonly signal: AbortSignal
  readonly started: number
  readonly status: (state: CrawlState) => void
  readonly publishDue: () => Promise<void>
}

/** Addresses that a host has in memory; the frontier is asked again when they are used up. */
const ahead = 64
const statusMilliseconds = 250
/** Of one robots.txt; the largest sites have a few hundred. */
const mostSitemaps = 1000
/** So long may answers take that are on their way when somebody stops the crawl; Docker kills ten seconds after it asked. */
export const graceMilliseconds = 5000
const hour = 3600e3
const day = 24 * hour
/** Connections that fail in a row until a host is left alone for the round. */
const mostFailures = 6

/** The loop of a crawl: gives each host its turn until nothing is due, the budget is used up or somebody stops it. */
export async function conduct(work: CrawlWork, options: ConductOptions): Promise<'done' | 'budget' | 'interrupted'> {
  const { frontier, crawl, tally, round, rules } = work
  const { config } = crawl
  const { robots, reservations, signal, started } = options
  const dispatcher = openDispatcher(rules)
  const hosts = new Map<number, Host>()
  const queues = new Map<number, Task[]>()
  const named = new Map<string, unknown>()
  /** Hosts that this process has asked. One before it may have been killed in the middle of a request: they rest as if that had just been answered. */
  const met = new Set<Host>()
  const askHostFile = hostFileAsker(work, {
    dispatcher,
    signal,
    hostNamed: (name) => hostById(frontier.hostId(name)),
    released,
  })
  let underWay = 0
  let broken: { readonly error: unknown } | undefined
  let wakeLoop: () => void = () => undefined

  const hostById = (id: number): Host => {
    let host = hosts.get(id)
    if (host === undefined) hosts.set(id, (host = hostOf(frontier.host(id))))
    return host
  }
  /** Hosts whose name is being looked up: only with its address does a host wait in the right queue. */
  const resolving = new Set<Host>()
  async function settleIn(host: Host, url: URL): Promise<void> {
    host.place = await work.resolve(url)
    resolving.delete(host)
    dispatcher.offer(host)
    wakeLoop()
  }
  const offer = (host: Host): void => {
    if (host.row.left !== '' || resolving.has(host)) return
    if (host.place !== undefined) {
      dispatcher.offer(host)
      return
    }
    const task = nextTask(host)
    if (task === undefined) return
    resolving.add(host)
    void settleIn(host, new URL(task.url))
  }
  function released(host: Host): void {
    dispatcher.release(host)
    if (nextTask(host) !== undefined) offer(host)
  }
  const spent = (): boolean =>
    round.pages + underWay >= config.budget.pages ||
    round.bytes >= config.budget.bytes ||
    round.milliseconds + clock() - started >= config.budget.seconds * 1000

  /** The next address of a host; undefined when it has none that the budget allows. */
  function nextTask(host: Host): Task | undefined {
    if (host.row.pages >= config.budget['pages-per-host'] || host.row.bytes >= config.budget['bytes-per-host']) return undefined
    let queue = queues.get(host.id)
    if (queue === undefined || queue.length === 0) queues.set(host.id, (queue = [...frontier.next(host.id, ahead)]))
    return queue[0]
  }

  function leave(host: Host, reason: string, due: number, counts: Record<string, number>): void {
    frontier.transaction(() => {
      count(counts, reason, frontier.restHost(host.id, due, reason))
      host.row = { ...host.row, left: reason, nextAt: host.nextAt }
      frontier.saveHost(host.row)
    })
    queues.delete(host.id)
    dispatcher.forget(host)
  }

  /** Terms that a page or its host points to, for what the policy makes of the page; perhaps of another host. */
  const askLicence = (host: Host, address: string): Promise<void> =>
    work.licences.fetch(address, host.name, {
      allowed: async ({ origin, pathname, search }) => {
        const file = robots.known(origin, clock()) ?? (await robots.fetch(origin, (asked) => askHostFile(host, asked, 'robots.txt'), options.content))
        return file.outcome !== 'unreachable' && file.file?.allowed(config.agent.name, `${pathname}${search}`).allowed !== false
      },
      ask: (url) => askHostFile(host, url, 'rsl'),
      content: options.content,
    })

  async function turn(host: Host): Promise<void> {
    const task = nextTask(host)
    if (task === undefined) return
    const url = new URL(task.url)
    let file = robots.known(url.origin, clock())
    if (file !== undefined) {
      obey(host, file)
      if (host.row.left !== '') return
    }
    if (!met.has(host)) {
      met.add(host)
      const rested = started + pauseOf(host, 0, rules, clock())
      if (rested > clock()) {
        host.nextAt = Math.max(host.nextAt, rested)
        return
      }
    }
    if (file === undefined) {
      const place = await work.resolve(url)
      host.place = place
      if ('address' in place) {
        file = await robots.fetch(url.origin, (asked) => askHostFile(host, asked, 'robots.txt'), options.content)
        obey(host, file)
        host.nextAt = Math.max(host.nextAt, clock() + pauseOf(host, 0, rules, clock()))
        return
      }
      // No request will be made; `visit` says why.
      queues.get(host.id)!.shift()
      await visit(work, host, task, (address) => askLicence(host, address))
      return
    }
    nameSitemaps(url.origin, task, file)
    const { name } = config.agent
    if (!reservations.asked(url.origin, clock()) && file.outcome !== 'unreachable' && file.file?.allowed(name, reservationPath).allowed !== false) {
      await reservations.fetch(url.origin, (asked) => askHostFile(host, asked, 'tdmrep.json'), options.content)
      return
    }
    const answer = file.file?.allowed(name, `${url.pathname}${url.search}`)
    queues.get(host.id)!.shift()
    if (file.outcome === 'unreachable' || answer?.allowed === false) {
      const reason = answer === undefined ? 'robots-unreachable' : 'robots'
      count(tally.denied, reason)
      await frontier.grouped(() => frontier.deny(task.id, clock() + (answer === undefined ? hour : day), reason))
      return
    }
    await visit(work, host, task, (address) => askLicence(host, address))
    if (work.guide !== undefined && isUseless(host)) leave(host, 'other-languages', clock() + 30 * day, tally.denied)
    if (host.failures >= mostFailures) leave(host, 'host-failing', clock() + hour, tally.failed)
  }

  /** Once a run and origin, also from a robots.txt of the cache: a stop may have come between the file and its sitemaps. */
  function nameSitemaps(origin: string, task: Task, { file }: Robots): void {
    // A host that is asked for a sitemap alone (a delivery network) has none of ours of its own.
    if (file === undefined || task.kind !== kinds.page || named.get(origin) === file) return
    if (named.size > 10_000) named.clear()
    named.set(origin, file)
    frontier.transaction(() => {
      for (const sitemap of file.sitemaps.slice(0, mostSitemaps))
        work.found(sitemap, { from: `${origin}/`, via: task.id, kind: 'sitemap', depth: task.depth, hops: 0, step: 1 })
    })
  }

  /** What a robots.txt says of the host as a whole. */
  function obey(host: Host, { outcome, file, until, why }: Robots): void {
    // A bad certificate is no plea to stay away: it is named as what it is.
    if (outcome === 'unreachable' && why?.startsWith('tls') === true) leave(host, why, until, tally.failed)
    else if (outcome === 'unreachable') leave(host, 'robots-unreachable', until, tally.denied)
    if (host.obeyed === file) return
    host.obeyed = file
    const seconds = file?.crawlDelay(config.agent.name)
    host.crawlDelay = seconds === undefined || !(seconds > 0) ? 0 : seconds * 1000
    if (host.crawlDelay > rules.cap) leave(host, 'crawl-delay', clock() + day, tally.denied)
  }

  function begin(host: Host): void {
    underWay++
    turn(host)
      .catch((error: unknown) => {
        // What it was about still waits in the frontier.
        if (!(error instanceof Stopped)) broken ??= { error }
      })
      .finally(() => {
        underWay--
        released(host)
        wakeLoop()
      })
  }

  function offerNew(): void {
    for (const name of new Set(options.newHosts.splice(0))) offer(hostById(frontier.hostId(name)))
  }

  frontier.transaction(() => frontier.wake(clock()))
  for (const row of frontier.waitingHosts()) offer(hostById(row.id))
  let shown = 0
  let woken = clock()
  signal.addEventListener('abort', () => wakeLoop(), { once: true })
  let stopAt = Infinity
  for (;;) {
    if (broken !== undefined) throw broken.error
    const now = clock()
    offerNew()
    const stopping = signal.aborted || spent()
    if (signal.aborted) {
      stopAt = Math.min(stopAt, now + graceMilliseconds)
      if (now >= stopAt) work.fetcher.close()
    }
    while (!stopping && underWay < config.connections && !spent()) {
      const host = dispatcher.take(now)
      if (host === undefined) break
      begin(host)
    }
    if (now - woken >= 1000) {
      woken = now
      for (const id of frontier.transaction(() => frontier.wakeRetries(now))) offer(hostById(id))
      await options.publishDue()
    }
    if (now - shown >= statusMilliseconds) {
      shown = now
      options.status(stateOf(now))
    }
    if (underWay === 0 && signal.aborted) return 'interrupted'
    if (underWay === 0 && resolving.size === 0 && options.newHosts.length === 0) {
      if (stopping) return 'budget'
      const next = Math.min(dispatcher.nextAt() ?? Infinity, frontier.nextRetry() ?? Infinity)
      if (next > now + config.politeness.patience) return 'done'
    }
    const at = Math.min(underWay < config.connections && !stopping ? (dispatcher.nextAt() ?? Infinity) : Infinity, clock() + statusMilliseconds)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, at - clock()))
      wakeLoop = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  function stateOf(now: number): CrawlState {
    const waiting = [...dispatcher.waiting()].sort((a, b) => a.nextAt - b.nextAt)
    const next = waiting.slice(0, 3).map((host) => ({ host: host.name, milliseconds: Math.max(0, host.nextAt - now), why: waitReason(host, now) }))
    const retry = frontier.nextRetry()
    return {
      fetched: tally.fetched,
      waitingHosts: waiting.length,
      underWay,
      seconds: (now - started) / 1000,
      next,
      retryIn: retry === undefined ? undefined : Math.max(0, retry - now),
    }
  }
}
