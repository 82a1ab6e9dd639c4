import { readFile, writeFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { type Crawl, loadCrawl } from '../config/crawl-file.ts'
import { formatDuration } from '../core/durations.ts'
import { QuernError } from '../core/errors.ts'
import { formatSize } from '../core/sizes.ts'
import { graceMilliseconds } from '../crawl/conduct.ts'
import { conductFeed, conductPage } from '../crawl/conduct-page.ts'
import { crawl as runCrawl, type CrawlState } from '../crawl/crawl.ts'
import type { CrawlReport } from '../crawl/tally.ts'
import type { Command, Terminal } from './command.ts'
import { statusLine } from './crawl-status.ts'

const plainMilliseconds = 10_000
/** One Ctrl-C arrives twice where npx, or an old Node that starts the pinned one, passes it on to a process that the terminal told too. */
const echoMilliseconds = 300

const crawl: Command = {
  name: 'crawl',
  summary: 'Fetch what a crawl file asks for into WARC files, politely; go on where it was stopped, or fetch what is due again.',
  args: [{ name: 'crawl', summary: 'The crawl file (YAML).', required: true }],
  options: [
    { flags: '--out <url>', summary: 'Where the files go: a folder, file:// URL or s3://bucket/prefix, instead of out.' },
    { flags: '--set <path=value...>', summary: 'Override a value of the crawl file, such as budget.pages=1000.' },
    {
      flags: '--conduct-page <file>',
      summary: 'Fetch nothing: write a page about the crawler (HTML), and beside it a feed of its changes (.atom), for `agent.page`.',
    },
    { flags: '--json', summary: 'Print one JSON object on standard output and nothing else.' },
  ],
  async run({ args, options }, terminal) {
    const { out, set } = options
    const plan = await loadCrawl(args[0] ?? '', { out: typeof out === 'string' ? out : undefined, set: Array.isArray(set) ? (set as string[]) : [] })
    if (typeof options['conductPage'] === 'string') return writeConduct(plan, options['conductPage'], terminal)
    const stop = new AbortController()
    let stopped: { readonly status: number; readonly at: number } | undefined
    const interrupt = (signal: NodeJS.Signals): void => {
      if (stopped === undefined) {
        stopped = { status: 128 + constants.signals[signal], at: Date.now() }
        terminal.note(
          `stopping: answers on their way get ${formatDuration(graceMilliseconds)}, then the files are finished; a second signal stops at once`,
        )
        stop.abort()
      } else if (Date.now() - stopped.at > echoMilliseconds) process.exit(stopped.status)
    }
    process.on('SIGINT', interrupt)
    process.on('SIGTERM', interrupt)
    try {
      const report = await runCrawl(plan, { signal: stop.signal, status: shower(terminal) })
      terminal.progress('')
      terminal.json(report)
      print(terminal, report)
      if (plan.state !== plan.out) terminal.print(`The frontier and unfinished files are in ${plan.state}`)
      if (report.ended !== 'interrupted' || stopped === undefined) return 0
      terminal.note(`stopped; the same command goes on from here: quern crawl ${args[0]}`)
      return stopped.status
    } finally {
      process.off('SIGINT', interrupt)
      process.off('SIGTERM', interrupt)
    }
  },
}

export default crawl

/** Touches neither file when nothing has changed: whoever follows them is told of changes only. */
async function writeConduct(plan: Crawl, file: string, terminal: Terminal): Promise<number> {
  const feedFile = `${file.replace(/\.x?html?$/i, '')}.atom`
  const page = conductPage(plan)
  const feed = conductFeed(plan, page, await readFile(feedFile, 'utf8').catch(() => undefined), new Date())
  const changed = feed !== undefined || (await readFile(file, 'utf8').catch(() => undefined)) !== page
  try {
    if (changed) await writeFile(file, page)
    if (feed !== undefined) await writeFile(feedFile, feed)
  } catch (cause) {
    throw new QuernError('output-not-writable', `writing ${file}: ${(cause as Error).message}`, {
      remedy: 'Name a file in a folder that you may write into.',
      cause,
    })
  }
  terminal.print(changed ? `wrote ${file} and ${feedFile}` : `${file} is as it should be`)
  terminal.json({ page: file, feed: feedFile, changed })
  return 0
}

/** A line that redraws on a terminal, one every ten seconds elsewhere. */
function shower(terminal: Terminal): (state: CrawlState) => void {
  let noted = Date.now()
  return (state) => {
    if (terminal.interactive) terminal.progress(statusLine(state))
    else if (Date.now() - noted >= plainMilliseconds) {
      noted = Date.now()
      terminal.note(statusLine(state))
    }
  }
}

function print(terminal: Terminal, report: CrawlReport): void {
  const count = (n: number): string => n.toLocaleString('en').padStart(12)
  const nothing = report.fetched === 0 && report.unchanged === 0
  // A host that cannot be reached must not read like a night without news.
  const tried = [report.denied, report.failed, report.left].some((counts) => Object.keys(counts).length > 0)
  if (nothing)
    terminal.print(
      report.ended === 'interrupted'
        ? 'stopped before anything was fetched'
        : tried
          ? 'nothing was fetched: what was asked for was denied or failed'
          : 'nothing new: nothing is due',
    )
  terminal.print(
    `  fetched    ${count(report.fetched)}   ${formatSize(report.bytes)} from ${report.hosts.toLocaleString('en')} ${report.hosts === 1 ? 'host' : 'hosts'}`,
  )
  terminal.print(`  unchanged  ${count(report.unchanged)}`)
  terminal.print(`  redirected ${count(report.redirected)}`)
  terminal.print(`  seconds    ${report.seconds.toFixed(1).padStart(12)}   ended: ${report.ended}`)
  for (const [title, counts] of [
    ['Denied', report.denied],
    ['Failed', report.failed],
  ] as const) {
    const reasons = Object.entries(counts).sort((a, b) => b[1] - a[1])
    if (reasons.length > 0) terminal.print(`\n${title}`)
    for (const [reason, n] of reasons) terminal.print(`  ${reason.padEnd(24)} ${count(n)}`)
  }
  const traps = Object.entries(report.traps)
  if (traps.length > 0) terminal.print('\nTraps')
  for (const [host, named] of traps)
    terminal.print(
      `  ${host.padEnd(24)} ${Object.entries(named)
        .map(([trap, n]) => `${trap} ${n}`)
        .join(', ')}`,
    )
  for (const [host, why] of Object.entries(report.left)) terminal.print(`  ${host} was left: ${why}`)
  if (report.warcs.length > 0)
    terminal.print(`\n${report.warcs.length} ${report.warcs.length === 1 ? 'file' : 'files'}, the last ${report.warcs.at(-1)}`)
}
