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
  for (const { agents, lines } of robots.blocks) {
    const spots = lines.map(({ name, value, line }) => ({
      name,
      value,
      spot: { place: 'robots.txt', agents: agents.slice(0, maxAgents), line, raw: `${name}: ${value}` } satisfies Spot,
    }))
    for (const { name, value, spot } of spots) {
      if (name === 'content-signal' || name === 'content-signals') signals.push(...contentSignals(value, spot))
      // By RSL 1.0 it is for the whole site, wherever it stands.
      else if (name === 'license') signals.push({ protocol: 'rsl', ...spot, agents: [], use: 'licence', value: 'stated', raw: asRaw(spot.raw) })
    }
    signals.push(
      ...pathUsage(
        spots.filter(({ name }) => name === 'content-usage'),
        target,
      ),
    )
  }
  return signals
}

/** `Content-Usage: [path] preferences`: of one group the longest path that matches counts, all lines of that path together. */
function pathUsage(lines: readonly { readonly value: string; readonly spot: Spot }[], target: string): RightsSignal[] {
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
