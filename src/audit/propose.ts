import { readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { createTwoFilesPatch } from 'diff'
import { isMap, parseDocument } from 'yaml'
import { shippedLanguages } from '../config/language-files.ts'
import { QuernError } from '../core/errors.ts'
import type { Pipeline } from '../core/pipeline.ts'
import type { LimitChange } from './replay.ts'
import type { RulesInForce } from './rules-in-force.ts'
import { setInYaml } from './yaml-edit.ts'

/** A file as it would be with other limits; nothing is written. */
export interface Proposal {
  readonly file: string
  /** A patch that `git apply` and `patch -p0` take. */
  readonly patch: string
}

/**
 * Where other limits would be written: those of all languages into the pipeline's stage, those of one language into its
 * language file, or into the stage's options where the stage keeps them there. Comments and order stay.
 */
export function proposeLimits(rules: RulesInForce, pipeline: Pipeline | undefined, changes: readonly LimitChange[]): readonly Proposal[] {
  const edits = new Map<string, { readonly path: readonly (string | number)[]; readonly value: number | 'off' }[]>()
  for (const { rule, language, value } of changes) {
    const limited = rules.limited.find(({ name }) => name === rule)
    if (limited === undefined) throw new QuernError('bad-usage', `proposing a limit: there is no rule "${rule}" with a limit`)
    const place = limited.place(language ?? '')
    const written = Number.isNaN(value) ? ('off' as const) : value
    if (language !== null && place.languageFile !== null) add(languageFileOf(pipeline, language), place.languageFile, written)
    else if (place.option !== null) {
      const file = needPipeline(pipeline)
      add(file, ['stages', stageIndex(file, limited.stage), ...place.option], written)
    } else
      throw new QuernError('bad-usage', `proposing a limit: ${rule} cannot be set for ${language ?? 'all languages'} as one number`, {
        remedy: place.languageFile === null ? 'The rule has no setting.' : 'Change it language by language.',
      })
  }
  return [...edits].map(([file, of]) => ({ file, patch: patchOf(file, of) }))

  function add(file: string, path: readonly (string | number)[], value: number | 'off'): void {
    edits.set(file, [...(edits.get(file) ?? []), { path, value }])
  }
}

function needPipeline(pipeline: Pipeline | undefined): string {
  if (pipeline === undefined)
    throw new QuernError('bad-usage', 'proposing a limit for all languages: the pipeline file is not known', {
      remedy: 'Start quern audit with --pipeline FILE.',
    })
  return pipeline.file
}

/** The language's file beside the pipeline, or the shipped one. */
function languageFileOf(pipeline: Pipeline | undefined, language: string): string {
  const own = pipeline === undefined ? undefined : join(dirname(pipeline.file), 'languages', `${language}.yaml`)
  return own !== undefined && tryRead(own) !== undefined ? own : join(shippedLanguages, `${language}.yaml`)
}

function stageIndex(file: string, stage: string): number {
  const stages = parseDocument(readFileSync(file, 'utf8')).get('stages') as { readonly items?: readonly unknown[] } | undefined
  const at = stages?.items?.findIndex((item) => isMap(item) && item.get('use') === stage) ?? -1
  if (at === -1)
    throw new QuernError('bad-usage', `proposing a limit: ${file} has no stage "${stage}"`, {
      remedy: 'Start quern audit with the pipeline that made the snapshot.',
    })
  return at
}

function patchOf(file: string, edits: readonly { readonly path: readonly (string | number)[]; readonly value: number | 'off' }[]): string {
  const before = tryRead(file)
  let after = before ?? `language: ${basename(file, '.yaml')}\n`
  for (const { path, value } of edits) after = setInYaml(after, path, value)
  const name = relative(process.cwd(), file)
  return createTwoFilesPatch(before === undefined ? '/dev/null' : name, name, before ?? '', after, undefined, undefined, { context: 3 })
}

function tryRead(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
