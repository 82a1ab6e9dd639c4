import { maxRawBytes, type RightsSignal } from '../core/rights.ts'

/** Where a signal says that an RSL document lies; undefined for other signals, and where the statement was too long to be kept whole. */
export function rslAddress({ protocol, use, value, place, raw }: RightsSignal, page: string): string | undefined {
  if (protocol !== 'rsl' || use !== 'licence' || value !== 'stated' || raw.length >= maxRawBytes) return undefined
  const written = place === 'header' ? /<([^<>]*)>/.exec(raw)?.[1] : place === 'html' ? raw.split(' ').at(-1) : /^[^:]*:\s*(\S+)/.exec(raw)?.[1]
  const url = written === undefined ? null : URL.parse(written, page)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined
  url.hash = ''
  return url.href
}
