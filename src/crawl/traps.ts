import { longestUrl } from './canonical-url.ts'

/** Names of traps, with what each is; reports count by them. */
export const traps = {
  'long-url': 'The address is longer than 2,048 characters.',
  'deep-path': 'The path has more than 20 segments.',
  'repeating-path': 'A segment, or a row of segments, of the path repeats itself.',
  calendar: 'The address names a day that no page is about yet, or that is long gone.',
  'query-explosion': 'The host has hundreds of addresses that differ in their query alone.',
} as const
export type Trap = keyof typeof traps

const mostSegments = 20
/** So often one segment may stand in a path, and twice in a row: Heritrix' defaults. */
const mostRepetitions = 3
/** Addresses of one path that differ in their query: catalogues have fewer pages, filters more. */
export const mostQueries = 500

const earliestYear = 1900
const yearsAhead = 1

/** The trap that an address looks like by itself, without knowledge of its host. */
export function trapOf(url: URL, now: number): Trap | undefined {
  if (url.href.length > longestUrl) return 'long-url'
  const segments = url.pathname.split('/').filter((segment) => segment !== '')
  if (segments.length > mostSegments) return 'deep-path'
  if (repeats(segments)) return 'repeating-path'
  if (isCalendar(url, segments, now)) return 'calendar'
  return undefined
}

function repeats(segments: readonly string[]): boolean {
  if (segments.length < 4) return false
  const counts = new Map<string, number>()
  for (const segment of segments) {
    const count = (counts.get(segment) ?? 0) + 1
    if (count > mostRepetitions) return true
    counts.set(segment, count)
  }
  // Two or more segments again and again, /a/b/a/b/a/b: relative links that should have been absolute.
  for (let length = 2; length * 3 <= segments.length; length++)
    for (let start = 0; start + length * 3 <= segments.length; start++) {
      let same = true
      for (let i = 0; i < length * 2 && same; i++) same = segments[start + i] === segments[start + i + length]
      if (same) return true
    }
  return false
}

const calendarWord =
  /(?:^|[^a-z])(?:calendars?|kalender|calendrier|calendario|kalendarz|agenda|events?|archives?|termine|schedule|booking|month|day|week)(?:$|[^a-z])/i
const dateParameter = /^(?:date|day|month|year|week|from|to|start|end|y|yr|ym|datum|mois|monat|jahr|mes)$/i
const yearAndMonth = /(?:^|[^0-9])([0-9]{4})[-/_.]?(?:0?[1-9]|1[0-2])(?:[^0-9]|$)/

/** A date in the path of a calendar, or in a parameter for dates, far from today. A year in the title of a page is none. */
function isCalendar(url: URL, segments: readonly string[], now: number): boolean {
  const latest = new Date(now).getUTCFullYear() + yearsAhead
  const isFar = (year: number): boolean => year > latest || year < earliestYear
  const path = segments.join('/')
  if (calendarWord.test(path)) {
    const year = yearAndMonth.exec(path)?.[1] ?? segments.find((segment) => /^\d{4}$/.test(segment))
    if (year !== undefined && isFar(Number(year))) return true
  }
  if (url.search === '') return false
  for (const [name, value] of url.searchParams) {
    if (!dateParameter.test(name)) continue
    const year = /^(\d{4})(?:$|[-/_.]|\d{2}(?:\d{2})?$)/.exec(value)?.[1]
    if (year !== undefined && isFar(Number(year))) return true
  }
  return false
}

/** What addresses that differ in their query alone have in common; undefined without a query. */
export function queryShape(url: URL): string | undefined {
  return url.search === '' ? undefined : url.pathname
}
