import type { RightsPlace, RightsSignal, SignalValue } from '../core/rights.ts'
import { asRaw } from './evidence.ts'
import { licenceOf } from './licences.ts'
import { type Dictionary, parseDictionary } from './structured-fields.ts'

/** Where a statement stands: what all signals of one line have in common. */
export interface Spot {
  readonly place: RightsPlace
  readonly agents: readonly string[]
  readonly line?: number
  /** The line as written. */
  readonly raw: string
}

const at = ({ raw, ...spot }: Spot) => ({ ...spot, raw: asRaw(raw) })

/** Content-Usage by the AIPREF drafts (attach-04, vocab-05): a dictionary of categories, the token `y` or `n` each. */
export function usageSignals(value: string, spot: Spot): RightsSignal[] {
  return dictionarySignals('content-usage', parseDictionary(value), spot, { y: 'allow', n: 'deny' })
}

/** Content-Signal: `search=yes, ai-train=no`, by the same grammar. */
export function contentSignals(value: string, spot: Spot): RightsSignal[] {
  return dictionarySignals('content-signal', parseDictionary(value), spot, { yes: 'allow', no: 'deny' })
}

function dictionarySignals(
  protocol: 'content-usage' | 'content-signal',
  members: Dictionary | undefined,
  spot: Spot,
  says: Readonly<Record<string, SignalValue>>,
): RightsSignal[] {
  if (members === undefined) return [{ protocol, ...at(spot), use: '', value: 'unreadable' }]
  // A value that the draft does not know says nothing of its category, and leaves the others as they are.
  return [...members].map(([use, item]) => ({
    protocol,
    ...at(spot),
    use,
    value: (item !== 'list' && item.type === 'token' && Object.hasOwn(says, item.value) ? says[item.value] : undefined) ?? 'unreadable',
  }))
}

/** Directives that say something of use; the others (crawling of links, previews) are none of a corpus's. */
const directives = new Set(['noai', 'noimageai', 'noindex', 'none', 'nosnippet', 'noarchive'])
/** Directives with a value: their colon does not end the name of an agent. */
const withValue = new Set(['unavailable_after', 'max-snippet', 'max-image-preview', 'max-video-preview'])

/** X-Robots-Tag, or the content of a robots meta. `agent: noindex` speaks to one agent, up to the next name. */
export function directiveSignals(value: string, spot: Spot): RightsSignal[] {
  const found: RightsSignal[] = []
  let { agents } = spot
  for (const part of value.toLowerCase().split(',')) {
    const [, name, rest] = /^\s*([\w*.-]+)\s*:(.*)$/s.exec(part) ?? []
    if (name !== undefined && withValue.has(name)) continue
    if (name !== undefined) agents = name === '*' || name === 'robots' ? [] : [name]
    const directive = (rest ?? part).trim()
    if (directives.has(directive)) found.push({ protocol: 'directives', ...at(spot), agents, use: directive, value: 'deny' })
  }
  return found
}

/** `tdm-reservation` of a header or meta (TDMRep): 1 reserves, 0 does not, anything else is as if it were not there. */
export function reservationSignals(value: string, spot: Spot): RightsSignal[] {
  const says: SignalValue = value.trim() === '1' ? 'deny' : value.trim() === '0' ? 'allow' : 'unreadable'
  return [{ protocol: 'tdmrep', ...at(spot), use: 'tdm', value: says }]
}

export function tdmPolicySignals(spot: Spot): RightsSignal[] {
  return [{ protocol: 'tdmrep', ...at(spot), use: 'policy', value: 'stated' }]
}

/** A link to a licence: an RSL document by its media type, else one of the licences that are known by their addresses. */
export function licenceSignals(address: string, mediaType: string, spot: Spot): RightsSignal[] {
  if (address.trim() === '') return []
  const rsl = /^application\/rsl\+xml\b/i.test(mediaType.trim())
  return [
    rsl
      ? { protocol: 'rsl', ...at(spot), use: 'licence', value: 'stated' }
      : { protocol: 'licence', ...at(spot), use: licenceOf(address), value: 'stated' },
  ]
}

/** One header of a response that speaks of rights; its name in lower case. */
export function headerSignals(name: string, value: string): RightsSignal[] {
  const spot: Spot = { place: 'header', agents: [], raw: `${name}: ${value}` }
  if (name === 'content-usage') return usageSignals(value, spot)
  if (name === 'content-signal') return contentSignals(value, spot)
  if (name === 'x-robots-tag') return directiveSignals(value, spot)
  if (name === 'tdm-reservation') return reservationSignals(value, spot)
  if (name === 'tdm-policy') return tdmPolicySignals(spot)
  return name === 'link' ? linkSignals(value, spot) : []
}

/** `Link: <address>; rel="license"; type="application/rsl+xml"` (RFC 8288). */
function linkSignals(value: string, spot: Spot): RightsSignal[] {
  return [...value.matchAll(/<([^<>]*)>\s*((?:;[^,;"]*(?:"[^"]*"[^,;"]*)?)*)/g)].flatMap(([link, address = '', parameters = '']) => {
    const rel = /;\s*rel\s*=\s*"?([^";]*)/i.exec(parameters)?.[1] ?? ''
    if (!/(?:^|\s)license(?:\s|$)/i.test(rel)) return []
    return licenceSignals(address, /;\s*type\s*=\s*"?([^";]*)/i.exec(parameters)?.[1] ?? '', { ...spot, raw: `link: ${link}` })
  })
}
