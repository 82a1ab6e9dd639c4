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

test('links, sitemaps and news that name a language of the scope come before those of another', async () => {
  const names = (language: string): string[] => Array.from({ length: 12 }, (_, i) => `/${language}${i}`)
  const both = names('en').flatMap((path, i) => [path, names('mt')[i]!])
  const language = (path: string): string => path.slice(1, 3)
  const xml = (entries: readonly string[]): Reply => ({
    headers: { 'Content-Type': 'application/xml' },
    body: `<urlset>${entries.join('')}</urlset>`,
  })
  const served = await site((target) => {
    if (target === '/links') return { body: both.map((path) => `<a hreflang="${language(path)}" href="${path}">x</a>`).join('') }
    if (target === '/sitemap.xml')
      return xml([
        `<url><loc>/en0</loc>${both.map((path) => `<xhtml:link rel="alternate" hreflang="${language(path)}-EU" href="${path}"/>`).join('')}</url>`,
      ])
    if (target === '/news.xml')
      return xml(
        both.map(
          (path) =>
            `<url><loc>${path}</loc><news:news><news:publication><news:language>${language(path)}</news:language></news:publication></news:news></url>`,
        ),
      )
    return both.includes(target) ? written('', []) : undefined
  })
  for (const list of ['/links', '/sitemap.xml', '/news.xml']) {
    const before = served.seen.length
    await run(await folder(), [`${served.origin(1)}${list}`], { scope: { languages: ['mt'] }, budget: { pages: 13 } })
    const asked = served.seen.slice(before).map(({ target }) => target)
    expect(asked.filter((target) => both.includes(target)).sort()).toEqual(names('mt').sort())
  }
}, 60_000)
