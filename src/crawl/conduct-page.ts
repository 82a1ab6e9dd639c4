import { createHash } from 'node:crypto'
import type { Crawl } from '../config/crawl-file.ts'
import { formatDuration } from '../core/durations.ts'
import type { RightsProtocol } from '../core/rights.ts'
import { userAgent } from './user-agent.ts'

/** How a site says no, by protocol, as one would write it for this policy's first use of it. */
const ways: Readonly<Record<RightsProtocol, (use: string, agent: string) => readonly [where: string, line: string]>> = {
  robots: (_, agent) => ['robots.txt', `User-agent: ${agent}\nDisallow: /`],
  'content-usage': (use) => ['robots.txt or an HTTP header (AIPREF)', `Content-Usage: ${use}=n`],
  'content-signal': (use) => ['robots.txt or an HTTP header', `Content-Signal: ${use}=no`],
  tdmrep: () => ['an HTTP header, a meta element or /.well-known/tdmrep.json (TDMRep)', 'TDM-Reservation: 1'],
  rsl: (use) => ['an RSL document that robots.txt names (License:)', `<prohibits type="usage">${use === 'licence' ? 'ai-train' : use}</prohibits>`],
  directives: (use) => ['an HTTP header, or a meta element named robots', `X-Robots-Tag: ${use}`],
  licence: () => ['a link with rel="license"', 'the address of the licence'],
}

/**
 * A static page about a crawler, for the address that `agent.page` names: who it is, how it behaves, how to keep it out and
 * what is kept. The same crawl file and policy give the same bytes, so that the page changes when something does.
 */
export function conductPage({ config, policy, seeds }: Crawl): string {
  const { agent, politeness, limits, schedule, scope } = config
  const contact = agent.contact.includes('://') ? agent.contact : `mailto:${agent.contact}`
  const optOuts = Object.entries(policy.denies).flatMap(([protocol, uses]) => {
    const [use] = uses
    return use === undefined ? [] : [ways[protocol as RightsProtocol](use, agent.name)]
  })
  const hosts = [...new Set(seeds.map(({ host }) => host))]
  const reach = {
    prefix: 'the folders of its starting addresses',
    host: 'the hosts of its starting addresses',
    domain: 'the registrable domains of its starting addresses',
    any: 'any host that is linked to',
  }[scope.within]
  return document(`${agent.name}: a crawler`, [
    `<h1>${text(agent.name)}</h1>`,
    `<p>${text(config.description ?? `${agent.name} fetches web pages for text corpora.`)} What is collected serves ${policy.purpose === 'research' ? 'research' : 'the training of language models, also commercially'}.</p>`,
    section('Who it is', [
      definitions([
        ['Name in robots.txt', code(agent.name)],
        ['User-Agent', code(userAgent({ config }))],
        ['Contact', `<a href="${text(contact)}">${text(agent.contact)}</a>`],
        ...(agent.addresses.length === 0 ? [] : [['Addresses it comes from', list(agent.addresses.map(code))] as const]),
        [
          'Where it goes',
          `${text(reach)}: ${list(hosts.slice(0, mostHosts).map(code))}${hosts.length > mostHosts ? `and ${hosts.length - mostHosts} more` : ''}`,
        ],
      ]),
    ]),
    section('How it behaves', [
      list([
        'It follows robots.txt by RFC 9309, read anew every 24 hours. A site whose robots.txt cannot be reached, or answers with a server error, is not crawled.',
        `A host, and an address that several hosts share, is asked by one request at a time, with a pause of at least ${text(formatDuration(politeness.floor))}, longer where answers take long. Crawl-delay is kept up to ${text(formatDuration(politeness.cap))}; a host that asks for more is left out.`,
        'Retry-After is kept, in seconds and as a date; after 429 and 503 it waits longer each time.',
        `A page is visited again after ${text(formatDuration(schedule.least))} at the earliest, less often the less it changes, with If-None-Match and If-Modified-Since.`,
        `It takes at most ${limits.bytes.toLocaleString('en')} bytes of a page, runs no scripts, sends no forms and no cookies, goes around no login, paywall or captcha, and accepts no bad certificate.`,
      ]),
    ]),
    section('How to keep it out, or its use', [
      `<p>To keep it from fetching, name it in robots.txt:</p><pre>User-agent: ${text(agent.name)}\nDisallow: /</pre>`,
      optOuts.length === 0
        ? ''
        : `<p>To keep what it fetches from being used, any one of these is enough, for a site or for one page:</p><table><thead><tr><th scope="col">Where</th><th scope="col">What</th></tr></thead><tbody>${optOuts
            .map(([where, line]) => `<tr><td>${text(where)}</td><td><pre>${text(line)}</pre></td></tr>`)
            .join('')}</tbody></table>`,
      policy.agents.length === 0
        ? ''
        : `<p>Whoever shuts one of these crawlers out in robots.txt has reserved the right for ${text(agent.name)} too: ${policy.agents.map(code).join(', ')}.</p>`,
      `<p>What has been collected already is taken out on request: write to <a href="${text(contact)}">${text(agent.contact)}</a> with the address or domain.</p>`,
    ]),
    section('What is kept', [
      `<p>Pages with the requests and answers that led to them, and everything they said about rights when they were fetched. Of a page whose use is denied only its address, the head of the answer, the reason and a digest are kept, no text. Decisions follow the policy ${code(policy.id)}.</p>`,
    ]),
  ])
}

