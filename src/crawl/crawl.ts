import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Crawl } from '../config/crawl-file.ts'
import { openStore } from '../storage/store.ts'
import { now } from './clock.ts'
import { canonicalizer } from './canonical-url.ts'
import { decoded } from './content.ts'
import { conduct } from './conduct.ts'
import type { CrawlWork, Round } from './crawl-work.ts'
import { discoverer } from './discover.ts'
import { openFetcher } from './fetch.ts'
import { Frontier } from './frontier.ts'
import { openResolver } from './hosts-resolver.ts'
import { languageGuide } from './language-guide.ts'
import { openLicenceFiles } from './licence-files.ts'
import type { PolitenessRules } from './politeness.ts'
import { openReservations } from './reservations.ts'
import { openRobotsFiles, robotsBytes } from './robots-files.ts'
import { openScope } from './scope.ts'
import { type CrawlReport, emptyTally, trapsByHost } from './tally.ts'
import { userAgent } from './user-agent.ts'
import { openWarcWriter, recover, type WarcWriter, type WarcWriterOptions } from './warc-writer.ts'

export interface CrawlOptions {
  /** Aborted: what is under way is ended and published, nothing new begins. */
  readonly signal: AbortSignal
  /** Called about four times a second with who waits for what. */
  readonly status: (state: CrawlState) => void
  /** Told about each file as it is published. */
  readonly published?: (key: string) => void
}

export interface CrawlState {
  readonly fetched: number
  readonly waitingHosts: number
  readonly underWay: number
  readonly seconds: number
  /** Hosts that wait, the first to be asked first; at most three. */
  readonly next: readonly { readonly host: string; readonly milliseconds: number; readonly why: string }[]
  /** Milliseconds until addresses that failed are tried again; undefined when there are none. */
  readonly retryIn: number | undefined
}

const software = 'Quern/0.1'

/** Fetches what is due, from where the frontier stands; a second call goes on, or finds nothing to do. */
export async function crawl(plan: Crawl, options: CrawlOptions): Promise<CrawlReport> {
  const started = now()
  const { config } = plan
  mkdirSync(plan.state, { recursive: true })
  const store = await openStore(plan.out)
  // Now, and not when the first file is whole.
  await store.probe({ singleWriter: true })
  const frontier = new Frontier(join(plan.state, 'frontier.sqlite'))
  try {
    const round = openRound(frontier)
    const published = JSON.parse(frontier.meta('published') ?? '{"pages":[],"evidence":[]}') as { pages: string[]; evidence: string[] }
    const note = (kind: 'pages' | 'evidence', keys: readonly string[]): void => {
      if (keys.length === 0) return
      published[kind].push(...keys)
      frontier.setMeta('published', JSON.stringify(published))
      for (const key of keys) options.published?.(key)
    }
    const writerOptions = (kind: 'pages' | 'evidence'): WarcWriterOptions => ({
      folder: join(plan.state, 'unfinished', kind),
      publishedBelow: kind === 'pages' ? 'warc' : 'evidence',
      // Positions are kept by name: two files that begin in the same second must not share one.
      name: kind === 'pages' ? config.name : `${config.name}-evidence`,
      store,
      serial: Number(frontier.meta(`serial-${kind}`) ?? '1'),
      maxBytes: config.warc.bytes,
      maxAge: config.warc.age,
      info: infoFields(plan),
    })
    const positions = new Map<string, number>()
    const believed = JSON.parse(frontier.meta('positions') ?? '{}') as Record<string, number>
    for (const kind of ['pages', 'evidence'] as const) {
      mkdirSync(join(plan.state, 'unfinished', kind), { recursive: true })
      const whole = await recover(
        writerOptions(kind),
        (file) => believed[file] ?? 0,
        (file, bytes) => frontier.forget(file, bytes),
      )
      note(kind, whole)
    }
    const writers = { pages: openWarcWriter(writerOptions('pages')), evidence: openWarcWriter(writerOptions('evidence')) }
    const savePositions = (): void => {
      frontier.setMeta('positions', JSON.stringify(Object.fromEntries(positions)))
      for (const kind of ['pages', 'evidence'] as const) frontier.setMeta(`serial-${kind}`, String(writers[kind].serial))
      frontier.setMeta('round', JSON.stringify(round))
    }
    frontier.beforeCommit = savePositions
    const tally = emptyTally()
    const rules: PolitenessRules = {
      floor: config.politeness.floor,
      cap: config.politeness.cap,
      factor: config.politeness.factor,
      perAddress: config.politeness['per-address'],
    }
    const fetcher = openFetcher(userAgent(plan), plan.authorities)
    const discover = discoverer({
      frontier,
      scope: openScope(config, plan.seeds),
      canonicalize: canonicalizer(config['session-parameters']),
      depth: config.scope.depth,
      guided: config.scope.languages.length > 0,
      least: config.schedule.least,
      seed: config.seed,
      now,
    })
    const publish = async (): Promise<void> => {
      for (const kind of ['pages', 'evidence'] as const) await publishOne(kind, writers[kind])
    }
    const publishOne = async (kind: 'pages' | 'evidence', writer: WarcWriter): Promise<void> => {
      const key = await writer.publish()
      if (key === undefined) return
      positions.delete(key.slice(key.lastIndexOf('/') + 1))
      frontier.transaction(() => {
        note(kind, [key])
        savePositions()
      })
    }
    const newHosts: string[] = []
    const robots = openRobotsFiles(frontier)
    const reservations = openReservations(frontier)
    const work: CrawlWork = {
      crawl: plan,
      rules,
      frontier,
      fetcher,
      resolve: openResolver({ ports: config.ports, allowed: plan.allowed }),
      ...writers,
      positions,
      tally,
      round,
      found(written, way) {
        const host = discover(written, way)
        if (host !== undefined) newHosts.push(host)
      },
      guide: config.scope.languages.length === 0 ? undefined : languageGuide(config.scope.languages),
      licences: openLicenceFiles(frontier),
      hostFiles: (origin) => ({ robots: robots.known(origin, now())?.file, tdmrep: reservations.known(origin, now()) }),
    }
    frontier.transaction(() => {
      for (const seed of plan.seeds) work.found(seed.href, { from: undefined, via: null, kind: 'page', depth: 0, hops: 0 })
    })
    const ended = await conduct(work, {
      robots,
      reservations,
      content: (answer) => {
        const content = decoded(answer, { bytes: robotsBytes * 2, ratio: config.limits.ratio })
        return typeof content === 'string' ? new Uint8Array(0) : content
      },
      newHosts,
      signal: options.signal,
      started,
      status: options.status,
      publishDue: async () => {
        for (const kind of ['pages', 'evidence'] as const) if (writers[kind].due()) await publishOne(kind, writers[kind])
      },
    })
    fetcher.close()
    await publish()
    round.milliseconds += now() - started
    const report = { ...reportOf(work, published), ended, seconds: (now() - started) / 1000 }
    closeRound(frontier, round, ended)
    return report
  } finally {
    frontier.close()
  }
}

