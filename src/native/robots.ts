import { binding } from './binding.ts'
import { kernel } from './kernel.ts'

export interface RobotsAnswer {
  readonly allowed: boolean
  /** Line of the rule that decides, from 1; undefined where none matches. */
  readonly line?: number
}

/** A line that is neither a rule nor a sitemap, its name in lower case. */
export interface RobotsLine {
  readonly name: string
  readonly value: string
  readonly line: number
}

export interface RobotsBlock {
  readonly agents: readonly string[]
  readonly lines: readonly RobotsLine[]
}

/** The answer that one rule, or the lack of one, gives to some agents. */
export interface RobotsRuling extends RobotsAnswer {
  /** The rule as written, at most 256 bytes; empty where none matches. */
  readonly text: string
  /** In lower case; `*` is whoever is not named. */
  readonly agents: readonly string[]
}

/**
 * A robots.txt file by RFC 9309. Any bytes are a file: what is no rule allows everything. Bytes over 500 KiB, and the line
 * that is cut there, are not read. Agents are product tokens (`QuernBot`), compared whole and in any case; targets are the
 * path and query of a URL. Cost of a question: the rules of the agent's groups, each linear in the path.
 */
export class RobotsFile {
  readonly #rules: InstanceType<typeof binding.RobotsRules>
  #sitemaps: readonly string[] | undefined
  #blocks: readonly RobotsBlock[] | undefined

  constructor(bytes: Uint8Array) {
    this.#rules = kernel('reading robots.txt', () => new binding.RobotsRules(bytes))
  }

  allowed(agent: string, target: string): RobotsAnswer {
    const { allowed, line } = kernel('asking robots.txt', () => this.#rules.allowed(agent, target))
    return line === 0 ? { allowed } : { allowed, line }
  }

  /** The answers to every agent that the file names, `*` among them; those by the same rule together. */
  rulings(target: string): readonly RobotsRuling[] {
    const found = kernel('asking robots.txt', () => this.#rules.rulings(target))
    return found.map(({ allowed, line, text, agents }) => ({ allowed, ...(line === 0 ? {} : { line }), text, agents }))
  }

  /** Product tokens of the User-agent lines, in lower case, in file order. */
  get agents(): readonly string[] {
    return kernel('reading robots.txt', () => this.#rules.agents())
  }

  /** Seconds; of several the most. A group of the agent's own that says nothing does not inherit that of `*`. */
  crawlDelay(agent: string): number | undefined {
    const seconds = kernel('reading robots.txt', () => this.#rules.crawlDelay(agent))
    return Number.isNaN(seconds) ? undefined : seconds
  }

  /** As written, perhaps relative; each once. */
  get sitemaps(): readonly string[] {
    return (this.#sitemaps ??= kernel('reading robots.txt', () => this.#rules.sitemaps()))
  }

  /** The other lines of the agent's groups, and those before the first group. */
  extensions(agent: string): readonly RobotsLine[] {
    return kernel('reading robots.txt', () => this.#rules.extensions(agent))
  }

  /** All other lines, with the agents they stand with; none: they are for everyone. */
  get blocks(): readonly RobotsBlock[] {
    return (this.#blocks ??= kernel('reading robots.txt', () => this.#rules.blocks()))
  }
}
