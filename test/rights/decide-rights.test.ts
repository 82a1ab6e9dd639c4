import { expect, test } from 'vitest'
import { loadPolicy } from '../../src/config/policy-file.ts'
import { RobotsFile } from '../../src/native/robots.ts'
import { decideRights } from '../../src/rights/decide-rights.ts'
import { readEvidence, writeEvidence } from '../../src/rights/evidence.ts'
import { type RightsSources, readSignals } from '../../src/rights/read-signals.ts'

const policy = await loadPolicy('default')
const strict = await loadPolicy('strict')
const bytes = (text: string) => new TextEncoder().encode(text)
const url = 'https://example.org/news/a?b=c'

/** Decision and protocol by both policies, after a round trip through the ledger. */
function decided(sources: Omit<RightsSources, 'url'>, own: readonly string[] = []) {
  const signals = readSignals({ url, ...sources })
  const again = readEvidence(writeEvidence(signals))
  expect(again).toEqual(signals)
  return [policy, strict].map((one) => {
    const { decision, protocol } = decideRights(one, again!, own)
    return protocol === undefined ? decision : `${decision} ${protocol}`
  })
}

const robots = (text: string) => ({ robots: new RobotsFile(bytes(text)) })
const header = (name: string, value: string) => ({ headers: [[name, value]] as const })
const html = (text: string) => ({ html: bytes(`<html><head>${text}</head><body><p>x</p></body></html>`) })
const tdmrep = (value: unknown) => ({ tdmrep: bytes(JSON.stringify(value)) })

test.each([
  ['nothing', {}, ['unknown', 'unknown']],
  ['an agent that trains is shut out', robots('User-agent: GPTBot\nDisallow: /news'), ['deny robots', 'deny robots']],
  ['... elsewhere', robots('User-agent: GPTBot\nDisallow: /shop'), ['unknown', 'unknown']],
  ['... a search engine', robots('User-agent: Googlebot\nDisallow: /'), ['unknown', 'unknown']],
  ['our own falls under the star', robots('User-agent: *\nDisallow: /'), ['deny robots', 'deny robots']],
  ['our own is let in, others are not named', robots('User-agent: *\nDisallow: /\nUser-agent: QuernBot\nAllow: /'), ['unknown', 'deny robots']],
  ['a name with a digit', robots('User-agent: AI2Bot\nDisallow: /'), ['deny robots', 'deny robots']],
  ['Content-Usage', header('Content-Usage', 'train-ai=n, search=y'), ['deny content-usage', 'deny content-usage']],
  ['... allows', header('content-usage', 'train-ai=y'), ['allow content-usage', 'allow content-usage']],
  ['... the last of a repeated key', header('content-usage', 'train-ai=y, train-ai=n'), ['deny content-usage', 'deny content-usage']],
  ['... does not parse', header('content-usage', 'train-ai=n,,'), ['unknown', 'deny content-usage']],
  [
    '... in robots.txt, longest path',
    robots('User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /news/ train-ai=y\nAllow: /'),
    ['allow content-usage', 'allow content-usage'],
  ],
  [
    '... one path twice',
    robots('User-agent: *\nContent-Usage: /news train-ai=y\nContent-Usage: /news train-ai=n'),
    ['deny content-usage', 'deny content-usage'],
  ],
  ['Content-Signal', robots('User-Agent: *\nContent-Signal: search=yes,ai-train=no\nAllow: /'), ['deny content-signal', 'deny content-signal']],
  ['... for an agent that is not ours', robots('User-Agent: Googlebot\nContent-Signal: ai-train=no\nAllow: /'), ['unknown', 'unknown']],
  ['TDMRep header', header('TDM-Reservation', '1'), ['deny tdmrep', 'deny tdmrep']],
  ['... another value is no value', header('TDM-Reservation', 'yes'), ['unknown', 'deny tdmrep']],
  ['... the page lifts it', { ...header('tdm-reservation', '1'), ...html('<meta name="tdm-reservation" content="0">') }, ['allow tdmrep', 'unknown']],
  [
    '... file, first match',
    tdmrep([
      { location: '/news/*', 'tdm-reservation': 1 },
      { location: '/', 'tdm-reservation': 0 },
    ]),
    ['deny tdmrep', 'deny tdmrep'],
  ],
  ['... file with an end', tdmrep([{ location: '/news$', 'tdm-reservation': 1 }]), ['unknown', 'unknown']],
  ['... file that is none', tdmrep('x'), ['unknown', 'deny tdmrep']],
  ['RSL', robots('License: https://example.org/rsl.xml'), ['unknown', 'deny rsl']],
  ['... as a link', html('<link rel="license" type="application/rsl+xml" href="/l.xml">'), ['unknown', 'deny rsl']],
  ['... as a header', header('Link', '<https://a.org/x>; rel="next", </l.xml>; rel="license"; type="application/rsl+xml"'), ['unknown', 'deny rsl']],
  ['noai', html('<meta name="robots" content="index, noai">'), ['deny directives', 'deny directives']],
  ['noindex is not of mining', html('<meta name="robots" content="noindex">'), ['unknown', 'deny directives']],
  ['X-Robots-Tag for another agent', header('X-Robots-Tag', 'otherbot: noai'), ['unknown', 'unknown']],
  [
    'X-Robots-Tag for GPTBot, after a date',
    header('X-Robots-Tag', 'unavailable_after: 25 Jun 2030 15:00:00 PST, gptbot: noai'),
    ['deny directives', 'deny directives'],
  ],
  ['a licence', html('<link rel="license" href="https://creativecommons.org/licenses/by-sa/4.0/">'), ['allow licence', 'allow licence']],
  ['a licence not for sale', html('<link rel="license" href="https://creativecommons.org/licenses/by-nc-sa/3.0/de/">'), ['unknown', 'deny licence']],
  [
    'a denial beats a licence',
    { ...html('<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">'), ...header('tdm-reservation', '1') },
    ['deny tdmrep', 'deny tdmrep'],
  ],
] as const)('%s', (_, sources, expected) => {
  expect(decided(sources as Omit<RightsSources, 'url'>)).toEqual(expected)
})

test('the own agent of a crawl counts beside those of the policy, and the reason says where', () => {
  const signals = readSignals({ url, ...robots('User-agent: MyBot\nDisallow: /news # private') })
  expect(decideRights(policy, signals).decision).toBe('unknown')
  expect(decideRights(policy, signals, ['MyBot'])).toEqual({
    decision: 'deny',
    reason: 'robots: fetch for mybot (robots.txt line 2: Disallow: /news # private)',
    policy: policy.id,
    protocol: 'robots',
    conflict: false,
  })
})

test('hostile statements neither throw nor grow', () => {
  const agents = Array.from({ length: 5000 }, (_, i) => `User-agent: a${i}x`).join('\n')
  const signals = readSignals({
    url,
    ...robots(`${agents}\nDisallow: /\nContent-Usage: (((\n`),
    headers: [
      ['Content-Usage', '('.repeat(50_000)],
      ['Link', `<${'a>;'.repeat(9000)}`],
    ],
    html: bytes('<meta name=robots content="'.repeat(5000)),
    tdmrep: bytes('['.repeat(100_000)),
  })
  expect(writeEvidence(signals).length).toBeLessThan(40_000)
  expect(signals.some(({ value }) => value === 'unreadable')).toBe(true)
  expect(readEvidence('[{"protocol":"x"}]')).toBeUndefined()
  expect(readEvidence('nonsense')).toBeUndefined()
})