/** A round that was stopped goes on; one that ended makes room for the next. */
function openRound(frontier: Frontier): Round {
  const written = frontier.meta('round')
  if (written !== undefined) return JSON.parse(written) as Round
  const number = Number(frontier.meta('rounds') ?? '0') + 1
  const round = { number, pages: 0, bytes: 0, milliseconds: 0 }
  frontier.transaction(() => {
    frontier.newRound()
    frontier.setMeta('rounds', String(number))
    frontier.setMeta('published', '{"pages":[],"evidence":[]}')
    frontier.setMeta('round', JSON.stringify(round))
  })
  return round
}

function closeRound(frontier: Frontier, round: Round, ended: CrawlReport['ended']): void {
  if (ended === 'interrupted') frontier.setMeta('round', JSON.stringify(round))
  else frontier.removeMeta('round')
}

function reportOf(
  { tally, frontier }: CrawlWork,
  published: { readonly pages: readonly string[]; readonly evidence: readonly string[] },
): Omit<CrawlReport, 'ended' | 'seconds'> {
  const { fetched, bytes, unchanged, redirected, denied, failed, hosts } = tally
  const left = Object.fromEntries(
    frontier
      .hosts()
      .filter((host) => host.left !== '')
      .map((host) => [host.name, host.left]),
  )
  const useful = Object.fromEntries(
    frontier
      .hosts()
      .filter((host) => host.judged > 0)
      .map((host) => [host.name, host.useful / host.judged]),
  )
  return {
    fetched,
    bytes,
    unchanged,
    redirected,
    denied,
    failed,
    hosts: hosts.size,
    warcs: published.pages,
    evidence: published.evidence,
    traps: trapsByHost(frontier),
    useful,
    left,
  }
}

function infoFields(plan: Crawl): string {
  const { agent, name, description } = plan.config
  const lines = [
    `software: ${software}`,
    'format: WARC File Format 1.1',
    'conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/',
    `isPartOf: ${name}`,
    ...(description === undefined ? [] : [`description: ${description.replace(/\s+/g, ' ')}`]),
    `operator: ${agent.contact}`,
    `http-header-user-agent: ${userAgent(plan)}`,
    'robots: RFC 9309',
  ]
  return `${lines.join('\r\n')}\r\n`
}
