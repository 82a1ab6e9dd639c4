import { setImmediate } from 'node:timers/promises'
import { now as clock } from './clock.ts'
import { decoded, isHtml, pageText } from './content.ts'
import type { CrawlWork } from './crawl-work.ts'
import { type Answer, FetchFailure } from './fetch.ts'
import { state } from './frontier-tables.ts'
import { kinds, type Outcome, type Task } from './frontier.ts'
import { judged, patience, sampleCharacters } from './language-guide.ts'
import { pageFacts, type PageFacts } from './page-links.ts'
import { pageRecords, type RecordOptions } from './page-records.ts'
import { denialLines, type PageRights, rightsLines, rightsOf } from './page-rights.ts'
import { failed, type Host, pauseOf, retryAfter, strike } from './politeness.ts'
import { mostTries, nextInterval, resting, retry } from './schedule.ts'
import { count } from './tally.ts'
import { listContent, listed } from './url-lists.ts'
import { digestOf } from './warc-record.ts'

const day = 24 * 3600e3

/**
 * Fetches one address and does everything that follows from the answer; afterwards the host has its next moment. `askLicence`
 * gets the document of an address that a page names into `work.licences`.
 */
export async function visit(work: CrawlWork, host: Host, task: Task, askLicence: (address: string) => Promise<void>): Promise<void> {
  const { config } = work.crawl
  const url = new URL(task.url)
  const place = await work.resolve(url)
  host.place = place
  if ('refused' in place) {
    await refuse(work, host, task, place.refused)
    return
  }
  const limits = {
    bytes: task.kind === kinds.page ? config.limits.bytes : config.limits['sitemap-bytes'],
    milliseconds: config.limits.seconds * 1000,
    pause: pauseOf(host, 0, work.rules, clock()),
  }
  let answer
  try {
    answer = await work.fetcher.fetch(url, place.address, limits, conditions(task))
  } catch (error) {
    if (!(error instanceof FetchFailure)) throw error
    await failure(work, host, task, error)
    return
  }
  await settle(work, host, task, answer, askLicence)
}

/** A seed or a link may turn out to be a sitemap. */
function mostBytes({ crawl: { config } }: CrawlWork, task: Task): number {
  const isPage = task.kind === kinds.page && !/\.xml(?:\.gz)?(?:$|\?)|sitemap/i.test(task.url)
  return isPage ? config.limits.bytes : Math.max(config.limits.bytes, config.limits['sitemap-bytes'])
}

/** If-None-Match and If-Modified-Since, of a page that is there already. */
function conditions({ etag, modified, digest }: Task): Record<string, string> {
  if (digest === null) return {}
  return { ...(etag === null ? {} : { 'If-None-Match': etag }), ...(modified === null ? {} : { 'If-Modified-Since': modified }) }
}

/** Never asked: the name has no address, or one that must not be asked. */
function refuse(work: CrawlWork, host: Host, task: Task, reason: string): Promise<void> {
  const now = clock()
  count(reason === 'dns' ? work.tally.failed : work.tally.denied, reason)
  return work.frontier.grouped(() => {
    work.frontier.finish(task.id, resting(task, now + day, { reason }))
    save(work, host)
  })
}

function failure(work: CrawlWork, host: Host, task: Task, { reason, milliseconds }: FetchFailure): Promise<void> {
  const now = clock()
  const broken = failed(host, work.rules)
  host.nextAt = now + Math.max(broken, pauseOf(host, milliseconds, work.rules, now))
  host.waitsFor = reason
  // A certificate does not get better by asking again.
  const again = reason.startsWith('tls') ? undefined : retry(task, reason, now)
  if (again === undefined) count(work.tally.failed, reason)
  return work.frontier.grouped(() => {
    work.frontier.finish(task.id, again ?? resting(task, now + day, { reason }))
    save(work, host)
  })
}

/** What an answer means for its address; nothing is written yet. */
interface Judgement {
  readonly outcome: Outcome
  readonly revisit?: RecordOptions['revisit']
  /** What a page that is new or has changed holds. */
  readonly content?: Uint8Array
  /** What a page holds that has not changed: only its rights may have. */
  readonly unchanged?: Uint8Array
  readonly redirect?: string
  readonly wait?: number
  readonly keep: boolean
}

