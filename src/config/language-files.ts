import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { closest } from '../core/closest.ts'
import type { LanguageSettings } from '../core/component.ts'
import { QuernError, QuernErrors } from '../core/errors.ts'
import { checkValue, mistakeAt } from './issues.ts'
import { parsedLanguages } from './parsed-languages.ts'
import { applySettings } from './settings.ts'
import { readYaml } from './yaml-file.ts'

/** The language files that come with Quern. */
export const shippedLanguages = fileURLToPath(new URL('../../pipelines/languages', import.meta.url))

/** What a language file may hold; `schemas/language.schema.json` is made from it. */
export const languageSchema = z.strictObject({
  language: z
    .string()
    .regex(/^[a-z]{2,3}$/, { error: 'expected a language code such as de' })
    .describe('The code that the language stage writes: ISO 639-1, or 639-3 where there is none. Also the name of the file.'),
  name: z.string().optional().describe('The English name of the language, for people.'),
  source: z.string().optional().describe('Where the values come from, with their licence.'),
  filters: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .default({})
    .describe('By the name of a filter: its limits and word lists for this language.'),
})

/**
 * The language files of the given folders by code, in order of the code. A later folder's file replaces the whole file of
 * an earlier one, so that a linguist's own `de.yaml` leaves the other languages as shipped. `stages` are the names that
 * `filters` may use. Mistakes are added, none is thrown.
 */
export async function loadLanguages(
  folders: readonly string[],
  stages: readonly string[],
  mistakes: QuernError[],
): Promise<ReadonlyMap<string, LanguageSettings>> {
  const files = new Map<string, string>()
  for (const folder of folders) {
    for (const entry of await yamlFiles(folder)) files.set(basename(entry, '.yaml'), join(folder, entry))
  }
  const codes = [...files.keys()].sort()
  const parsed = parsedLanguages(stages)
  const load = async (code: string, file: string): Promise<LanguageSettings | undefined> =>
    (dirname(file) === shippedLanguages ? parsed(file) : undefined) ?? loadLanguage(code, file, stages, mistakes)
  const loaded = await Promise.all(codes.map(async (code) => [code, await load(code, files.get(code)!)] as const))
  return new Map(loaded.filter((pair): pair is readonly [string, LanguageSettings] => pair[1] !== undefined))
}

async function yamlFiles(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.yaml') && !name.startsWith('.'))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw cause
  }
}

async function loadLanguage(code: string, path: string, stages: readonly string[], mistakes: QuernError[]): Promise<LanguageSettings | undefined> {
  try {
    const file = applySettings(await readYaml(path), [])
    const read = checkValue(file, [], file.value, languageSchema, mistakes)
    if (read === undefined) return undefined
    if (read.language !== code)
      mistakes.push(
        mistakeAt(file, ['language'], `the file ${code}.yaml says it is for "${read.language}"`, {
          remedy: `Name the file ${read.language}.yaml, or write "language: ${code}".`,
        }),
      )
    for (const stage of Object.keys(read.filters)) {
      // A file may hold the values of a filter that is not here (yet); one that is nearly here is a misspelt name.
      const meant = stages.includes(stage) ? undefined : closest(stage, stages)
      if (meant === undefined) continue
      mistakes.push(
        mistakeAt(file, ['filters', stage], `filters.${stage}: there is no stage "${stage}"`, { key: true, remedy: `Did you mean "${meant}"?` }),
      )
    }
    return { language: read.language, filters: read.filters }
  } catch (error) {
    if (error instanceof QuernErrors) mistakes.push(...error.errors)
    else if (error instanceof QuernError) mistakes.push(error)
    else throw error
    return undefined
  }
}
