import { domainToUnicode } from 'node:url'
import { visitParameters } from '../native/document-keys.ts'

/** Longer addresses are traps or data; servers need not take more than 8,000 octets (RFC 9110, 4.1), pages never do. */
export const longestUrl = 2048

/**
 * `sid` names sessions as well as pages: only a value that looks like a session goes. Stricter than in keys of addresses: a page that
 * is fetched without a parameter that it needs is lost, two keys that are one by mistake cost one of two pages.
 */
const sessionValue = /^[0-9a-f]{24,}$/i

export type Canonicalize = (written: string, base?: string) => string | undefined

/**
 * One spelling for the addresses of one page: WHATWG parsing, then no fragment, user or session, no empty query, no dot
 * behind the host, escapes of unreserved characters undone and the others in upper case (RFC 3986, 6.2.2). Undefined for
 * what is no address of the web. The order of parameters stays: some servers read it.
 */
export function canonicalizer(sessionParameters: readonly string[] = []): Canonicalize {
  const { always, prefixes, byValue } = visitParameters()
  const dropped = new Set([...always, ...sessionParameters.map((name) => name.toLowerCase())])
  const maybe = new Set(byValue)
  const goes: Goes = (name, value) =>
    dropped.has(name) || prefixes.some((prefix) => name.startsWith(prefix)) || (maybe.has(name) && sessionValue.test(value))
  return (written, base) => {
    const url = URL.parse(written, base)
    if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') return undefined
    const host = url.hostname.endsWith('.') ? url.hostname.slice(0, -1) : url.hostname
    if (host === '' || (domainToUnicode(host) === '' && !host.startsWith('['))) return undefined
    const port = url.port === '' ? '' : `:${url.port}`
    return `${url.protocol}//${host}${port}${normalEscapes(withoutSession(url.pathname))}${query(url.search, goes)}`
  }
}

function withoutSession(path: string): string {
  return path.includes(';') ? path.replace(/;(?:jsessionid|phpsessid|sid)=[^/;]*/gi, '') : path
}

/** Whether a parameter tells no pages apart; its name comes in lower case. */
type Goes = (name: string, value: string) => boolean

function query(search: string, goes: Goes): string {
  if (search.length < 2) return ''
  const kept = search
    .slice(1)
    .split('&')
    .filter((part) => {
      if (part === '') return false
      const equals = part.indexOf('=')
      const end = equals === -1 ? part.length : equals
      return !goes(part.slice(0, end).toLowerCase(), part.slice(end + 1))
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