async function settle(work: CrawlWork, host: Host, task: Task, answer: Answer, askLicence: (address: string) => Promise<void>): Promise<void> {
  const { frontier, tally } = work
  const now = clock()
  host.failures = 0
  tally.hosts.add(host.id)
  const digest = digestOf(work.crawl.config.warc.digest, answer.body)
  const verdict = judge(work, host, task, answer, digest, now)
  host.nextAt =
    now + Math.max(verdict.wait ?? 0, pauseOf(host, answer.milliseconds, work.rules, now) * (work.guide === undefined ? 1 : patience(host)))
  host.waitsFor = verdict.wait === undefined ? '' : `${answer.status}`
  host.row = { ...host.row, pages: host.row.pages + 1, bytes: host.row.bytes + answer.body.byteLength }
  work.round.pages++
  work.round.bytes += answer.body.byteLength
  const { content } = verdict
  const shown = content ?? verdict.unchanged
  const isPage = shown !== undefined && isHtml(answer, shown)
  const html = content !== undefined && isPage ? pageText(answer, content) : undefined
  const facts = html === undefined ? undefined : pageFacts(html, work.crawl.config.agent.name, work.guide === undefined ? 0 : sampleCharacters)
  const useful = facts === undefined ? undefined : work.guide?.useful(facts.text, facts.language)
  judged(host, useful)
  const list = content === undefined || html !== undefined ? undefined : listContent(content, new URL(task.url).pathname, task.kind !== kinds.page)
  const isList = list !== undefined || task.kind !== kinds.page
  let { outcome } = verdict
  if (verdict.keep) {
    const writer = isList ? work.evidence : work.pages
    const rights = answer.status === 304 ? undefined : await rightsOf(work, answer, isPage ? shown : undefined, askLicence)
    const denied = rights?.decision.decision === 'deny'
    const { records, reference } = pageRecords(answer, {
      infoId: writer.infoId(),
      digest: work.crawl.config.warc.digest,
      payloadDigest: verdict.revisit?.why === 'not-modified' ? (task.digest ?? digest) : digest,
      metadata: metadataOf(task, answer, facts, rights, denied && shown !== undefined ? digest : undefined),
      revisit: denied ? undefined : verdict.revisit,
      withoutBody: denied,
    })
    const { file, bytes, offset } = writer.append(records)
    // The record of an error or redirection is not the one that holds what the address had before.
    const holds = verdict.revisit === undefined && outcome.digest === digest
    outcome = { ...outcome, warc: file, position: offset, record: holds ? reference : task.record }
    if (denied && shown !== undefined) outcome = withheld(work, task, outcome, rights, now)
    work.positions.set(file, bytes)
  }
  // Before the list itself is noted as read: a stop in the middle of it has it read again.
  if (list !== undefined) await readList(work, task, answer, list)
  await frontier.grouped(() => {
    frontier.finish(task.id, outcome)
    if (list !== undefined && task.kind === kinds.page) frontier.setKind(task.id, 'sitemap')
    if (verdict.redirect !== undefined) follow(work, task, answer, verdict.redirect)
    if (facts !== undefined) discoverLinks(work, task, answer, facts, useful)
    save(work, host)
  })
}

/** So many entries at a time: other hosts are not to wait for a list of 50,000. */
const listStep = 500

async function readList(work: CrawlWork, task: Task, answer: Answer, list: NonNullable<ReturnType<typeof listContent>>): Promise<void> {
  const entries = listed(list)
  for (let more = true; more;) {
    work.frontier.transaction(() => {
      for (let i = 0; i < listStep; i++) {
        const next = entries.next()
        if (next.done === true) {
          more = false
          return
        }
        const { url, kind, changed, language } = next.value
        // What a list names is as near to the seeds as the list.
        work.found(url, {
          from: answer.url,
          via: task.id,
          kind,
          depth: task.depth,
          hops: 0,
          changed,
          step: kind === 'page' ? (work.guide?.step(language, undefined) ?? 8) : 1,
        })
      }
    })
    await setImmediate()
  }
}

