import type { PipelineStage } from '../core/pipeline.ts'

type Configured = Pick<PipelineStage, 'component' | 'config'>
type Wrong = (index: number, message: string, remedy: string) => void

/**
 * Placeholders have ids of their own only where redaction has taken them from every page that spelt them: else a page could
 * write a special token.
 */
export function checkRedactionTokens(stages: readonly Configured[], wrong: Wrong): void {
  const press = stages.findIndex(({ component, config }) => component.phase === 'press' && Array.isArray(option(config, 'redaction-tokens')))
  if (press === -1) return
  const { name } = stages[press]!.component
  const redaction = stages.find(({ component }) => component.group === 'redact')
  if (redaction === undefined)
    return wrong(
      press,
      `${name}: redaction-tokens: no stage writes placeholders, so a page that spells one would write a special token`,
      'Put redact-personal-data above it, or remove redaction-tokens.',
    )
  // A stage with mistakes of its own has no config.
  if (redaction.config === undefined) return
  if (option(redaction.config, 'mode') === 'datatrove' || option(redaction.config, 'replace') === 'documentation')
    return wrong(
      press,
      `${name}: redaction-tokens: ${redaction.component.name} writes values and no placeholders`,
      `Set its replace to "tokens" (and its mode to "checked"), or remove redaction-tokens.`,
    )
  const types = option(redaction.config, 'types')
  const never = Array.isArray(types) ? (option(stages[press]!.config, 'redaction-tokens') as unknown[]).filter((type) => !types.includes(type)) : []
  if (never.length > 0)
    wrong(
      press,
      `${name}: redaction-tokens: ${redaction.component.name} does not look for ${never.join(', ')}`,
      `Add it to the types of ${redaction.component.name}, or remove it here.`,
    )
}

function option(config: unknown, name: string): unknown {
  return typeof config === 'object' && config !== null ? (config as Readonly<Record<string, unknown>>)[name] : undefined
}
