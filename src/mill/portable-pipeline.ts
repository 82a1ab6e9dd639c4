import { resolve } from 'node:path'
import { resolveFile } from '../config/pipeline-file.ts'
import type { Context, LanguageSettings } from '../core/component.ts'
import { QuernError } from '../core/errors.ts'
import type { Pipeline, PipelineSource, PipelineStage, Registry } from '../core/pipeline.ts'

/** A pipeline as plain JSON: what a plan stores and what workers and cluster tasks are given instead of the YAML file. */
export interface PortablePipeline {
  readonly name: string
  /** Folder that relative paths of components are resolved against. */
  readonly folder: string
  readonly sources: readonly { readonly use: string; readonly name: string; readonly licence: string; readonly config: unknown }[]
  readonly stages: readonly { readonly use: string; readonly config: unknown }[]
  readonly retainDropped: Pipeline['output']['retainDropped']
  readonly shardBytes: number
  readonly languages: Readonly<Record<string, LanguageSettings>>
  readonly rules: unknown
}

/** The parts of a pipeline that tasks need; paths, tests and places stay with the driver. */
export interface TaskPipeline {
  readonly name: string
  readonly sources: readonly Pick<PipelineSource, 'component' | 'name' | 'licence' | 'config'>[]
  readonly stages: readonly Pick<PipelineStage, 'component' | 'config'>[]
  readonly retainDropped: PortablePipeline['retainDropped']
  readonly shardBytes: number
  readonly rules: unknown
  readonly context: Context
}

export function toPortable(pipeline: Pipeline): PortablePipeline {
  return {
    name: pipeline.name,
    folder: resolve(pipeline.file, '..'),
    sources: pipeline.sources.map(({ component, name, licence, config }) => ({ use: component.name, name, licence, config })),
    stages: pipeline.stages.map(({ component, config }) => ({ use: component.name, config })),
    retainDropped: pipeline.output.retainDropped,
    shardBytes: pipeline.output.shardBytes,
    languages: Object.fromEntries(pipeline.languages),
    rules: pipeline.rules,
  }
}

export function fromPortable(portable: PortablePipeline, registry: Registry): TaskPipeline {
  const known = <T>(table: Readonly<Record<string, T>>, use: string): T => {
    const component = table[use]
    if (component === undefined) {
      throw new QuernError('bad-pipeline', `resuming a plan: it names the component "${use}", which this version does not have`, {
        remedy: 'Run it with the version that made the plan.',
      })
    }
    return component
  }
  const languages = new Map(Object.entries(portable.languages))
  return {
    name: portable.name,
    sources: portable.sources.map(({ use, ...rest }) => ({ component: known(registry.sources, use), ...rest })),
    stages: portable.stages.map(({ use, config }) => ({ component: known(registry.stages, use), config })),
    retainDropped: portable.retainDropped,
    shardBytes: portable.shardBytes,
    rules: portable.rules,
    context: {
      file: (path) => resolveFile(path, portable.folder),
      language: (code) => languages.get(code),
      languages: [...languages.keys()],
    },
  }
}
