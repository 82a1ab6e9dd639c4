/** Where a statement about rights can be made; also the name of the rule that drops a page for it. */
export const rightsProtocols = ['robots', 'content-usage', 'content-signal', 'tdmrep', 'rsl', 'directives', 'licence'] as const
export type RightsProtocol = (typeof rightsProtocols)[number]

export const rightsPlaces = ['robots.txt', 'tdmrep.json', 'header', 'html'] as const
export type RightsPlace = (typeof rightsPlaces)[number]

/** `stated` is a statement that is neither yes nor no, such as a link to a licence; `unreadable` one that does not parse. */
export const signalValues = ['allow', 'deny', 'stated', 'unreadable'] as const
export type SignalValue = (typeof signalValues)[number]

/**
 * One statement about what may be done with a page, as it was found. It holds what every policy needs to judge it, so
 * that signals alone, without the page, can be judged again by another one.
 *
 * | protocol | `use` |
 * | --- | --- |
 * | `robots` | `fetch` |
 * | `content-usage` | the category as written: `train-ai`, `ai-use`, `search`, ... |
 * | `content-signal` | the signal as written: `ai-train`, `ai-input`, `search`, ... |
 * | `tdmrep` | `tdm`; `policy` states the address of a policy |
 * | `rsl` | `licence` states the address of an RSL document; `ai-train`, `ai-input`, `ai-index`, `search` are what it says, where it was read |
 * | `directives` | what X-Robots-Tag and meta robots forbid: `noai`, `noimageai`, `noindex`, ... |
 * | `licence` | the licence that is named: `cc-by`, `cc-by-nc`, `cc0`, ..., or `other` |
 */
export interface RightsSignal {
  readonly protocol: RightsProtocol
  readonly place: RightsPlace
  /** Product tokens in lower case that it speaks to, `*` being everyone whom the robots file does not name; none: everyone. */
  readonly agents: readonly string[]
  readonly use: string
  readonly value: SignalValue
  /** Line of robots.txt, from 1. */
  readonly line?: number
  /** As written, at most `maxRawBytes` of it. */
  readonly raw: string
}

export const maxRawBytes = 256

/** Uses that count, by protocol. */
export type RightsUses = Readonly<Partial<Record<RightsProtocol, readonly string[]>>>

/** A policy file, checked. */
export interface RightsPolicy {
  /** `name@version+` and the first 12 hex digits of the SHA-256 of its content. */
  readonly id: string
  /** Text and data mining for research knows no reservation (Directive 2019/790, article 3); a policy states what it is for. */
  readonly purpose: 'commercial' | 'research'
  /** What becomes of a page that nobody has said anything about. */
  readonly unknown: 'keep' | 'drop'
  /** Whether a statement that does not parse denies. */
  readonly unreadable: 'ignore' | 'deny'
  /** Product tokens of one's own crawlers; without a group of their own they fall under `*`. */
  readonly own: readonly string[]
  /** Product tokens of others whose exclusion is taken as a reservation. */
  readonly agents: readonly string[]
  /** Whether `*` speaks for those others too, where they are not named. */
  readonly fallback: boolean
  /** Statements of value `deny` or `stated` that deny. */
  readonly denies: RightsUses
  /** Statements of value `allow` or `stated` that allow. */
  readonly allows: RightsUses
}

export type RightsVerdict = 'allow' | 'deny' | 'unknown'

export interface RightsDecision {
  readonly decision: RightsVerdict
  /** Protocol, use, place and words of the statement that decided, in one line; empty for `unknown`. */
  readonly reason: string
  /** Id of the policy. */
  readonly policy: string
  /** The protocol that decided; undefined for `unknown`. */
  readonly protocol: RightsProtocol | undefined
  /** Denied, though another statement allows. */
  readonly conflict: boolean
}