function judge(work: CrawlWork, host: Host, task: Task, answer: Answer, digest: string, now: number): Judgement {
  const { config } = work.crawl
  const { tally } = work
  const { status, headers } = answer
  const again = (changed: boolean): { interval: number; due: number } => {
    const interval = nextInterval(task, changed, config.schedule)
    return { interval, due: now + interval }
  }
  const end = (reason: string, counts: Record<string, number>): Judgement => {
    count(counts, reason)
    const { interval, due } = again(false)
    return { outcome: resting(task, Math.max(due, now + day), { interval, status, reason, fetched: now }), keep: true }
  }
  if (status === 429 || status === 503) {
    const wait = strike(host, retryAfter(headers['retry-after'], now), work.rules, now)
    if (task.tries + 1 >= mostTries.refused) return { ...end(`http-${status}`, tally.failed), wait }
    return { outcome: { ...resting(task, 0, { tries: task.tries + 1, status }), state: state.waiting }, wait, keep: false }
  }
  host.strikes = 0
  if (status >= 500) {
    const later = retry(task, `http-${status}`, now, { status })
    return later === undefined ? end(`http-${status}`, tally.failed) : { outcome: later, keep: false }
  }
  if (status === 304 && task.digest !== null && task.fetched !== null) {
    tally.unchanged++
    return {
      outcome: resting(task, now + again(false).interval, { interval: again(false).interval, status, fetched: now }),
      revisit: { why: 'not-modified', reference: task.record },
      keep: true,
    }
  }
  if (status >= 300 && status < 400) {
    if (headers.location === undefined) return end(`http-${status}`, tally.failed)
    if (task.hops >= config.limits.redirects) return end('too-many-redirects', tally.failed)
    tally.redirected++
    const { interval, due } = again(false)
    return { outcome: resting(task, due, { interval, status, fetched: now, digest: null }), redirect: headers.location, keep: true }
  }
  if (status < 200 || status >= 400) return end(`http-${status}`, tally.failed)
  const content = decoded(answer, { bytes: mostBytes(work, task), ratio: config.limits.ratio })
  if (content === 'bomb') return { ...end('decompression-ratio', tally.failed), keep: false }
  // A coded answer that was cut off is one too, and what cannot be read cannot be asked for its rights.
  if (content === 'large' || (content === 'broken' && answer.truncated)) return { ...end('too-large', tally.failed), keep: false }
  if (content === 'broken') return end('bad-encoding', tally.failed)
  tally.fetched++
  tally.bytes += answer.body.byteLength
  const same = task.digest === digest && task.fetched !== null
  const { interval, due } = again(!same)
  const etag = headers.etag ?? null
  const modified = headers['last-modified'] ?? null
  const outcome = resting(task, due, { interval, status, fetched: now, etag, modified, digest })
  if (!same) return { outcome, keep: true, content }
  tally.unchanged++
  return {
    outcome,
    revisit: { why: 'same-payload', reference: task.record },
    keep: true,
    unchanged: content,
  }
}

/**
 * A page that was denied is as one that was never there: it is fetched whole the next time, for it may be allowed then, and
 * a record without content is nothing to refer to. It counts as unchanged, or it would be visited ever more often.
 */
function withheld({ crawl: { config }, tally }: CrawlWork, task: Task, outcome: Outcome, { decision }: PageRights, now: number): Outcome {
  const reason = `rights/${decision.protocol ?? 'unknown'}`
  count(tally.denied, reason)
  const interval = nextInterval(task, false, config.schedule)
  return { ...outcome, reason, interval, due: now + interval, etag: null, modified: null, digest: null, record: null }
}

/** What is known of a visit besides the answer; `denied` is the digest of content that is not kept. */
function metadataOf(
  task: Task,
  answer: Answer,
  facts: PageFacts | undefined,
  rights: PageRights | undefined,
  denied: string | undefined,
): readonly (readonly [string, string])[] {
  return [
    ['fetchTimeMs', String(answer.milliseconds)],
    ['hops', String(task.depth)],
    ...(task.hops > 0 ? [['redirects', String(task.hops)] as const] : []),
    ...(facts === undefined || facts.language === '' ? [] : [['htmlLanguage', facts.language.slice(0, 64)] as const]),
    ...(rights === undefined ? [] : rightsLines(rights)),
    ...(rights === undefined || denied === undefined ? [] : denialLines(rights, denied, answer.body.byteLength)),
  ]
}

function follow(work: CrawlWork, task: Task, answer: Answer, location: string): void {
  const kind = task.kind === kinds.page ? 'page' : task.kind === kinds.sitemap ? 'sitemap' : 'feed'
  work.found(location, { from: answer.url, via: task.id, kind, depth: task.depth, hops: task.hops + 1, step: 0 })
}

function discoverLinks(work: CrawlWork, task: Task, answer: Answer, facts: PageFacts, useful: boolean | undefined): void {
  const header = answer.headers['x-robots-tag']
  const words = [
    ...facts.robots,
    ...(header === undefined
      ? []
      : String(header)
          .toLowerCase()
          .split(/[\s,:]+/)),
  ]
  // A page that says so speaks of its links; what other pages link to is fetched all the same.
  if (words.includes('nofollow') || words.includes('none')) return
  const base = facts.base === undefined ? answer.url : (URL.parse(facts.base, answer.url)?.href ?? answer.url)
  const way = { from: base, via: task.id, kind: 'page', depth: task.depth + 1, hops: 0 } as const
  for (const { href, language } of facts.links) work.found(href, work.guide === undefined ? way : { ...way, step: work.guide.step(language, useful) })
  for (const feed of facts.feeds) work.found(feed, { ...way, kind: 'feed' })
  if (facts.refresh !== undefined) work.found(facts.refresh, way)
  if (facts.canonical !== undefined) work.found(facts.canonical, { ...way, depth: task.depth })
}

function save({ frontier }: CrawlWork, host: Host): void {
  host.row = { ...host.row, nextAt: host.nextAt }
  frontier.saveHost(host.row)
}
