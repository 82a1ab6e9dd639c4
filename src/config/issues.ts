import type * as z from 'zod'
import { closest } from '../core/closest.ts'
import { type ErrorCode, QuernError } from '../core/errors.ts'
import { fieldAt, fieldsOf } from './fields.ts'
import type { ConfigFile } from './settings.ts'
import type { ConfigPath } from './yaml-file.ts'

export interface MistakeOptions {
  readonly code?: ErrorCode
  /** The place is that of the key, not of its value. */
  readonly key?: boolean
  readonly remedy?: string
  readonly cause?: unknown
}

/** A mistake at `path`: with its place in the file, or with the `--set` that made it. */
export function mistakeAt(file: ConfigFile, path: ConfigPath, message: string, options: MistakeOptions = {}): QuernError {
  const { code = 'bad-config', key = false, ...rest } = options
  const setting = file.setting(path)
  if (setting !== undefined) return new QuernError(code, `--set ${setting}: ${message}`, rest)
  return new QuernError(code, message, { ...rest, place: key ? file.keyPlace(path) : file.place(path) })
}

/** Parses the value at `base` with a schema; what is wrong goes to `mistakes`, each with its place and what to write instead. */
export function checkValue<T>(
  file: ConfigFile,
  base: ConfigPath,
  value: unknown,
  schema: z.ZodType<T>,
  mistakes: QuernError[],
  /** Keys that also stand in this block though another schema checks them, for suggestions. */
  otherKeys: readonly string[] = [],
): T | undefined {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  for (const issue of result.error.issues) {
    const inside = issue.path.filter((step) => typeof step !== 'symbol')
    const path = [...base, ...inside]
    if (issue.code === 'unrecognized_keys') {
      const known = [...knownKeys(schema, inside), ...otherKeys]
      for (const key of issue.keys) mistakes.push(unknownKey(file, [...path, key], known))
    } else mistakes.push(wrongValue(file, path, inside, value, schema, issue))
  }
  return undefined
}

function knownKeys(schema: z.ZodType, inside: ConfigPath): readonly string[] {
  let at: unknown = schema
  for (const step of inside)
    at = (at as { shape?: Record<string, unknown>; element?: unknown }).shape?.[step] ?? (at as { element?: unknown }).element
  try {
    return fieldsOf(at as z.ZodType).map(({ name }) => name)
  } catch {
    return [] // a suggestion is a courtesy: an exotic schema around the key goes without
  }
}

function unknownKey(file: ConfigFile, path: ConfigPath, known: readonly string[]): QuernError {
  const meant = closest(String(path.at(-1)), known)
  return mistakeAt(file, path, `${path.join('.')}: unknown key "${String(path.at(-1))}"`, {
    key: true,
    remedy: meant !== undefined ? `Did you mean "${meant}"?` : known.length === 0 ? 'Remove it.' : `Known here: ${known.join(', ')}.`,
  })
}

function wrongValue(file: ConfigFile, path: ConfigPath, inside: ConfigPath, root: unknown, schema: z.ZodType, issue: z.core.$ZodIssue): QuernError {
  const field = fieldAt(schema, inside)
  let got = root
  for (const step of inside) got = (got as Record<string | number, unknown> | null | undefined)?.[step]
  const name = path.join('.')
  const hint = [field?.says, field?.default === undefined ? '' : `Default: ${field.default}.`]
    .filter((part) => part !== undefined && part !== '')
    .join(' ')
  const remedy = hint === '' ? `Write ${field?.takes ?? 'another value'}.` : hint
  if (got === undefined)
    return mistakeAt(file, path, `${name}: is missing`, {
      remedy: `Add "${String(path.at(-1))}: …" with ${field?.takes ?? 'a value'}. ${hint}`.trim(),
    })
  const own = issue.code === 'custom' || (issue.code === 'invalid_union' && !issue.message.startsWith('Invalid')) || issue.code === 'invalid_format'
  const expected = own ? issue.message : `expected ${sizeWords(issue) ?? field?.takes ?? issue.message}`
  return mistakeAt(file, path, `${name}: ${expected}, got ${shown(got)}`, { remedy })
}

/** A list or a text that is too short is of the right type: say what is wrong with it. */
function sizeWords(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code !== 'too_small' && issue.code !== 'too_big') return undefined
  if (issue.origin !== 'array' && issue.origin !== 'string') return undefined
  const limit = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`
  return `${limit} ${issue.origin === 'array' ? 'entries' : 'characters'}`
}

export function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
