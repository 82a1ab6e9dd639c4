import { createHash } from 'node:crypto'
import { canonicalJson } from '../core/canonical-json.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import { signatureVersions } from '../native/minhash.ts'
import type { Store } from '../storage/store.ts'
import { keyPlan, planRules } from './key-plan.ts'
import type { Plan, PlanPart } from './plan.ts'
import type { PortablePipeline } from './portable-pipeline.ts'

/** Raised when the mill itself writes another result for the same input and rules. */
const millVersion = 3

export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex')
}

/**
 * The name of a prepared part: its input's fingerprint and everything that decides its result. Workers, output place,
 * tests and later stages' settings are not in it, so a changed tokenizer does not prepare anything again.
 */
export function partKey(plan: Plan, part: PlanPart, from: number | undefined): string {
  const file = plan.files[part.file]
  const source = file === undefined ? undefined : plan.pipeline.sources[file.source]
  if (file === undefined || source === undefined) throw new RangeError(`a part of the plan names file ${part.file}, which it does not have`)
  return hashOf({
    mill: millVersion,
    source: (plan.pipeline.rules as RulesJson).sources.find(({ name }) => name === source.name) ?? null,
    file: { path: file.path, bytes: file.bytes, sha256: file.sha256 },
    window: part.window,
    from: from ?? null,
    rules: prepareRules(plan.pipeline),
  })
}

/** Hashes by pipeline: a night of a thousand parts would else spell out the limits of fifty languages a thousand times. */
const known = new WeakMap<PortablePipeline, string>()

/** Hash of what decides every part of a plan alike. */
function prepareRules(pipeline: PortablePipeline): string {
  const found = known.get(pipeline)
  if (found !== undefined) return found
  const rules = pipeline.rules as RulesJson
  const keys = keyPlan(rules.stages.map(({ use, config }) => ({ name: use, config })))
  const hash = hashOf({
    retainDropped: pipeline.retainDropped,
    stages: rules.stages.filter((stage) => stage.phase === 'prepare'),
    languages: rules.languages,
    signatures: signatureVersions(keys.bands),
    keys: planRules(keys),
  })
  known.set(pipeline, hash)
  return hash
}

/** The shape of `Pipeline.rules`: what is hashed, compared between nights and kept with the snapshot. */
export interface RulesJson {
  readonly stages: readonly {
    readonly use: string
    readonly phase: 'prepare' | 'sequence' | 'press'
    readonly version: number
    readonly config: unknown
    readonly assets: readonly string[]
  }[]
  readonly languages: Readonly<Record<string, unknown>>
  readonly sources: readonly {
    readonly use: string
    readonly version: number
    readonly name: string
    readonly licence: string
    readonly config: unknown
  }[]
  readonly output: { readonly retainDropped: string; readonly shardBytes: number }
}

/** The rules of the pipeline that a snapshot was made by. */
export async function ownRules(store: Store, { rules, pipeline }: Snapshot): Promise<RulesJson> {
  return JSON.parse(Buffer.from(await store.get(rules[pipeline.rulesSha256] ?? '')).toString('utf8')) as RulesJson
}

/** Key of a pressed shard: its cut and the tokenizer's rules. */
export function pressKey(cut: unknown, rules: unknown): string {
  return hashOf({ mill: millVersion, cut, rules: (rules as RulesJson).stages.filter((stage) => stage.phase === 'press') })
}

/** Key of a night's ledger: the plan, what sequence and retain made of its parts, and the shards they went to. */
export function sealKey(planId: string, parts: unknown, shards: unknown): string {
  return hashOf({ mill: millVersion, seal: planId, parts, shards })
}
