import * as z from 'zod'
import { QuernError } from '../core/errors.ts'
import type { Audited } from './audited.ts'
import type { DocumentColumns, NumberedLabels } from './document-columns.ts'
import { registry } from '../mill/registry.ts'
import type { RulesInForce } from './rules-in-force.ts'
import { limitsByLanguage } from './rule-view.ts'

/** Which documents are wanted; what is absent does not narrow. */
export const DocumentFilter = z.strictObject({
  language: z.string().optional(),
  source: z.string().optional(),
  /** `kept`, `dropped`, or `stage/rule`. */
  fate: z.string().optional(),
  /** A host with all below it. */
  host: z.string().optional(),
  /** Ranges of measures, `words>=50 words<400 language_score<0.7`: all of them must hold. */
  where: z.string().max(500).optional(),
  /** A measure; rows that have it come, the nearest to `near` first, if that is given. */
  measure: z.string().optional(),
  near: z.number().optional(),
  /** A rule with a limit: rows come nearest to the limit in force for their language first. */
  rule: z.string().optional(),
  /** Which side of `near` or of the limit: below, above or both. */
  side: z.enum(['below', 'above']).optional(),
  /** Words that the text must have: `document-search.ts`. */
  words: z.string().max(200).optional(),
  /** Where an earlier search stopped. */
  from: z.string().max(40).optional(),
  seed: z.int().nonnegative().default(0),
  limit: z.int().min(1).max(500).default(100),
})
export type DocumentFilter = z.infer<typeof DocumentFilter>

/** The rows that a filter fits. */
export interface FittingRows {
  /** 1 for a row that fits. */
  readonly mask: Uint8Array
  readonly count: number
  /** The measure that was asked about, and by language number what it is compared with (NaN: nothing); undefined without. */
  readonly values: Float64Array | undefined
  readonly limits: Float64Array | undefined
}

/** Every measure of a snapshot's stages with what it is, those of stages without a limit too. */
export function measuresOf({ json }: RulesInForce): Readonly<Record<string, string>> {
  return Object.fromEntries(json.stages.flatMap(({ use }) => Object.entries(measuresOfStage(use))))
}

function measuresOfStage(use: string): Readonly<Record<string, string>> {
  const component = registry.stages[use]
  return component?.phase === 'prepare' ? component.measures : {}
}

const range = /^([a-z]\w*)(<=|>=|<|>)(-?\d+(?:\.\d+)?(?:e-?\d+)?)$/i

/** Passes over the columns of the filter alone, one after the other: some milliseconds each for millions of rows, and more for a measure that is not in memory yet. */
export async function fittingRows(audited: Audited, filter: DocumentFilter): Promise<FittingRows> {
  const { rules } = audited
  const documents = await audited.documents()
  const known = measuresOf(rules)
  const measure = (name: string): Promise<Float64Array> => {
    if (!Object.hasOwn(known, name))
      throw new QuernError('not-found', `the snapshot has no measure "${name}"`, { remedy: `It has ${Object.keys(known).join(', ')}.` })
    return audited.measure(name)
  }
  const mask = new Uint8Array(documents.rows).fill(1)
  // Written out for each kind of column: a function called for every row would cost several times as much.
  const only = (numbers: Uint16Array | Uint32Array, wanted: Uint8Array) => {
    for (let row = 0; row < mask.length; row++) mask[row]! &= wanted[numbers[row]!]!
  }
  const named = ({ numbers, names }: NumberedLabels, fits: (name: string) => boolean) =>
    only(
      numbers,
      Uint8Array.from(names, (name) => Number(fits(name))),
    )
  const { language, source, fate, host } = filter
  if (language !== undefined) named(documents.language, (name) => name === language)
  if (source !== undefined) named(documents.source, (name) => name === source)
  if (fate !== undefined) named(documents.fate, (name) => (fate === 'dropped' ? name !== 'kept' : name === fate))
  if (host !== undefined) {
    const hosts = await audited.hosts()
    only(hosts.numbers, hosts.table.under(host))
  }
  for (const part of filter.where?.split(/\s+/).filter((one) => one !== '') ?? []) {
    const [, name, sign, number] = range.exec(part) ?? []
    if (name === undefined || sign === undefined || number === undefined)
      throw new QuernError('bad-usage', `"${part}" is no range of a measure`, {
        remedy: 'Write words>=50 words<400, without spaces around the sign.',
      })
    keepRange(mask, await measure(name), sign as Sign, Number(number))
  }
  const { values, limits } = await nearestBy(audited, documents, filter, measure)
  if (values !== undefined) keepSide(mask, values, limits && { of: limits, by: documents.language.numbers }, filter.side)
  let count = 0
  for (let row = 0; row < mask.length; row++) count += mask[row]!
  return { mask, count, values, limits }
}

type Sign = '<' | '<=' | '>' | '>='

/** NaN, which stands for "does not apply", is in no range. */
function keepRange(mask: Uint8Array, values: Float64Array, sign: Sign, bound: number): void {
  if (sign === '<') for (let row = 0; row < mask.length; row++) mask[row]! &= Number(values[row]! < bound)
  else if (sign === '<=') for (let row = 0; row < mask.length; row++) mask[row]! &= Number(values[row]! <= bound)
  else if (sign === '>') for (let row = 0; row < mask.length; row++) mask[row]! &= Number(values[row]! > bound)
  else for (let row = 0; row < mask.length; row++) mask[row]! &= Number(values[row]! >= bound)
}

/** Rows that have the measure, and of a limit those of languages that have one, on the side of it that is wanted. */
function keepSide(
  mask: Uint8Array,
  values: Float64Array,
  limits: { readonly of: Float64Array; readonly by: Uint16Array } | undefined,
  side: DocumentFilter['side'],
): void {
  for (let row = 0; row < mask.length; row++) {
    if (mask[row] === 0) continue
    const value = values[row]!
    const limit = limits === undefined ? 0 : limits.of[limits.by[row]!]!
    const on = limits === undefined || side === undefined || (side === 'below' ? value < limit : value > limit)
    mask[row] = Number(!Number.isNaN(value) && !Number.isNaN(limit) && on)
  }
}

async function nearestBy(
  { rules }: Audited,
  { language: { names } }: DocumentColumns,
  { rule, measure: name, near }: DocumentFilter,
  measure: (name: string) => Promise<Float64Array>,
): Promise<Pick<FittingRows, 'values' | 'limits'>> {
  if (rule !== undefined) {
    const limited = rules.limited.find((one) => one.name === rule)
    if (limited === undefined)
      throw new QuernError('not-found', `the snapshot has no rule "${rule}" with a limit`, { remedy: 'Choose one from the page of rules.' })
    const stage = rules.stages.find(({ component }) => component.name === limited.stage)!
    const limits = limitsByLanguage(names, (batch) => stage.limitsOf(batch)[limited.limit]!)
    return { values: await measure(limited.measure), limits: Float64Array.from(limits, (limit) => (Number.isFinite(limit) ? limit : NaN)) }
  }
  if (name === undefined) return { values: undefined, limits: undefined }
  return { values: await measure(name), limits: near === undefined ? undefined : new Float64Array(names.length).fill(near) }
}
