// A site for benches and for trying things out: node serve.ts HOSTS PAGES; prints port and pages, and on SIGTERM what was seen.
import { largeSite } from './large-site.ts'
import { serveSite } from './site.ts'

const [hosts = 28, pagesPerHost = 1072] = process.argv.slice(2).map(Number)
let port = 0
const large = largeSite({ hosts, pagesPerHost, slow: 20, port: () => port })
const site = await serveSite(large.scripts)
port = Number(new URL(site.origin(1)).port)
process.stdout.write(`${JSON.stringify({ port, pages: hosts * large.expected(1).length })}\n`)
process.on('SIGTERM', () => {
  const pages = new Set(
    site.seen.filter(({ status, target }) => status === 200 && target.startsWith('/section-')).map(({ host, target }) => host + target),
  )
  const disallowed = site.seen.filter(({ target }) => target.startsWith('/secret') && target !== '/secret/open').length
  process.stdout.write(`${JSON.stringify({ requests: site.seen.length, pages: pages.size, disallowed })}\n`, () => process.exit(0))
})
