import type { RightsDecision, RightsSignal } from '../core/rights.ts'
import { decideRights } from '../rights/decide-rights.ts'
import { writeEvidence } from '../rights/evidence.ts'
import { readSignals } from '../rights/read-signals.ts'
import { rslAddress } from '../rights/rsl-links.ts'
import type { CrawlWork } from './crawl-work.ts'
import type { Answer } from './fetch.ts'

/** What a page, its answer and its host say of rights, and what the crawl's policy makes of it. */
export interface PageRights {
  readonly signals: readonly RightsSignal[]
  readonly decision: RightsDecision
}

/** RSL documents of one page that are asked for; a page names one. */
const mostLicences = 2

/**
 * `html`: the decoded page; without it the answer's headers and the host's files count. RSL documents that are named and not
 * known yet are asked for first.
 */
export async function rightsOf(
  { crawl: { policy, config }, hostFiles, licences }: CrawlWork,
  answer: Answer,
  html: Uint8Array | undefined,
  askLicence: (address: string) => Promise<void>,
): Promise<PageRights> {
  const { robots, tdmrep } = hostFiles(new URL(answer.url).origin)
  const sources = { url: answer.url, robots, headers: [...headerPairs(answer)], html, tdmrep, licences: (address: string) => licences.known(address) }
  let signals = readSignals(sources)
  const named = new Set(signals.map((signal) => rslAddress(signal, answer.url)))
  const unasked = [...named].filter((address) => address !== undefined && !licences.asked(address)).slice(0, mostLicences)
  if (unasked.length > 0) {
    for (const address of unasked) await askLicence(address!)
    signals = readSignals(sources)
  }
  return { signals, decision: decideRights(policy, signals, [config.agent.name]) }
}

function* headerPairs({ headers }: Answer): Generator<readonly [string, string]> {
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) yield [name, Array.isArray(value) ? value.join(', ') : value]
}

/** Lines of the metadata record. */
export function rightsLines({ signals, decision }: PageRights): readonly (readonly [string, string])[] {
  const evidence = writeEvidence(signals)
  return [
    ...(evidence === '' ? [] : [['rights-signals', evidence] as const]),
    ['rights-decision', decision.decision],
    ['rights-policy', decision.policy],
  ]
}

/**
 * Lines about a page of which no content is kept: what a ledger needs of it. The source `crawl` makes a row of them that is
 * dropped by `rights/PROTOCOL`.
 */
export function denialLines({ decision }: PageRights, digest: string, bytes: number): readonly (readonly [string, string])[] {
  return [
    ['rights-denied', decision.protocol ?? 'unknown'],
    ['rights-reason', decision.reason],
    ['payload-digest', digest],
    ['payload-bytes', String(bytes)],
  ]
}
