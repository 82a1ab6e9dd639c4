import { parseDocument } from 'yaml'
import { closest } from '../core/closest.ts'
import { QuernError } from '../core/errors.ts'
import type { ConfigPath, YamlFile } from './yaml-file.ts'

/** A YAML file with the `--set path=value` of the command line laid over it. */
export interface ConfigFile extends YamlFile {
  /** The `--set` that wrote the value at `path`, or undefined when the file did. */
  readonly setting: (path: ConfigPath) => string | undefined
}

type Block = Record<string, unknown>

/**
 * Lays settings over a file, in the order given. A path is dotted; an entry of a list is named by its number from 0, its
 * `name` or its `use` (`stages.near-duplicates.similarity=0.7`); the value is YAML. Throws `bad-usage`.
 */
export function applySettings(yaml: YamlFile, settings: readonly string[]): ConfigFile {
  const root = unshared(yaml.value)
  const written: { path: readonly string[]; text: string }[] = []
  for (const text of settings) {
    const equals = text.indexOf('=')
    if (equals < 1) throw wrong(text, 'it has no "="', 'Write --set path=value, for example --set output.retain-dropped=none.')
    const document = parseDocument(text.slice(equals + 1), { prettyErrors: false })
    if (document.errors.length > 0)
      throw wrong(
        text,
        `the value is not YAML: ${document.errors[0]?.message}`,
        'Quote it for the shell, for example --set "sources.0.paths=[a, b]".',
      )
    written.push({ path: write(root, text, text.slice(0, equals).split('.'), document.toJS()), text })
  }
  return {
    ...yaml,
    value: root,
    setting: (path) => written.findLast((one) => one.path.every((step, i) => step === String(path[i])))?.text,
  }
}

function write(root: unknown, text: string, steps: readonly string[], value: unknown): readonly string[] {
  let at = root as Block | unknown[]
  const path: string[] = []
  for (const [i, step] of steps.entries()) {
    if (typeof at !== 'object' || at === null) throw wrong(text, `"${path.join('.')}" is no block`, 'Check the path against the pipeline file.')
    const key = Array.isArray(at) ? entryOf(at, step, text) : step
    if (key === '' || key === '__proto__') throw wrong(text, `"${steps.join('.')}" is no path`, 'Write the keys with dots between them.')
    path.push(key)
    if (i === steps.length - 1) (at as Block)[key] = value
    else at = ((at as Block)[key] ??= {}) as Block
  }
  return path
}

/** The index of a list's entry, written as a number, as its `name` or as its `use`. */
function entryOf(list: readonly unknown[], step: string, text: string): string {
  if (/^\d+$/.test(step)) {
    if (Number(step) < list.length) return String(Number(step))
    throw wrong(text, `the list has no entry ${step}`, `Entries count from 0; the last is ${list.length - 1}.`)
  }
  const names = (list as readonly (Block | null)[]).map((entry) => [entry?.['name'], entry?.['use']])
  for (const which of [0, 1]) {
    const found = names.findIndex((name) => name[which] === step)
    if (found >= 0) return String(found)
  }
  const meant = closest(
    step,
    names.flat().filter((name) => typeof name === 'string'),
  )
  throw wrong(
    text,
    `the list has no entry "${step}"`,
    meant === undefined ? 'Name an entry by its number from 0, its name or its use.' : `Did you mean "${meant}"?`,
  )
}

function wrong(text: string, why: string, remedy: string): QuernError {
  return new QuernError('bad-usage', `--set ${text}: ${why}`, { remedy })
}

/** A copy in which aliased blocks are separate, so that setting one leaves the other. */
function unshared(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unshared)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unshared(item)]))
}
