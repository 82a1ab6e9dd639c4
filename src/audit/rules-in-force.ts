import { resolveFile } from '../config/pipeline-file.ts'
import type { Batch } from '../core/batch.ts'
import type { Context, LanguageSettings, LimitPlace, PrepareStage } from '../core/component.ts'
import type { Limits } from '../core/decide.ts'
import { QuernError } from '../core/errors.ts'
import type { Registry } from '../core/pipeline.ts'
import { parseObject } from '../dataset/parse-object.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import type { RulesJson } from '../mill/keys.ts'
import type { Store } from '../storage/store.ts'
import * as z from 'zod'

/** A rule that compares a measure with a limit, as a pipeline has it in force. */
export interface LimitedRule {
  /** `gopher-quality/too-few-words` */
  readonly name: string
  readonly stage: string
  readonly says: string
  readonly measure: string
  readonly limit: string
  readonly side: 'below' | 'above'
  readonly place: (language: string) => LimitPlace
  /** A stage before it that writes text can itself be set: its measures are those of the text that it left. */
  readonly textFrom: string | null
}

/** A prepare stage of a snapshot's rules, able to judge rows again from what the ledger holds. */
export interface JudgingStage {
  readonly component: PrepareStage
  readonly config: unknown
  /** The limits of every row of a batch with the columns `language` and `script`. */
  readonly limitsOf: (batch: Batch) => Limits
}

export interface RulesInForce {
  readonly json: RulesJson
  readonly stages: readonly JudgingStage[]
  /** In the order in which the mill asks them. */
  readonly limited: readonly LimitedRule[]
  /** Prepare stages that write text, in order. */
  readonly writers: readonly string[]
  /** Prepare stages that can drop a document for what no number in the ledger says. */
  readonly unreplayable: readonly string[]
}

/** The rules by which a snapshot's newest night was made. */
export async function rulesOf(store: Store, snapshot: Snapshot): Promise<RulesJson> {
  const key = snapshot.rules[snapshot.pipeline.rulesSha256]
  const bytes = key === undefined ? undefined : await store.find(key)
  if (key === undefined || bytes === undefined)
    throw new QuernError('damaged-dataset', `reading the rules of snapshot ${snapshot.version}: they are not there`, {
      remedy: 'Run quern verify on the dataset.',
    })
  return parseObject(
    z.custom<RulesJson>((value) => typeof value === 'object' && value !== null && 'stages' in value),
    bytes,
    key,
  )
}

/** Opens the limits of all prepare stages; `folder` is what paths in options are relative to. */
export function openRules(json: RulesJson, registry: Registry, folder = '.'): RulesInForce {
  const languages = new Map(Object.entries(json.languages as Readonly<Record<string, LanguageSettings>>))
  const context: Context = {
    file: (path) => resolveFile(path, folder),
    language: (code) => languages.get(code),
    languages: [...languages.keys()],
  }
  const stages: JudgingStage[] = []
  const limited: LimitedRule[] = []
  const unreplayable: string[] = []
  const writers: string[] = []
  for (const { use, config } of json.stages) {
    const component = registry.stages[use]
    if (component?.phase !== 'prepare') continue
    const { limits, rules } = component
    if (limits === undefined) {
      if (Object.keys(rules).length > 0) unreplayable.push(use)
    } else {
      stages.push({ component, config, limitsOf: limits.of(config, context) })
      for (const [rule, { measure, says, ...limit }] of Object.entries(limits.rules)) {
        const name = 'below' in limit ? limit.below : limit.above
        limited.push({
          name: `${use}/${rule}`,
          stage: use,
          says,
          measure,
          limit: name,
          side: 'below' in limit ? 'below' : 'above',
          place: (language) => limits.place?.(name, language) ?? { option: [name], languageFile: ['filters', use, name] },
          textFrom: writers.at(-1) ?? null,
        })
      }
    }
    if (component.writes.includes('text')) writers.push(use)
  }
  return { json, stages, limited, writers, unreplayable }
}
