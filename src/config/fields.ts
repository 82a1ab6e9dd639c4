import * as z from 'zod'
import type { ConfigPath } from './yaml-file.ts'

/** One option of a component as people read it: on error messages, `explain` and the reference pages. */
export interface Field {
  readonly name: string
  /** What it takes, in words: "a number from 0 to 1", "a list of text". */
  readonly takes: string
  /** As JSON; undefined when there is none. */
  readonly default: string | undefined
  readonly required: boolean
  readonly says: string
}

/** The parts of JSON Schema that zod writes for configs. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly minItems?: number
  readonly minLength?: number
  readonly pattern?: string
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly required?: readonly string[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly prefixItems?: readonly JsonSchema[]
  readonly [key: string]: unknown
}

/** The schema of what a person may write (defaults not yet filled in). */
export function jsonSchemaOf(config: z.ZodType): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(config, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  return schema
}

/** The options of a config in the order they are declared. */
export function fieldsOf(config: z.ZodType): readonly Field[] {
  const schema = jsonSchemaOf(config)
  return Object.entries(schema.properties ?? {}).map(([name, field]) => describe(name, field, schema.required?.includes(name) ?? false))
}

/** The same with the options of blocks inside it, by path, such as `output.alarms.share`; entries of lists have no number. */
export function allFieldsOf(config: z.ZodType): readonly Field[] {
  const inside = (schema: JsonSchema, path: string): readonly Field[] =>
    Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
      const blocks = [field, ...(field.anyOf ?? []), ...(field.items === undefined ? [] : [field.items])].filter(
        ({ properties }) => properties !== undefined,
      )
      const own = describe(`${path}${name}`, field, schema.required?.includes(name) ?? false)
      return [blocks.length === 0 ? own : { ...own, default: undefined }, ...blocks.flatMap((block) => inside(block, `${path}${name}.`))]
    })
  return inside(jsonSchemaOf(config), '')
}

/** The option at `path` inside a config, and the nearest described one around it. */
export function fieldAt(config: z.ZodType, path: ConfigPath): Field | undefined {
  let schema: JsonSchema | undefined = jsonSchemaOf(config)
  let said = ''
  for (const step of path) {
    const inside: JsonSchema | undefined = schema === undefined ? undefined : childOf(schema, step)
    if (inside === undefined) return undefined
    schema = inside
    said = schema.description ?? said
  }
  return schema === undefined ? undefined : { ...describe(String(path.at(-1) ?? ''), schema, false), says: said }
}

function childOf(schema: JsonSchema, step: string | number): JsonSchema | undefined {
  for (const one of [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) {
    const named = typeof step === 'string' ? one.properties?.[step] : (one.prefixItems?.[step] ?? one.items)
    if (named !== undefined) return named
    if (typeof step === 'string' && typeof one.additionalProperties === 'object') return one.additionalProperties
  }
  return undefined
}

function describe(name: string, schema: JsonSchema, required: boolean): Field {
  return {
    name,
    takes: takes(schema),
    default: schema.default === undefined ? undefined : JSON.stringify(schema.default),
    required,
    says: schema.description ?? '',
  }
}

/** A schema in words. */
export function takes(schema: JsonSchema): string {
  if (schema.title !== undefined) return schema.title
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return `one of ${schema.enum.map((value) => String(value)).join(', ')}`
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return choices.map(takes).join(' or ')
  if (Array.isArray(schema.type)) return (schema.type as readonly string[]).map((type) => takes({ ...schema, type })).join(' or ')
  switch (schema.type) {
    case 'integer':
      return `a whole number${range(schema)}`
    case 'number':
      return `a number${range(schema)}`
    case 'boolean':
      return 'true or false'
    case 'string':
      return 'text'
    case 'null':
      return 'null'
    case 'array':
      return `a list of ${takes(schema.items ?? {})}`
    case 'object':
      return typeof schema.additionalProperties === 'object'
        ? `a block of "key: value", each ${takes(schema.additionalProperties)}`
        : 'a block of options'
    default:
      return 'a value'
  }
}

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  // zod bounds every whole number by 2^53; nobody needs to read that.
  const most = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum
  const least = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? undefined : minimum
  const parts = [
    least !== undefined && most !== undefined
      ? `from ${least} to ${most}`
      : least !== undefined
        ? `of at least ${least}`
        : most !== undefined
          ? `of at most ${most}`
          : '',
    exclusiveMinimum === undefined ? '' : `above ${exclusiveMinimum}`,
    exclusiveMaximum === undefined ? '' : `below ${exclusiveMaximum}`,
  ].filter((part) => part !== '')
  return parts.length === 0 ? '' : ` ${parts.join(', ')}`
}
