import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { canonicalJson } from '../core/canonical-json.ts'
import { QuernError, QuernErrors } from '../core/errors.ts'
import { rightsProtocols, type RightsPolicy } from '../core/rights.ts'
import { checkValue, mistakeAt } from './issues.ts'
import { applySettings } from './settings.ts'
import { readYaml } from './yaml-file.ts'

/** The policies that come with Quern. */
export const shippedPolicies = fileURLToPath(new URL('../../pipelines/policies', import.meta.url))

const token = z
  .string()
  .regex(/^[\w.-]+$/, { error: 'expected a product token such as GPTBot, without version' })
  .describe('A product token.')
const tokens = (says: string) => z.array(token).default([]).describe(says)
const uses = (says: string) =>
  z
    .strictObject(
      Object.fromEntries(rightsProtocols.map((name) => [name, z.array(z.string().min(1)).optional().describe(`Uses of ${name} that count.`)])),
    )
    .default({})
    .describe(says)

/** What a policy file may hold; `schemas/policy.schema.json` is made from it. */
export const policySchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, { error: 'expected small letters, digits and hyphens' })
    .describe('What the policy is called; also the name of the file.'),
  version: z.int().min(1).describe('Raise it whenever something changes: datasets name it.'),
  summary: z.string().optional().describe('For people: what it is for.'),
  purpose: z
    .enum(['commercial', 'research'])
    .default('commercial')
    .describe('What the data is for, recorded with every decision. Mining for research knows no reservation (Directive 2019/790, article 3).'),
  unknown: z.enum(['keep', 'drop']).default('keep').describe('What becomes of pages of which nobody has said anything.'),
  unreadable: z
    .enum(['ignore', 'deny'])
    .default('ignore')
    .describe('Whether a statement that does not parse denies, of the protocols under `denies`.'),
  own: tokens('Product tokens of your own crawlers. Without a group of their own they fall under `*`.'),
  agents: tokens('Product tokens of other crawlers that train models: who excludes them reserves its rights.'),
  fallback: z.boolean().default(false).describe('Whether `*` speaks for those other crawlers too, where they are not named.'),
  denies: uses('Statements that deny, by protocol.'),
  allows: uses('Statements that allow where none denies, by protocol.'),
})

/** A policy by the name of a shipped one, or from a file. Every mistake is thrown at once, with its place. */
export async function loadPolicy(nameOrFile: string): Promise<RightsPolicy> {
  const path = policyPath(nameOrFile)
  const file = applySettings(await readYaml(path), [])
  const mistakes: QuernError[] = []
  const read = checkValue(file, [], file.value, policySchema, mistakes)
  if (read !== undefined && read.name !== basename(path).replace(/\.ya?ml$/, ''))
    mistakes.push(
      mistakeAt(file, ['name'], `the file ${basename(path)} says it is the policy "${read.name}"`, {
        remedy: `Name the file ${read.name}.yaml, or write "name: ${basename(path).replace(/\.ya?ml$/, '')}".`,
      }),
    )
  if (mistakes.length > 0) throw new QuernErrors(mistakes)
  const { name, version, summary: _, ...rules } = read!
  const digest = createHash('sha256')
    .update(canonicalJson({ name, version, ...rules }))
    .digest('hex')
  return { id: `${name}@${version}+${digest.slice(0, 12)}`, ...rules }
}

/** `default` is a policy of Quern's; what has a slash or ends in `.yaml` is a file. */
export function policyPath(nameOrFile: string): string {
  if (/[/\\]|\.ya?ml$/.test(nameOrFile)) return nameOrFile
  const names = readdirSync(shippedPolicies).map((file) => basename(file, '.yaml'))
  if (names.includes(nameOrFile)) return join(shippedPolicies, `${nameOrFile}.yaml`)
  throw new QuernError('missing-file', `there is no policy "${nameOrFile}"`, {
    remedy: `Quern has ${names.join(' and ')}; name a file of your own with its .yaml.`,
  })
}
