import { QuernError } from '../core/errors.ts'
import { type Criteria, plainHost, together } from '../dataset/criteria.ts'
import type { CommandInput, Option } from './command.ts'

export const snapshotOption: Option = { flags: '--snapshot <version>', summary: 'A version number or a tag; the newest when not given.' }

export function stringOption(options: CommandInput['options'], name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

/** A whole number from `least` up, or `otherwise` when the option is not given. */
export function countOption(options: CommandInput['options'], name: string, flag: string, least: number, otherwise: number): number {
  const value = stringOption(options, name)
  if (value === undefined) return otherwise
  if (!/^\d{1,9}$/.test(value) || Number(value) < least)
    throw new QuernError('bad-usage', `${flag} is "${value}"`, { remedy: `Give a whole number of at least ${least}.` })
  return Number(value)
}

/** Values of an option that may be repeated, in the order in which they were given. */
export function listOption(options: CommandInput['options'], name: string): readonly string[] {
  const value = options[name]
  return typeof value === 'string' ? [value] : Array.isArray(value) ? (value as readonly string[]) : []
}

/** What documents are named by, where a command takes several at once. */
export const criteriaOptions: readonly Option[] = [
  { flags: '--source <name...>', summary: 'All documents of this source.' },
  { flags: '--host <name...>', summary: 'All of this host and those below it.' },
  { flags: '--licence <name...>', summary: 'All of the sources with this licence.' },
  { flags: '--url <address...>', summary: 'All of this address, however it is written.' },
  { flags: '--document <id...>', summary: 'The document with this id of 32 hex digits.' },
]

/** The criteria that these options name. */
export function readCriteria(options: CommandInput['options']): Criteria {
  const hosts = listOption(options, 'host').map((host) => {
    if (!/^[^\s/:@]+$/.test(host))
      throw new QuernError('bad-usage', `--host is "${host}"`, { remedy: 'Give a name such as example.org, without scheme, port and path.' })
    return plainHost(host)
  })
  const documents = listOption(options, 'document').map((id) => {
    if (!/^[0-9a-f]{32}$/i.test(id))
      throw new QuernError('bad-usage', `--document is "${id}"`, { remedy: 'Give an id of 32 hex digits; an address goes with --url.' })
    return id.toLowerCase()
  })
  return together([
    {
      sources: [...listOption(options, 'source')],
      hosts,
      licences: [...listOption(options, 'licence')],
      urls: [...listOption(options, 'url')],
      documents,
    },
  ])
}

const units: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600, d: 86_400 }

/** A span of time in milliseconds. */
export function timeOption(options: CommandInput['options'], name: string, flag: string, otherwise: string): number {
  const written = stringOption(options, name) ?? otherwise
  const [, digits, unit] = /^(\d{1,6})(s|min|h|d)$/.exec(written) ?? []
  if (digits === undefined || unit === undefined)
    throw new QuernError('bad-usage', `${flag} is "${written}"`, { remedy: 'Give a number and s, min, h or d, such as 12h or 7d.' })
  return Number(digits) * (units[unit] ?? 1) * 1000
}
