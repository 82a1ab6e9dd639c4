import type { ThreadProfile } from '../../src/core/stopwatch.ts'

interface Frame {
  readonly name: string
  self: number
  readonly inner: Map<string, Frame>
}

const width = 1200
const rowHeight = 20
const top = 54
/** Narrower frames have no room for a name; a tooltip has it. */
const letterWidth = 6.6

/**
 * Spans of all threads as one flame graph: a row a depth, as wide as its share of the process's CPU, widest first. One SVG
 * that needs nothing else; every frame says its name and share when pointed at.
 */
export function flameGraph(title: string, profiles: readonly ThreadProfile[]): string {
  const total = profiles.find(({ processCpu }) => processCpu !== null)?.processCpu ?? profiles.reduce((sum, { cpu }) => sum + cpu, 0)
  const root = frame('all')
  let threads = 0
  for (const { thread, cpu, spans } of profiles) {
    threads += cpu
    const own = child(root, thread.startsWith('worker') ? 'workers' : 'main thread')
    let named = 0
    for (const [path, micros] of Object.entries(spans)) {
      named += micros
      path.split(';').reduce(child, own).self += micros
    }
    own.self += cpu - named
  }
  child(root, 'threads of the runtime: collection, compilation').self += Math.max(0, total - threads)
  const parts: string[] = []
  const depth = draw(root, 0, 0, total, total, parts)
  const height = top + (depth + 1) * rowHeight + 16
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="8" y="22" font-size="15" font-family="sans-serif" font-weight="bold">${escaped(title)}</text>`,
    `<text x="8" y="42" font-family="sans-serif" fill="#555">Width: share of the CPU of the process. Orange: the core (Rust). Blue: TypeScript. Grey: the runtime.</text>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

const frame = (name: string): Frame => ({ name, self: 0, inner: new Map() })

function child(of: Frame, name: string): Frame {
  const known = of.inner.get(name) ?? frame(name)
  of.inner.set(name, known)
  return known
}

const sumOf = (of: Frame): number => of.self + [...of.inner.values()].reduce((sum, inner) => sum + sumOf(inner), 0)

/** Draws a frame and those inside it; returns the depth that was reached. */
function draw(of: Frame, from: number, depth: number, all: number, size: number, parts: string[]): number {
  const x = (from / all) * width
  const wide = (size / all) * width
  if (wide < 0.4) return depth
  const share = `${((100 * size) / all).toFixed(1)} %`
  const name = of.name.replace('native ', '')
  const room = Math.floor((wide - 6) / letterWidth)
  const label = room < 3 ? '' : `${name} ${share}`.length <= room ? `${name} ${share}` : name.slice(0, room)
  const y = top + depth * rowHeight
  parts.push(
    `<g><title>${escaped(name)}: ${share}</title><rect x="${x.toFixed(1)}" y="${y}" width="${Math.max(0.4, wide - 0.6).toFixed(1)}" height="${rowHeight - 1}" fill="${colourOf(of.name)}"/>` +
      `${label === '' ? '' : `<text x="${(x + 3).toFixed(1)}" y="${y + 13}">${escaped(label)}</text>`}</g>`,
  )
  let at = from
  let deepest = depth
  for (const [inner, innerSize] of [...of.inner.values()].map((one) => [one, sumOf(one)] as const).sort((a, b) => b[1] - a[1])) {
    deepest = Math.max(deepest, draw(inner, at, depth + 1, all, innerSize, parts))
    at += innerSize
  }
  return deepest
}

function colourOf(name: string): string {
  if (name.startsWith('native ')) return '#F0A04B'
  return name === 'all' || name.startsWith('threads of the runtime') ? '#CCCCCC' : '#9CC5E8'
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
