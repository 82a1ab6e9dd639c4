import * as z from 'zod'
import { type JsonSchema, jsonSchemaOf } from '../../src/config/fields.ts'
import { crawlSchema } from '../../src/config/crawl-schema.ts'
import { languageSchema } from '../../src/config/language-files.ts'
import { policySchema } from '../../src/config/policy-file.ts'
import { pipelineSchema, sourceKeys } from '../../src/config/pipeline-schema.ts'
import type { Source, Stage } from '../../src/core/component.ts'
import type { Registry } from '../../src/core/pipeline.ts'

const dialect = 'https://json-schema.org/draft/2020-12/schema'

/** The schema of pipeline files, for editors: an entry's options are those of the component that its `use` names. */
export function pipelineJsonSchema(registry: Registry): JsonSchema {
  const frame = jsonSchemaOf(pipelineSchema)
  const { use: _, ...common } = sourceKeys
  const shared = jsonSchemaOf(z.strictObject(common))
  return {
    $schema: dialect,
    title: 'A Quern pipeline',
    ...frame,
    properties: {
      ...frame.properties,
      sources: { ...frame.properties?.['sources'], items: entries(Object.values(registry.sources), shared) },
      stages: { ...frame.properties?.['stages'], items: entries(Object.values(registry.stages), {}) },
    },
  }
}

export function languageJsonSchema(): JsonSchema {
  return { $schema: dialect, title: 'A language file of Quern', ...jsonSchemaOf(languageSchema) }
}

export function crawlJsonSchema(): JsonSchema {
  return { $schema: dialect, title: 'A crawl of Quern', ...jsonSchemaOf(crawlSchema) }
}

export function policyJsonSchema(): JsonSchema {
  return { $schema: dialect, title: 'A rights policy of Quern', ...jsonSchemaOf(policySchema) }
}

function entries(components: readonly (Source | Stage)[], shared: JsonSchema): JsonSchema {
  // anyOf of nothing allows nothing, which is right when there is no component.
  return { anyOf: components.map((component) => entry(component, shared)) }
}

function entry({ name, summary, config }: Source | Stage, shared: JsonSchema): JsonSchema {
  const own = jsonSchemaOf(config)
  return {
    type: 'object',
    description: summary,
    properties: { use: { const: name, description: summary }, ...shared.properties, ...own.properties },
    required: ['use', ...(shared.required ?? []), ...(own.required ?? [])],
    additionalProperties: false,
  }
}
