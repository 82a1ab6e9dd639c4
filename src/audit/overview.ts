import * as z from 'zod'
import { readLosses } from '../dataset/losses.ts'
import { readSnapshot } from '../dataset/snapshot.ts'
import type { Audited } from './audited.ts'

/** Documents that one rule dropped, in the order in which stages ask. */
export interface FunnelStep {
  readonly stage: string
  readonly rule: string
  readonly dropped: number
  /** What is left behind it. */
  readonly left: number
}

const Cell = z.object({ language: z.string(), source: z.string(), read: z.number(), kept: z.number() })

/** Share of the documents of a language that a rule dropped, in the newest night and in the one before. */
export interface Shift {
  readonly language: string
  readonly rule: string
  readonly before: number
  readonly after: number
  /** Documents of the language in the newest night. */
  readonly read: number
}

export interface Overview {
  readonly version: number
  readonly createdAt: string
  /** Name of the pipeline that made it. */
  readonly pipeline: string
  readonly read: number
  readonly kept: number
  readonly tokens: number
  readonly funnel: readonly FunnelStep[]
  /** Languages by sources. */
  readonly cells: readonly z.infer<typeof Cell>[]
  /** The largest first; empty for a first night. */
  readonly shifts: readonly Shift[]
  readonly parent: number | null
}

/** Shifts among fewer documents than this are chance. */
const leastRead = 20

export async function overviewOf(audited: Audited): Promise<Overview> {
  const { snapshot, tables } = audited
  const { totals } = snapshot
  const cells = await tables.rows(
    Cell,
    `SELECT coalesce(language, '') AS language, coalesce(source, '') AS source, count(*) AS read, count(*) FILTER (outcome = 'kept') AS kept
     FROM ledger GROUP BY ALL ORDER BY read DESC, language, source`,
  )
  return {
    version: snapshot.version,
    createdAt: snapshot.createdAt,
    pipeline: snapshot.pipeline.name,
    read: totals.read,
    kept: totals.kept,
    tokens: totals.tokens,
    funnel: funnelOf(audited),
    cells,
    shifts: await shiftsOf(audited),
    parent: snapshot.parent?.version ?? null,
  }
}

function funnelOf({ snapshot, rules }: Audited): FunnelStep[] {
  const order = new Map(rules.json.stages.map(({ use }, i) => [use, i]))
  let left = snapshot.totals.read
  return Object.entries(snapshot.totals.dropped)
    .map(([name, dropped]) => {
      const slash = name.indexOf('/')
      return { stage: name.slice(0, slash), rule: name.slice(slash + 1), dropped }
    })
    .toSorted((a, b) => (order.get(a.stage) ?? -1) - (order.get(b.stage) ?? -1) || b.dropped - a.dropped || (a.rule < b.rule ? -1 : 1))
    .map((step) => ({ ...step, left: (left -= step.dropped) }))
}

async function shiftsOf({ store, snapshot }: Audited): Promise<Shift[]> {
  const { parent } = snapshot
  if (parent === null) return []
  const before = await readSnapshot(store, parent.version).catch(() => undefined)
  const [was, is] = await Promise.all([before === undefined ? undefined : readLosses(store, before.snapshot), readLosses(store, snapshot)])
  if (was === undefined || is === undefined) return []
  const shifts = Object.entries(is.byLanguage).flatMap(([language, now]) => {
    const then = Object.hasOwn(was.byLanguage, language) ? was.byLanguage[language] : undefined
    if (then === undefined || then.read < leastRead || now.read < leastRead) return []
    return [...new Set([...Object.keys(then.dropped), ...Object.keys(now.dropped)])].map((rule) => ({
      language,
      rule,
      before: (then.dropped[rule] ?? 0) / then.read,
      after: (now.dropped[rule] ?? 0) / now.read,
      read: now.read,
    }))
  })
  const size = ({ before: a, after: b }: Shift) => Math.abs(b - a)
  return shifts
    .filter((shift) => size(shift) > 0)
    .toSorted((a, b) => size(b) - size(a) || (a.rule < b.rule ? -1 : 1))
    .slice(0, 40)
}
