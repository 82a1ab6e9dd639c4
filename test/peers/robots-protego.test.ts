import { expect, test } from 'vitest'
import { RobotsFile } from '../../src/native/robots.ts'
import { runPython } from '../python.ts'

/** The same files on every run. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/**
 * Protego 0.7 is compared where it means to follow RFC 9309 too. Left out, because it reads them otherwise: agents that hold
 * each other's names (it looks for the name anywhere in the agent), rules that do not begin with a slash or a star, `$` in the
 * middle (it ends the pattern there), other lines between User-agent lines (it closes the group), and `/robots.txt` itself.
 */
test('agrees with Protego on generated files', () => {
  const draw = random(7)
  const pick = <T>(list: readonly T[]): T => list[draw(list.length)]!
  const parts = ['a', 'b', 'ab', 'c', '/', '/', '*', '%41', '%2F', '%c3%bc', 'ü', '?x=', '.html', '~']
  const path = (): string => `/${Array.from({ length: draw(5) }, () => pick(parts)).join('')}`
  const cases = Array.from({ length: 1500 }, () => {
    const groups = Array.from({ length: 1 + draw(4) }, () => {
      const agents = Array.from(
        { length: 1 + draw(2) },
        () => `${pick(['User-agent', 'user-agent', 'USER-AGENT'])}: ${pick(['foobot', 'BarBot', 'qux', '*'])}`,
      )
      const rules = Array.from({ length: 1 + draw(5) }, () => `${pick(['Allow', 'Disallow', 'disallow'])}: ${path()}${pick(['', '', '', '$'])}`)
      return [...agents, ...rules, ...(draw(3) === 0 ? ['Crawl-delay: 3'] : [])].join('\n')
    })
    const file = groups.join(pick(['\n', '\n\n', '\n# a comment\n']))
    const agent = pick(['foobot', 'barbot', 'other'])
    const target = path().replaceAll('*', 'z')
    return { file, agent, target }
  })
  const protego = JSON.parse(
    runPython(
      `
import json, sys
from protego import Protego
print(json.dumps([Protego.parse(c['file']).can_fetch('https://example.org' + c['target'], c['agent']) for c in json.load(sys.stdin)]))
`,
      [],
      JSON.stringify(cases),
    ),
  ) as boolean[]
  const different = cases.flatMap((one, i) => {
    const { allowed } = new RobotsFile(new TextEncoder().encode(one.file)).allowed(one.agent, one.target)
    return allowed === protego[i] ? [] : [{ ...one, protego: protego[i] }]
  })
  expect(protego.filter((allowed) => !allowed).length).toBeGreaterThan(100)
  expect(different).toEqual([])
})
