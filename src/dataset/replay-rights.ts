import type { LabelColumn, TextColumn } from '../core/batch.ts'
import { rowText } from '../core/batch.ts'
import type { RightsDecision, RightsPolicy, RightsVerdict } from '../core/rights.ts'
import type { ParquetColumn } from '../native/parquet-write.ts'
import { decideRights } from '../rights/decide-rights.ts'
import { readEvidence } from '../rights/evidence.ts'
import type { Store } from '../storage/store.ts'
import { readLedger } from './ledger-reader.ts'
import type { Snapshot } from './snapshot.ts'

export type VerdictCounts = Record<RightsVerdict, number>

/** What another policy would change for some documents. */
export interface RightsChange {
  documents: number
  before: VerdictCounts
  after: VerdictCounts
  /** Dropped by the rights stage, and would pass it; what stands behind it may still drop them. */
  enter: number
  /** Kept, and would be dropped. */
  leave: number
  /** Tokens of those that would leave. */
  tokensLeaving: number
}

export interface RightsReplay extends RightsChange {
  /** Policies by which the ledger was decided. */
  readonly policies: readonly string[]
  /** Documents read without a rights stage: their signals are not known, and they count as unknown. */
  undecided: number
  /** Denied documents by the protocol that denies them under the new policy. */
  readonly denials: Record<string, number>
  readonly languages: Record<string, RightsChange>
  readonly sources: Record<string, RightsChange>
}

const columns = ['language', 'source', 'outcome', 'stage', 'rights', 'policy', 'rights_evidence', 'n_tokens'] as const

/** Evidence repeats from page to page of a host; so many different ones are remembered. */
const remembered = 20_000

/** Decides every document of a snapshot again, from the ledger alone. Memory: one row group. */
export async function replayRights(store: Store, snapshot: Snapshot, policy: RightsPolicy): Promise<RightsReplay> {
  const policies = new Set<string>()
  const replay: RightsReplay = { ...emptyChange(), policies: [], undecided: 0, denials: {}, languages: {}, sources: {} }
  const decide = remembering(policy)
  for await (const { rows, columns: group } of readLedger(store, snapshot, columns)) {
    const label = (name: string, row: number) => labelAt(group[name], row)
    const evidence = group['rights_evidence'] as TextColumn
    const tokens = group['n_tokens']
    for (let row = 0; row < rows; row += 1) {
      const made = label('policy', row)
      if (made === '') replay.undecided += 1
      else policies.add(made)
      const decision = decide(evidence.offsets[row] === evidence.offsets[row + 1] ? '' : rowText(evidence, row))
      const passes = decision.decision === 'allow' || (decision.decision === 'unknown' && policy.unknown === 'keep')
      const kept = label('outcome', row) === 'kept'
      const change = {
        before: (label('rights', row) || 'unknown') as RightsVerdict,
        after: decision.decision,
        enter: !kept && label('stage', row) === 'rights' && passes,
        leave: kept && !passes,
        tokens: tokens?.type === 'number' ? tokens.values[row] || 0 : 0,
      }
      if (decision.decision === 'deny') replay.denials[decision.protocol ?? ''] = (replay.denials[decision.protocol ?? ''] ?? 0) + 1
      count(replay, change)
      count((replay.languages[label('language', row) || 'und'] ??= emptyChange()), change)
      count((replay.sources[label('source', row)] ??= emptyChange()), change)
    }
  }
  return { ...replay, policies: [...policies].sort() }
}

function emptyChange(): RightsChange {
  const none = (): VerdictCounts => ({ allow: 0, deny: 0, unknown: 0 })
  return { documents: 0, before: none(), after: none(), enter: 0, leave: 0, tokensLeaving: 0 }
}

function count(
  into: RightsChange,
  change: {
    readonly before: RightsVerdict
    readonly after: RightsVerdict
    readonly enter: boolean
    readonly leave: boolean
    readonly tokens: number
  },
): void {
  into.documents += 1
  into.before[change.before] += 1
  into.after[change.after] += 1
  if (change.enter) into.enter += 1
  if (!change.leave) return
  into.leave += 1
  into.tokensLeaving += change.tokens
}

function labelAt(column: ParquetColumn | undefined, row: number): string {
  const labels = column?.type === 'label' ? (column satisfies LabelColumn) : undefined
  return labels?.labels[labels.indices[row] ?? -1] ?? ''
}

function remembering(policy: RightsPolicy): (evidence: string) => RightsDecision {
  const known = new Map<string, RightsDecision>()
  return (evidence) => {
    let decision = known.get(evidence)
    if (decision === undefined) {
      decision = decideRights(policy, readEvidence(evidence) ?? [])
      if (known.size >= remembered) known.clear()
      known.set(evidence, decision)
    }
    return decision
  }
}