const mostHosts = 100
const mostEntries = 50

/**
 * The feed beside the page, with an entry for each time it changed; `before` is the feed so far. Undefined when the page is
 * the one of the newest entry: nothing is to be written.
 */
export function conductFeed(plan: Pick<Crawl, 'config'>, page: string, before: string | undefined, now: Date): string | undefined {
  const { agent } = plan.config
  const home = agent.page ?? `urn:crawler:${agent.name}`
  const digest = createHash('sha256').update(page).digest('hex')
  const id = `urn:sha256:${digest}`
  const entries = before?.match(/<entry>[^]*?<\/entry>/g) ?? []
  if (entries[0]?.includes(`<id>${id}</id>`) === true) return undefined
  const at = now.toISOString()
  const says = entries.length === 0 ? `How ${agent.name} behaves` : `What ${agent.name} does has changed`
  const link = agent.page === undefined ? '' : `<link href="${text(agent.page)}"/>`
  const entry = `<entry><id>${id}</id><title>${text(says)}</title><updated>${at}</updated>${link}<content type="html">${text(page)}</content></entry>`
  const author = `<author><name>${text(agent.contact)}</name></author>`
  const all = [entry, ...entries.slice(0, mostEntries - 1)].join('\n')
  return `<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><id>${text(home)}</id><title>${text(agent.name)}</title><updated>${at}</updated>${author}${link}\n${all}\n</feed>\n`
}

function document(title: string, parts: readonly string[]): string {
  const style =
    'body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}dt{font-weight:600}dd{margin:0 0 .5rem}pre{margin:0;white-space:pre-wrap}table{border-collapse:collapse}th,td{text-align:left;vertical-align:top;padding:.3rem 1rem .3rem 0}'
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${text(title)}</title><style>${style}</style>`
  return `<!doctype html>\n<html lang="en">\n<head>${head}</head>\n<body><main>\n${parts.filter((part) => part !== '').join('\n')}\n</main></body>\n</html>\n`
}

function section(title: string, parts: readonly string[]): string {
  return `<section><h2>${text(title)}</h2>\n${parts.filter((part) => part !== '').join('\n')}</section>`
}

function definitions(pairs: readonly (readonly [string, string])[]): string {
  return `<dl>${pairs.map(([name, value]) => `<dt>${text(name)}</dt><dd>${value}</dd>`).join('')}</dl>`
}

function list(items: readonly string[]): string {
  return `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`
}

function code(written: string): string {
  return `<code>${text(written)}</code>`
}

/** Safe as text and inside of quotes. */
function text(written: string): string {
  return written.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
