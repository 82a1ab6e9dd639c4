import { expect, test } from 'vitest'
import { folder, run, site } from './crawling.ts'
import { type HostScript, type Reply } from './site/site.ts'

const maltese = 'Il-Parlament approva l-liġi l-ġdida dwar l-ambjent wara dibattitu twil li fih ħadu sehem id-deputati taż-żewġ naħat tal-Kamra. '
const english = 'The parliament passed the new law on the environment after a long debate in which members of both sides took part. '

function written(text: string, links: readonly string[]): Reply {
  return { body: `<html><body><p>${text.repeat(6)}</p>${links.map((link) => `<a href="${link}">x</a>`).join('')}</body></html>` }
}

/** A hundred pages under /mt/ in Maltese and under /en/ in English, linked from the home page. */
const bilingual: HostScript = (target) => {
  if (target === '/') return written(english, Array.from({ length: 60 }, (_, i) => [`/en/${i}`, `/mt/${i}`]).flat())
  const number = Number(/\d+$/.exec(target)?.[0] ?? -1)
  if (number < 0 || number >= 300) return undefined
  const folder = target.slice(0, 4)
  return written(
    folder === '/mt/' ? maltese : english,
    [1, 2].map((i) => `${folder}${number * 2 + i}`),
  )
}

test('a budget goes to the languages of the scope, and the share of useful pages is reported', async () => {
  const served = await site(bilingual)
  const budget = { pages: 120 }
  const scope = { languages: ['mt'] }
  const plain = await run(await folder(), [served.origin(1)], { budget })
  const without = served.seen.filter(({ target }) => target.startsWith('/mt/')).length
  const report = await run(await folder(), [served.origin(1)], { budget, scope })
  const guided = served.seen.filter(({ target }) => target.startsWith('/mt/')).length - without
  expect(plain.ended).toBe('budget')
  expect(report.ended).toBe('budget')
  expect(guided).toBeGreaterThan(1.2 * without)
  expect(Object.values(report.useful)[0]).toBeGreaterThan(0.6)
}, 60_000)

test('a host that gives nothing is left', async () => {
  const served = await site((target, request) => (target.startsWith('/mt/') ? undefined : bilingual(target, request)))
  const report = await run(await folder(), [served.origin(1)], { scope: { languages: ['mt'] } })
  expect(Object.values(report.left)).toEqual(['other-languages'])
  expect(report.fetched).toBeLessThan(60)
}, 60_000)
