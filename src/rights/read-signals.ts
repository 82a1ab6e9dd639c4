import { rowText } from '../core/batch.ts'
import type { RightsSignal } from '../core/rights.ts'
import { rightsTags } from '../native/rights-tags.ts'
import type { RobotsFile } from '../native/robots.ts'
import {
  contentSignals,
  directiveSignals,
  headerSignals,
  licenceSignals,
  reservationSignals,
  type Spot,
  tdmPolicySignals,
  usageSignals,
} from './header-signals.ts'
import { robotsSignals } from './robots-signals.ts'
import { rslSignals } from './rsl-document.ts'
import { rslAddress } from './rsl-links.ts'
import { tdmrepSignals } from './tdmrep-file.ts'

/** What was fetched of a page and its host; what is not there is left out. */
export interface RightsSources {
  readonly url: string
  readonly robots?: RobotsFile | undefined
  /** Names in any case; a name may come several times. */
  readonly headers?: Iterable<readonly [string, string]> | undefined
  /** The decoded body, when it is a page. */
  readonly html?: Uint8Array | undefined
  /** `/.well-known/tdmrep.json` of the host. The same array for the same file: it is parsed once. */
  readonly tdmrep?: Uint8Array | undefined
  /** RSL documents by their addresses, as far as they are known. The same array for the same file: it is parsed once. */
  readonly licences?: ((address: string) => Uint8Array | undefined) | undefined
}

/** Signals of one page; hostile pages and headers cannot make more of them. */
const maxSignals = 200

/** Everything that a page, its response and its host say about rights. What does not parse is a signal too; nothing throws. */
export function readSignals({ url, robots, headers, html, tdmrep, licences }: RightsSources): RightsSignal[] {
  const target = targetOf(url)
  const signals: RightsSignal[] = []
  if (robots !== undefined) signals.push(...robotsSignals(robots, target))
  if (tdmrep !== undefined) signals.push(...tdmrepSignals(tdmrep, target))
  for (const [name, value] of headers ?? []) signals.push(...headerSignals(name.toLowerCase(), value))
  if (html !== undefined) {
    const payload = { type: 'binary', values: html, offsets: Int32Array.of(0, html.byteLength) } as const
    signals.push(...tagSignals(rowText(rightsTags(payload), 0)))
  }
  if (licences !== undefined) signals.push(...licenceTerms(signals, url, licences))
  return bounded(signals)
}

/** What the RSL documents say that are named: of one that is named twice, by its first link. */
function licenceTerms(signals: readonly RightsSignal[], page: string, licences: NonNullable<RightsSources['licences']>): RightsSignal[] {
  const url = URL.parse(page)
  if (url === null) return []
  const read = new Set<string>()
  return signals.flatMap((signal) => {
    const address = rslAddress(signal, page)
    if (address === undefined || read.has(address)) return []
    read.add(address)
    const file = licences(address)
    return file === undefined ? [] : rslSignals(file, signal, address, url)
  })
}

/** Signals of the lines that the `warc` source keeps of a response's head. */
export function headerLineSignals(lines: string): RightsSignal[] {
  const signals = lines.split('\n').flatMap((line) => {
    const colon = line.indexOf(':')
    return colon < 1 ? [] : headerSignals(line.slice(0, colon), line.slice(colon + 1).trim())
  })
  return bounded(signals)
}

/** Signals of one row of `rightsTags`. */
export function tagSignals(lines: string): RightsSignal[] {
  const signals = lines.split('\n').flatMap((line) => {
    const [kind, key = '', value = ''] = line.split('\t')
    if (kind === 'link') return licenceSignals(value, key, spotOf(`link ${key} ${value}`))
    return kind === 'meta' ? metaSignals(key, value) : []
  })
  return bounded(signals)
}

/** The first ones; that there were more is a signal too. */
function bounded(signals: readonly RightsSignal[]): RightsSignal[] {
  const next = signals[maxSignals]
  if (next === undefined) return [...signals]
  const { protocol, place, use } = next
  return [...signals.slice(0, maxSignals), { protocol, place, agents: [], use, value: 'unreadable', raw: `more than ${maxSignals} statements` }]
}

const spotOf = (raw: string, agents: readonly string[] = []): Spot => ({ place: 'html', agents, raw })

function metaSignals(name: string, content: string): RightsSignal[] {
  const spot = spotOf(`meta ${name}: ${content}`)
  if (name === 'tdm-reservation') return reservationSignals(content, spot)
  if (name === 'tdm-policy') return tdmPolicySignals(spot)
  if (name === 'content-usage') return usageSignals(content, spot)
  if (name === 'content-signal') return contentSignals(content, spot)
  if (name === 'robots') return directiveSignals(content, spot)
  // Under these names stand addresses and sentences; only an address can be told.
  if (/licen[cs]e|rights/.test(name)) return /^(?:https?:)?\/\//.test(content) ? licenceSignals(content, '', spot) : []
  return directiveSignals(content, { ...spot, agents: [name] })
}

/** Path and query as they are sent; `/` for an address that does not parse. */
function targetOf(url: string): string {
  const parsed = URL.parse(url)
  return parsed === null ? '/' : `${parsed.pathname}${parsed.search}`
}
