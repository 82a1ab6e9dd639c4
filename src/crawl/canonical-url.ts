import { domainToUnicode } from 'node:url'

/** Longer addresses are traps or data; servers need not take more than 8,000 octets (RFC 9110, 4.1), pages never do. */
export const longestUrl = 2048

/** Parameters that name a visit or a campaign, never a page. */
const visitParameters: ReadonlySet<string> = new Set([
  'phpsessid',
  'jsessionid',
  'sessionid',
  'session_id',
  'sessid',
  'asp.net_sessionid',
  'aspsessionid',
  'cfid',
  'cftoken',
  'zenid',
  'oscsid',
  's_id',
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'utm_term',
  'utm_content',
  'utm_id',
  'gclid',
  'fbclid',
  'msclkid',
  'mc_cid',
  'mc_eid',
  '_ga',
])

/** `sid` names sessions as well as pages: only a value that looks like a session goes. */
const sessionValue = /^[0-9a-f]{24,}$/i

export type Canonicalize = (written: string, base?: string) => string | undefined

/**
 * One spelling for the addresses of one page: WHATWG parsing, then no fragment, user or session, no empty query, no dot
 * behind the host, escapes of unreserved characters undone and the others in upper case (RFC 3986, 6.2.2). Undefined for
 * what is no address of the web. The order of parameters stays: some servers read it.
 */
export function canonicalizer(sessionParameters: readonly string[] = []): Canonicalize {
  const dropped = new Set([...visitParameters, ...sessionParameters.map((name) => name.toLowerCase())])
  return (written, base) => {
    const url = URL.parse(written, base)
    if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') return undefined
    const host = url.hostname.endsWith('.') ? url.hostname.slice(0, -1) : url.hostname
    if (host === '' || (domainToUnicode(host) === '' && !host.startsWith('['))) return undefined
    const port = url.port === '' ? '' : `:${url.port}`
    return `${url.protocol}//${host}${port}${normalEscapes(withoutSession(url.pathname))}${query(url.search, dropped)}`
  }
}

function withoutSession(path: string): string {
  return path.includes(';') ? path.replace(/;(?:jsessionid|phpsessid|sid)=[^/;]*/gi, '') : path
}

function query(search: string, dropped: ReadonlySet<string>): string {
  if (search.length < 2) return ''
  const kept = search
    .slice(1)
    .split('&')
    .filter((part) => {
      if (part === '') return false
      const equals = part.indexOf('=')
      const name = (equals === -1 ? part : part.slice(0, equals)).toLowerCase()
      return !dropped.has(name) && !(name === 'sid' && sessionValue.test(part.slice(equals + 1)))
    })
  return kept.length === 0 ? '' : `?${normalEscapes(kept.join('&'))}`
}

function normalEscapes(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
    return /[A-Za-z0-9._~-]/.test(character) ? character : escape.toUpperCase()
  })
}
