import { expect, test } from 'vitest'
import { loadPolicy } from '../../src/config/policy-file.ts'
import type { RightsSignal } from '../../src/core/rights.ts'
import { RobotsFile } from '../../src/native/robots.ts'
import { decideRights } from '../../src/rights/decide-rights.ts'
import { readSignals } from '../../src/rights/read-signals.ts'
import { rslSignals } from '../../src/rights/rsl-document.ts'
import { rslAddress } from '../../src/rights/rsl-links.ts'

const page = 'https://news.example/politics/a?b=c'
const address = 'https://news.example/license.xml'
const link: RightsSignal = { protocol: 'rsl', place: 'robots.txt', agents: [], use: 'licence', value: 'stated', raw: `License: ${address}` }
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const rsl = (inside: string): string => `<?xml version="1.0" encoding="UTF-8"?>\n<rsl xmlns="https://rslstandard.org/rsl">${inside}</rsl>\n`
const licensed = (terms: string, attributes = 'url="/"'): string => rsl(`<content ${attributes}><license>${terms}</license></content>`)

const said = (document: string, at = page): Record<string, string> =>
  Object.fromEntries(rslSignals(bytes(document), link, address, new URL(at)).map(({ use, value }) => [use, value]))

const all = (value: string) => ({ 'ai-train': value, 'ai-input': value, 'ai-index': value, search: value })

test.each([
  ['all of AI is prohibited', licensed('<prohibits type="usage">ai-all</prohibits>'), { ...all('deny'), search: 'allow' }],
  ['training is prohibited', licensed('<prohibits type="usage">ai-train</prohibits>'), { ...all('allow'), 'ai-train': 'deny' }],
  [
    'search alone is permitted',
    licensed('<permits type="usage">search ai-index</permits>'),
    { ...all('deny'), search: 'allow', 'ai-index': 'allow' },
  ],
  ['everything is free', licensed('<permits type="usage">all</permits><payment type="free"/>'), all('allow')],
  [
    'everything for a subscription',
    licensed('<permits type="usage">all</permits><payment type="subscription"><amount currency="EUR">9</amount></payment>'),
    all('deny'),
  ],
  ['for a credit: not for a machine to say', licensed('<permits type="usage">all</permits><payment type="attribution"/>'), {}],
  ['for schools', licensed('<permits type="usage">all</permits><permits type="user">education</permits>'), {}],
  ['from a server', licensed('<permits type="usage">all</permits>', 'url="/" server="https://rsl.example/"'), all('deny')],
  [
    'two licences, one of them free',
    rsl(
      '<content url="/"><license><permits type="usage">all</permits><payment type="training"/></license><license><permits type="usage">ai-train</permits></license></content>',
    ),
    { ...all('deny'), 'ai-train': 'allow' },
  ],
  [
    'the longest path counts',
    rsl(
      '<content url="/"><license><prohibits type="usage">all</prohibits></license></content><content url="/politics/*?b="><license><permits type="usage">all</permits></license></content>',
    ),
    all('allow'),
  ],
  ['a whole address of this site', licensed('<prohibits type="usage">all</prohibits>', 'url="https://news.example/politics/*"'), all('deny')],
  ['... of another site', licensed('<prohibits type="usage">all</prohibits>', 'url="https://other.example/*"'), {}],
  ['another path', licensed('<prohibits type="usage">all</prohibits>', 'url="/sport/"'), {}],
  ['words of the drafts', licensed('<prohibits type="usage">train-ai</prohibits>'), { ...all('allow'), 'ai-train': 'deny' }],
  [
    'prefixes',
    '<r:rsl xmlns:r="https://rslstandard.org/rsl"><r:content url="/"><r:license><r:prohibits type="usage">all</r:prohibits></r:license></r:content></r:rsl>',
    all('deny'),
  ],
  ['no licence at all', rsl('<content url="/"></content>'), {}],
  ['no document', '<html><p>Our licence</html>', { licence: 'unreadable' }],
  ['not closed', '<rsl><content url="/"><license>', { licence: 'unreadable' }],
  ['a document type', `<!DOCTYPE rsl [<!ENTITY a "ai-train">]>${licensed('<prohibits>&a;</prohibits>')}`, { licence: 'unreadable' }],
] as const)('%s', (_, document, expected) => {
  expect(said(document)).toEqual(expected)
})

test('links in robots.txt, header and page lead to the document, and the policy reads it', async () => {
  const policy = await loadPolicy('default')
  const documents = new Map([[address, bytes(licensed('<prohibits type="usage">ai-train</prohibits>'))]])
  const licences = (asked: string): Uint8Array | undefined => documents.get(asked)
  const head = (tag: string): Uint8Array => bytes(`<html><head>${tag}</head><body><p>x</p></body></html>`)
  for (const sources of [
    { robots: new RobotsFile(bytes(`License: ${address}\nUser-agent: *\nAllow: /\n`)) },
    { headers: [['Link', '</license.xml>; rel="license"; type="application/rsl+xml"']] as const },
    { html: head('<link rel="license" type="application/rsl+xml" href="../license.xml#x">') },
  ]) {
    const signals = readSignals({ url: page, ...sources, licences })
    const { decision, protocol, reason } = decideRights(policy, signals)
    expect([decision, protocol]).toEqual(['deny', 'rsl'])
    expect(reason).toContain(`${address}: prohibits ai-train`)
    expect(decideRights(policy, readSignals({ url: page, ...sources })).decision).toBe('unknown')
  }
  documents.set(address, bytes(licensed('<permits type="usage">ai-all</permits>')))
  const { decision } = decideRights(policy, readSignals({ url: page, robots: new RobotsFile(bytes(`License: ${address}\n`)), licences }))
  expect(decision).toBe('allow')
  // A statement that was cut is no address, and neither is one of another protocol.
  expect(rslAddress({ ...link, raw: `License: https://a.example/${'x'.repeat(240)}`.slice(0, 256) }, page)).toBeUndefined()
  expect(rslAddress({ ...link, raw: 'License: javascript:alert(1)' }, page)).toBeUndefined()
})

test('hostile documents are read within limits', () => {
  const size = 250_000
  const fill = (part: string): string => part.repeat(Math.floor(size / part.length))
  const shapes = [
    fill('<rsl>'),
    fill('<rsl><content url="/">'),
    `<rsl>${fill('<content url="/*a*a*a*b"><license/></content>')}</rsl>`,
    `<rsl ${fill('a="" ')}></rsl>`,
    `<rsl>${fill('<!--')}</rsl>`,
    `<rsl>${fill('&amp;')}</rsl>`,
    `<rsl>${fill('&a;')}</rsl>`,
    `<rsl><content url="${fill('/')}"/></rsl>`,
    `<rsl><content url="/"><license><permits>${fill('ai-train ')}</permits></license></content></rsl>`,
    fill('</rsl>'),
    fill('<rsl '),
    `<rsl>${fill('<![CDATA[')}</rsl>`,
    `<rsl>${fill('<?x ')}</rsl>`,
    `<rsl><__proto__/><constructor/></rsl>`,
  ]
  for (const shape of shapes) {
    const signals = rslSignals(bytes(shape), link, address, new URL(`https://news.example/${'a'.repeat(2000)}`))
    expect(signals.length).toBeLessThanOrEqual(4)
    expect(signals.every(({ raw }) => raw.length <= 256)).toBe(true)
  }
  expect(said(licensed('<prohibits>all</prohibits>') + ' '.repeat(300_000))).toEqual({ licence: 'unreadable' })
}, 20_000)
