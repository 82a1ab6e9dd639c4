import type { RightsSignal } from '../core/rights.ts'
import { RobotsFile } from '../native/robots.ts'
import { asRaw } from './evidence.ts'
import { contentSignals, type Spot, usageSignals } from './header-signals.ts'

/** Agents of one file whose names are kept; a file that names more is not made for crawlers. */
const maxAgents = 512

/** Every statement of a robots file about one path and query, to whomever it is made. */
export function robotsSignals(robots: RobotsFile, target: string): RightsSignal[] {
  const signals: RightsSignal[] = []
  let named = 0
  for (const { allowed, line, text, agents } of robots.rulings(target)) {
    const kept = agents.slice(0, maxAgents - named)
    named += kept.length
    if (kept.length > 0)
      signals.push({
        protocol: 'robots',
        place: 'robots.txt',
        agents: kept,
        use: 'fetch',
        value: allowed ? 'allow' : 'deny',
        ...(line === undefined ? {} : { line }),
        raw: asRaw(text),
      })
    if (kept.length < agents.length) {
      signals.push({ protocol: 'robots', place: 'robots.txt', agents: [], use: 'fetch', value: 'unreadable', raw: `more than ${maxAgents} agents` })
      break
    }
  }
  for (const { everywhere, usage } of siteStatements(robots)) signals.push(...everywhere, ...pathUsage(usage, target))
  return signals
}

/** What a block of a file says besides rules. */
interface Statements {
  /** The same for every path. */
  readonly everywhere: readonly RightsSignal[]
  readonly usage: readonly UsageLine[]
}

interface UsageLine {
  readonly value: string
  readonly spot: Spot
}

/** A file is read once and asked for each page of its host. */
const read = new WeakMap<RobotsFile, readonly Statements[]>()

function siteStatements(robots: RobotsFile): readonly Statements[] {
  let statements = read.get(robots)
  if (statements !== undefined) return statements
  statements = robots.blocks.map(({ agents, lines }) => {
    const everywhere: RightsSignal[] = []
    const usage: UsageLine[] = []
    for (const { name, value, line } of lines) {
      const spot: Spot = { place: 'robots.txt', agents: agents.slice(0, maxAgents), line, raw: `${name}: ${value}` }
      if (name === 'content-signal' || name === 'content-signals') everywhere.push(...contentSignals(value, spot))
      // By RSL 1.0 it is for the whole site, wherever it stands.
      else if (name === 'license') everywhere.push({ protocol: 'rsl', ...spot, agents: [], use: 'licence', value: 'stated', raw: asRaw(spot.raw) })
      else if (name === 'content-usage') usage.push({ value, spot })
    }
    return { everywhere, usage }
  })
  read.set(robots, statements)
  return statements
}

/** `Content-Usage: [path] preferences`: of one group the longest path that matches counts, all lines of that path together. */
function pathUsage(lines: readonly UsageLine[], target: string): RightsSignal[] {
  const split = lines.map(({ value, spot }) => {
    const [, path = '/', preferences = ''] = /^(\/\S*)?\s*(.*)$/s.exec(value) ?? []
    return { path, preferences, spot }
  })
  if (split.length === 0) return []
  const longest = matching(
    split.map(({ path }) => path),
    target,
  )
  return split.flatMap(({ path, preferences, spot }) => (path === longest ? usageSignals(preferences, spot) : []))
}

/** Which of some path patterns matches best, by the rules of robots files themselves. */
export function matching(paths: readonly string[], target: string): string | undefined {
  const rules = paths.map((path) => `disallow: ${path.replaceAll('#', '%23').replaceAll(/[\r\n]/g, '')}`)
  const { allowed, line } = new RobotsFile(Buffer.from(`user-agent: *\n${rules.join('\n')}`)).allowed('*', target)
  return allowed || line === undefined ? undefined : paths[line - 2]
}
