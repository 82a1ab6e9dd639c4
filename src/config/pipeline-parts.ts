import { closest } from '../core/closest.ts'
import type { Source, Stage } from '../core/component.ts'
import type { QuernError } from '../core/errors.ts'
import type { PipelineSource, PipelineStage, Registry } from '../core/pipeline.ts'
import { checkValue, mistakeAt } from './issues.ts'
import { sourceKeys, sourceSchema } from './pipeline-schema.ts'
import { placedStage } from './placed-stage.ts'
import type { ConfigFile } from './settings.ts'
import { splitGlob } from './source-files.ts'
import type { ConfigPath } from './yaml-file.ts'

/** What the parts of loading share: the file as written, where its paths start, and the mistakes found so far. */
export interface Loading {
  readonly file: ConfigFile
  readonly folder: string
  readonly root: Readonly<Record<string, unknown>>
  readonly mistakes: QuernError[]
}

/** The entries of a list that are blocks; anything else was reported by the frame. */
function blocks(value: unknown): readonly (Readonly<Record<string, unknown>> | undefined)[] {
  if (!Array.isArray(value)) return []
  return value.map((item) => (typeof item === 'object' && item !== null && !Array.isArray(item) ? item : undefined))
}

/** The component that `use` names, or undefined with the mistake noted. */
function findComponent<T>(
  { file, mistakes }: Loading,
  list: 'sources' | 'stages',
  i: number,
  use: unknown,
  known: Readonly<Record<string, T>>,
  elsewhere: object,
): T | undefined {
  const noun = list === 'sources' ? 'source' : 'stage'
  const names = Object.keys(known)
  if (typeof use === 'string' && Object.hasOwn(known, use)) return known[use]
  if (typeof use !== 'string') {
    const message = use === undefined ? `${list}.${i}: "use" is missing` : `${list}.${i}.use: expected the name of a ${noun}`
    mistakes.push(mistakeAt(file, [list, i, 'use'], message, { remedy: `Add "use: …" with one of ${names.join(', ')}.` }))
    return undefined
  }
  const meant = closest(use, names)
  const remedy = Object.hasOwn(elsewhere, use)
    ? `${use} is a ${noun === 'source' ? 'stage: move it to "stages"' : 'source: move it to "sources"'}.`
    : meant === undefined
      ? `There are: ${names.join(', ')}.`
      : `Did you mean "${meant}"?`
  mistakes.push(mistakeAt(file, [list, i, 'use'], `${list}.${i}.use: there is no ${noun} "${use}"`, { remedy }))
  return undefined
}

/**
 * The sources, or undefined when one names no component; one with other mistakes is there with what could be read of it, so
 * that the order of stages is checked all the same.
 */
export function readSources(loading: Loading, registry: Registry): readonly PipelineSource[] | undefined {
  const { file, root, mistakes } = loading
  const names = new Map<string, number>()
  const read = blocks(root['sources']).map((block, i): PipelineSource | undefined => {
    if (block === undefined) return undefined
    const component: Source | undefined = findComponent(loading, 'sources', i, block['use'], registry.sources, registry.stages)
    const own = Object.fromEntries(Object.entries(block).filter(([key]) => !Object.hasOwn(sourceKeys, key)))
    const common = { use: 'x', ...Object.fromEntries(Object.entries(block).filter(([key]) => Object.hasOwn(sourceKeys, key) && key !== 'use')) }
    const checked = checkValue(file, ['sources', i], common, sourceSchema, mistakes)
    if (component === undefined) return undefined
    const config = checkValue(file, ['sources', i], own, component.config, mistakes, Object.keys(sourceKeys))
    const name = checked?.name ?? `${component.name}-${i + 1}`
    const other = names.get(name)
    if (other !== undefined)
      mistakes.push(
        mistakeAt(
          file,
          ['sources', i, 'name'],
          `sources.${i}.name: sources.${other} is named "${name}" too, and documents are known by the name of their source`,
          {
            remedy: 'Give each source a name of its own.',
          },
        ),
      )
    names.set(name, i)
    const paths = checked?.paths
      .map((written, j) => readPath(loading, ['sources', i, 'paths', j], component.pattern?.(written) ?? written))
      .filter((path) => path !== undefined)
    return { component, name, licence: checked?.licence ?? '', paths: paths ?? [], config }
  })
  return complete(read)
}

function readPath({ file, folder, mistakes }: Loading, at: ConfigPath, written: string): PipelineSource['paths'][number] | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(written)?.[1]?.toLowerCase()
  if (scheme === 's3' && !/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[^/]/i.test(written)) {
    mistakes.push(mistakeAt(file, at, `${at.join('.')}: ${written} names no objects of a bucket`, { remedy: 'Write s3://bucket/prefix/*.warc.gz.' }))
    return undefined
  }
  if (scheme !== undefined && scheme !== 'file' && scheme !== 's3') {
    mistakes.push(
      mistakeAt(file, at, `${at.join('.')}: inputs cannot be read from ${scheme}://`, {
        remedy: 'Copy them to a local folder or a bucket (s3://) first.',
      }),
    )
    return undefined
  }
  return { ...splitGlob(written.replace(/^file:\/\//i, ''), folder), place: file.place(at) }
}

/** The stages, like `readSources`; the config of a stage with a mistake in it is undefined. */
export function readStages(loading: Loading, registry: Registry): readonly PipelineStage[] | undefined {
  const { file, root, mistakes } = loading
  const read = blocks(root['stages']).map((block, i): PipelineStage | undefined => {
    if (block === undefined) return undefined
    const component: Stage | undefined = findComponent(loading, 'stages', i, block['use'], registry.stages, registry.sources)
    if (component === undefined) return undefined
    const { use: _, ...own } = block
    const config = checkValue(file, ['stages', i], own, component.config, mistakes, ['use'])
    return { component: placedStage(component, file, ['stages', i], own), config, place: file.place(['stages', i]) }
  })
  return complete(read)
}

function complete<T>(items: readonly (T | undefined)[]): readonly T[] | undefined {
  const whole = items.filter((item) => item !== undefined)
  return whole.length === items.length && whole.length > 0 ? whole : undefined
}
