import type { RightsDecision, RightsPlace, RightsPolicy, RightsSignal } from '../core/rights.ts'

/** In TDMRep a nearer statement replaces one further away (W3C TDMRep final report, section 5): file, header, page. */
const nearness: Readonly<Record<RightsPlace, number>> = { 'robots.txt': 0, 'tdmrep.json': 1, header: 2, html: 3 }

/**
 * What a policy makes of the signals of one page: any statement that denies, denies; else any that allows, allows.
 * Pure: the same policy and signals give the same answer at fetch time, in a run, and years later from the ledger.
 * `own` are product tokens of one's own crawler besides those of the policy.
 */
export function decideRights(policy: RightsPolicy, signals: readonly RightsSignal[], own: readonly string[] = []): RightsDecision {
  const counted = relevant(policy, signals, own)
  const denying = counted.find(
    (signal) =>
      (signal.value === 'unreadable' && policy.unreadable === 'deny' && policy.denies[signal.protocol] !== undefined) ||
      ((signal.value === 'deny' || signal.value === 'stated') && policy.denies[signal.protocol]?.includes(signal.use) === true),
  )
  const allowing = counted.find(
    (signal) => (signal.value === 'allow' || signal.value === 'stated') && policy.allows[signal.protocol]?.includes(signal.use) === true,
  )
  const deciding = denying ?? allowing
  if (deciding === undefined) return { decision: 'unknown', reason: '', policy: policy.id, protocol: undefined, conflict: false }
  return {
    decision: denying === undefined ? 'allow' : 'deny',
    reason: reasonOf(deciding),
    policy: policy.id,
    protocol: deciding.protocol,
    conflict: denying !== undefined && allowing !== undefined,
  }
}

/** The signals that speak to the policy's agents and are not replaced by a nearer one. */
function relevant(policy: RightsPolicy, signals: readonly RightsSignal[], own: readonly string[]): RightsSignal[] {
  const named = new Set<string>()
  for (const { protocol, agents } of signals) if (protocol === 'robots') for (const agent of agents) named.add(agent)
  const lower = (names: readonly string[]) => names.map((name) => name.toLowerCase())
  const mine = lower([...policy.own, ...own])
  const all = new Set([...mine, ...lower(policy.agents)])
  const fallen = (policy.fallback ? [...all] : mine).some((agent) => !named.has(agent))
  const nearest = Math.max(0, ...signals.map((signal) => (saysTdm(signal) ? nearness[signal.place] : 0)))
  return signals.filter((signal) => {
    if (saysTdm(signal) && nearness[signal.place] < nearest) return false
    return signal.agents.length === 0 || signal.agents.some((agent) => (agent === '*' ? fallen : all.has(agent)))
  })
}

function saysTdm({ protocol, use, value }: RightsSignal): boolean {
  return protocol === 'tdmrep' && use === 'tdm' && value !== 'unreadable'
}

function reasonOf({ protocol, place, agents, use, line, raw, value }: RightsSignal): string {
  const who =
    agents.length === 0 || agents.includes('*')
      ? ''
      : ` for ${agents.slice(0, 3).join(', ')}${agents.length > 3 ? ` and ${agents.length - 3} more` : ''}`
  const what = value === 'unreadable' ? 'unreadable' : use
  return `${protocol}: ${what}${who} (${place}${line === undefined ? '' : ` line ${line}`}: ${raw.trim()})`
}
