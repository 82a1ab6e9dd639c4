interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { readonly functionName: string; readonly url: string } }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/**
 * Shares of CPU by where it was spent, from V8 profiles of all threads: a native function has no URL and its exported
 * name; everything with a URL, and the collector, is TypeScript's. Idle time is left out.
 */
export function cpuShares(profiles: readonly string[]): Record<string, number> {
  const spent = new Map<string, number>()
  for (const text of profiles) {
    const { nodes, samples, timeDeltas } = JSON.parse(text) as Profile
    const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]))
    samples.forEach((id, i) => {
      const place = places.get(id)
      if (place !== undefined && place !== 'idle') spent.set(place, (spent.get(place) ?? 0) + (timeDeltas[i] ?? 0))
    })
  }
  const total = [...spent.values()].reduce((sum, micros) => sum + micros, 0)
  return Object.fromEntries(
    [...spent].sort((a, b) => b[1] - a[1]).map(([place, micros]) => [place, Number((micros / Math.max(1, total)).toFixed(4))]),
  )
}

function placeOf({ functionName, url }: Profile['nodes'][number]['callFrame']): string {
  if (functionName === '(idle)' || functionName === '(root)') return 'idle'
  if (functionName === '(garbage collector)') return 'typescript'
  if (functionName === '(program)') return 'runtime'
  if (url === '') return `native ${functionName}`
  return url.startsWith('node:') ? 'runtime' : 'typescript'
}
