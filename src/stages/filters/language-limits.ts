import * as z from 'zod'
import type { Batch, LabelColumn } from '../../core/batch.ts'
import type { Context } from '../../core/component.ts'
import type { Limits } from '../../core/decide.ts'
import { QuernError } from '../../core/errors.ts'

/** `language`: as the file of the document's language says, or the general limit where that says nothing. */
export type LimitOption = number | 'off' | 'language'

const limitOption = z.union([z.number(), z.enum(['off', 'language'])])

/** A limit that a pipeline can set for all languages, switch off, or leave to the language files. */
export function limitField(says: string) {
  return limitOption.default('language').describe(`${says} "off", or "language": from the language's file.`)
}

export const languageField = z
  .string()
  .nullable()
  .default(null)
  .describe('Code of the language file to judge every document by. Default: what the language stage wrote, or the general limits without one.')

/** What a language file says to one filter; `scripts` overrides it for texts mainly in that script (ISO 15924). */
type Settings = Readonly<Record<string, unknown>>

/** What is in force for a row; rows of one language and script share the object and its number. */
export interface RowSettings {
  readonly settings: Settings
  readonly group: number
}

/**
 * Reads language files for one filter. `general` holds every limit the filter knows, with its value where a language's
 * file says nothing; `others` are its lists of words. All files are checked at once: a mistake in one is told by `check`, not by
 * the first row of that language. With `published` limits the files are not asked for limits.
 */
export function languageFiles(
  stage: string,
  general: Readonly<Record<string, number | 'off'>>,
  others: readonly string[],
  language: string | null,
  context: Context,
  published?: Readonly<Record<string, number | 'off'>>,
) {
  const known = new Map<string, RowSettings>()
  if (language !== null && context.language(language) === undefined)
    throw new QuernError('bad-config', `${stage}: language: there is no language file for "${language}"`, {
      remedy: `Write pipelines/languages/${language}.yaml, or name a language that has one.`,
    })

  const settingsOf = (code: string, script: string | undefined): RowSettings => {
    const key = `${code} ${script ?? ''}`
    let found = known.get(key)
    if (found === undefined) {
      found = { settings: withScript(context.language(code)?.filters[stage] ?? {}, code, script), group: known.size }
      known.set(key, found)
    }
    return found
  }

  const withScript = (file: Settings, code: string, script: string | undefined): Settings => {
    const { scripts, ...settings } = file
    const own = script === undefined ? undefined : (scripts as Readonly<Record<string, Settings>> | undefined)?.[script]
    const merged = { ...settings, ...own }
    for (const [key, value] of Object.entries(merged)) {
      if (others.includes(key)) {
        if (!(Array.isArray(value) && value.every((word) => typeof word === 'string')))
          throw wrong(code, key, 'expected a list of words', 'Quote words that YAML reads as something else, such as "no".')
        continue
      }
      if (general[key] === undefined) throw wrong(code, key, `there is no such setting; it has ${[...Object.keys(general), ...others].join(', ')}`)
      if (value !== 'off' && typeof value !== 'number') throw wrong(code, key, 'expected a number or off')
    }
    return merged
  }

  const wrong = (code: string, key: string, what: string, remedy = `See quern explain ${stage}.`): QuernError =>
    new QuernError('bad-config', `the language file of "${code}": filters.${stage}.${key}: ${what}`, { remedy })

  for (const code of context.languages ?? []) {
    settingsOf(code, undefined)
    for (const script of Object.keys((context.language(code)?.filters[stage]?.['scripts'] as object | undefined) ?? {})) settingsOf(code, script)
  }

  /** The settings of every row. Rows of one language and script share an object and a group number. */
  const ofRows = (batch: Batch): ((row: number) => RowSettings) => {
    const script = labels(batch, 'script')
    const scriptOf = (row: number) => script?.labels[script.indices[row]!]
    if (language !== null) return (row) => settingsOf(language, scriptOf(row))
    const languages = labels(batch, 'language')
    if (languages === undefined) return () => settingsOf('', undefined)
    const byPair = new Map<number, RowSettings>()
    return (row) => {
      const pair = (languages.indices[row]! + 1) * 64 + (script?.indices[row] ?? -1) + 1
      let found = byPair.get(pair)
      if (found === undefined) {
        found = settingsOf(languages.labels[languages.indices[row]!] ?? '', scriptOf(row))
        byPair.set(pair, found)
      }
      return found
    }
  }

  /** The limits of every row: the pipeline's own, else the language's, else the general one. */
  const limitsOf = (batch: Batch, config: Readonly<Record<string, unknown>>): Limits => {
    const settingsOfRow = ofRows(batch)
    const limits: Record<string, number | Float64Array> = {}
    for (const [key, value] of Object.entries(general)) {
      const set = config[key] as LimitOption
      limits[key] =
        set !== 'language'
          ? number(set)
          : published !== undefined
            ? number(published[key])
            : Float64Array.from({ length: batch.rows }, (_, row) => number(settingsOfRow(row).settings[key] ?? value))
    }
    return limits
  }

  return { ofRows, limitsOf }
}

function number(limit: unknown): number {
  return limit === 'off' ? NaN : (limit as number)
}

function labels(batch: Batch, name: string): LabelColumn | undefined {
  const column = batch.columns[name]
  return column?.type === 'label' ? column : undefined
}
