import { accessSync, constants, statSync } from 'node:fs'
import type { Context, Stage } from '../core/component.ts'
import { type ErrorCode, QuernError } from '../core/errors.ts'
import { mistakeAt } from './issues.ts'
import type { ConfigFile } from './settings.ts'
import type { ConfigPath } from './yaml-file.ts'

type Block = Readonly<Record<string, unknown>>

/**
 * The stage, with errors of its `open` and `assets` placed at the option that they are about, a missing asset among them. A
 * component knows neither the pipeline file nor its lines, but its message names the option, or the value at fault.
 */
export function placedStage(stage: Stage, file: ConfigFile, path: ConfigPath, written: Block): Stage {
  const place = (error: unknown, context: Context): unknown => {
    if (!(error instanceof QuernError) || error.place !== undefined) return error
    const { option, message } = namedOption(error.message, stage.name, written)
    const at = faultPath(error, option, written, context)
    const name = at.length === 0 ? stage.name : [...path, ...at].join('.')
    return mistakeAt(file, [...path, ...at], `${name}: ${message}`, {
      code: error.code,
      cause: error,
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    })
  }
  const placed: { assets?: Stage['assets']; open?: unknown } = {}
  if (stage.assets !== undefined) {
    placed.assets = (config, context) => {
      try {
        const files = stage.assets!(config, context)
        for (const path of files) assertReadable(path)
        return files
      } catch (error) {
        throw place(error, context)
      }
    }
  }
  if (stage.phase !== 'sequence') {
    placed.open = async (config: unknown, context: Context) => {
      try {
        return await stage.open(config, context)
      } catch (error) {
        throw place(error, context)
      }
    }
  }
  return { ...stage, ...placed } as Stage
}

function assertReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK)
    if (statSync(path).isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const known = { ENOENT: 'there is no such file', EISDIR: 'it is a folder' }[code ?? '']
    throw new QuernError('missing-file', `reading ${path}: ${known ?? `it cannot be read (${code})`}`, {
      remedy: 'Check the path; it is relative to the pipeline file.',
      cause,
    })
  }
}

/** The options that an error of this code is about when its message does not name a value. */
const usual: Partial<Record<ErrorCode, string>> = { 'unsupported-tokenizer': 'tokenizer', 'unsupported-model': 'model' }

/** `language: keep: the model does not know qq` says itself which option it is about; the rest is the message. */
function namedOption(message: string, stage: string, written: Block): { option: string | undefined; message: string } {
  const rest = message.startsWith(`${stage}: `) ? message.slice(stage.length + 2) : message
  const option = /^([a-z0-9-]+): /.exec(rest)?.[1]
  if (option === undefined || !Object.hasOwn(written, option)) return { option: undefined, message: rest }
  return { option, message: rest.slice(option.length + 2) }
}

function faultPath(error: QuernError, option: string | undefined, written: Block, context: Context): ConfigPath {
  const candidates = leaves(written, []).filter(({ path }) => option === undefined || path[0] === option)
  const { message } = error
  const found =
    candidates.find(({ value }) => message.includes(JSON.stringify(value)) || message.includes(resolved(value, context))) ??
    candidates.find(({ value }) => isWord(value, message))
  if (found !== undefined) return found.path
  const likely = option ?? usual[error.code]
  return likely !== undefined && Object.hasOwn(written, likely) ? [likely] : []
}

/** The value stands in the message by itself, not as a part of a longer word or path. */
function isWord(value: string, message: string): boolean {
  const at = message.indexOf(value)
  return at >= 0 && !/[\w./-]/.test(message[at - 1] ?? '') && !/[\w/-]/.test(message[at + value.length] ?? '')
}

/** The local file a value may name; a value that is no path gives itself in quotes, which the message then does not hold. */
function resolved(value: string, context: Context): string {
  try {
    return context.file(value)
  } catch {
    return JSON.stringify(value)
  }
}

function leaves(value: unknown, path: ConfigPath): readonly { path: ConfigPath; value: string }[] {
  if (typeof value === 'string') return value === '' ? [] : [{ path, value }]
  if (Array.isArray(value)) return value.flatMap((item, i) => leaves(item, [...path, i]))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, key]))
}
