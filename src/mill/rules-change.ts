import { canonicalJson } from '../core/canonical-json.ts'
import type { RulesJson } from './keys.ts'

export interface RuleChange {
  readonly sentence: string
  /** It concerns the tokenizer: such a change cannot be taken for new input only. */
  readonly press: boolean
}

/**
 * What differs between the rules a dataset was made with and those of a pipeline, in sentences. Sources may come and go
 * from night to night; a source of the same name must read the same way.
 */
export function changedRules(before: unknown, after: unknown): RuleChange[] {
  const old = before as RulesJson
  const now = after as RulesJson
  const changes: RuleChange[] = []
  const names = [...new Set([...old.stages, ...now.stages].map((stage) => stage.use))]
  for (const name of names) {
    const was = old.stages.find((stage) => stage.use === name)
    const is = now.stages.find((stage) => stage.use === name)
    const press = (was ?? is)?.phase === 'press'
    if (was === undefined) changes.push({ sentence: `stage "${name}" is new`, press })
    else if (is === undefined) changes.push({ sentence: `stage "${name}" is gone`, press })
    else changes.push(...differences(`stage "${name}"`, was, is).map((sentence) => ({ sentence, press })))
  }
  const order = (rules: RulesJson): string => rules.stages.map((stage) => stage.use).join(', ')
  if (changes.length === 0 && order(old) !== order(now))
    changes.push({ sentence: `the order of stages was ${order(old)} and is ${order(now)}`, press: false })
  changes.push(...differences('language files', old.languages, now.languages).map((sentence) => ({ sentence, press: false })))
  for (const source of now.sources) {
    const was = old.sources.find(({ name }) => name === source.name)
    if (was !== undefined) changes.push(...differences(`source "${source.name}"`, was, source).map((sentence) => ({ sentence, press: false })))
  }
  changes.push(...differences('output', old.output, now.output).map((sentence) => ({ sentence, press: false })))
  return changes
}

/** Paths at which two JSON values differ, with both values. */
function differences(where: string, before: unknown, after: unknown): string[] {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return []
  if (isObject(before) && isObject(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .sort()
      .flatMap((key) => differences(`${where}, ${key}`, before[key], after[key]))
  }
  return [`${where}: was ${show(before)}, is ${show(after)}`]
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
