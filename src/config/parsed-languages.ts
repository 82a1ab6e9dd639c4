import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LanguageSettings } from '../core/component.ts'

/** A file as it was when it was parsed and found right: any change of it, or of the stages' names, makes the entry void. */
interface Parsed {
  readonly size: number
  readonly mtimeMs: number
  readonly settings: LanguageSettings
}

/** What `scripts/bundle.mjs` writes beside the bundled program. */
export interface ParsedLanguages {
  readonly stages: readonly string[]
  readonly files: Readonly<Record<string, Parsed>>
}

const written = fileURLToPath(new URL('../../dist/languages.json', import.meta.url))

/**
 * The shipped language files' values, parsed when the program was bundled: 49 files of YAML cost every start a quarter of a
 * second. Gives undefined for a file that was changed since, or when there is no bundle; it is then read as any other.
 */
export function parsedLanguages(stages: readonly string[]): (file: string) => LanguageSettings | undefined {
  let known: ParsedLanguages
  try {
    known = JSON.parse(readFileSync(written, 'utf8')) as ParsedLanguages
  } catch {
    return () => undefined
  }
  if (known.stages.join() !== stages.join()) return () => undefined
  return (file) => {
    const parsed = known.files[basename(file)]
    if (parsed === undefined) return undefined
    const { size, mtimeMs } = statSync(file)
    return parsed.size === size && parsed.mtimeMs === mtimeMs ? parsed.settings : undefined
  }
}
