import { QuernError } from '../core/errors.ts'
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
