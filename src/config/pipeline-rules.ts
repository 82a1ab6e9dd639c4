import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline as drain } from 'node:stream/promises'
import type { Context } from '../core/component.ts'
import type { Pipeline } from '../core/pipeline.ts'

/** SHA-256 of a file in hex, in bounded memory. */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  await drain(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return hash.digest('hex')
}

/**
 * All that decides a result, as plain JSON. An option that names an asset stands there as the asset's SHA-256, so that
 * the same bytes at another path are the same rules; workers, the place of the output, input paths and tests are not in it.
 */
export function pipelineRules(pipeline: Omit<Pipeline, 'rules'>, assets: readonly ReadonlyMap<string, string>[]): unknown {
  const { context } = pipeline
  return {
    sources: pipeline.sources.map(({ component, name, licence, config }) => ({
      use: component.name,
      version: component.version,
      name,
      licence,
      config,
    })),
    stages: pipeline.stages.map(({ component, config }, i) => ({
      use: component.name,
      phase: component.phase,
      version: component.version,
      config: withHashes(config, assets[i]!, context),
      assets: [...assets[i]!.values()],
    })),
    languages: Object.fromEntries(pipeline.languages),
    output: { retainDropped: pipeline.output.retainDropped, shardBytes: pipeline.output.shardBytes },
  }
}

function withHashes(value: unknown, assets: ReadonlyMap<string, string>, context: Context): unknown {
  if (typeof value === 'string') {
    if (assets.size === 0 || value === '') return value
    const hash = assets.get(value) ?? assets.get(fileOrSelf(value, context))
    return hash === undefined ? value : `sha256:${hash}`
  }
  if (Array.isArray(value)) return value.map((item) => withHashes(item, assets, context))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withHashes(item, assets, context)]))
}

function fileOrSelf(value: string, context: Context): string {
  try {
    return context.file(value)
  } catch {
    return value
  }
}
