import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { root } from '../quern.ts'

/** Debian's package, or what the variable names; `.ci/run` installs it. */
const executable = process.env['QUERN_TEST_CHROMIUM'] ?? '/usr/bin/chromium'
const shots = join(root, '.cache', 'screenshots')

export interface Opened {
  readonly page: Page
  readonly browser: Browser
  /** With the token. */
  readonly url: string
  /** Everything the page's console said that was no log, and every address it asked for elsewhere. */
  readonly complaints: string[]
  /** Kept under .cache/screenshots, to be looked at. */
  shot(name: string): Promise<void>
  /** A place of the page, `/rules` or the like. */
  go(place: string): Promise<void>
  /** Kills the server without warning, and starts another. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** Starts `quern audit` as a person would, and a real browser on the address that it prints. */
export async function openAudit(dataset: string, options: readonly string[] = [], dark = false): Promise<Opened> {
  if (!existsSync(executable)) throw new Error(`Chromium is missing at ${executable}: apt-get install chromium, or set QUERN_TEST_CHROMIUM`)
  let server = await start(dataset, options)
  const browser = await chromium.launch({ executablePath: executable, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] })
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: dark ? 'dark' : 'light', locale: 'en-GB' })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url())
    if (protocol !== 'data:' && protocol !== 'about:' && protocol !== 'blob:' && hostname !== '127.0.0.1')
      complaints.push(`asked for ${request.url()}`)
  })
  await page.goto(server.url)
  mkdirSync(shots, { recursive: true })
  return {
    page,
    browser,
    get url() {
      return server.url
    },
    complaints,
    shot: async (name) => {
      await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true })
    },
    go: async (place) => {
      await page.evaluate(`location.hash = ${JSON.stringify(`#${place}`)}`)
    },
    async restart() {
      server.kill('SIGKILL')
      server = await start(dataset, options)
      await page.goto('about:blank')
      await page.goto(server.url)
    },
    async close() {
      await browser.close()
      server.kill('SIGTERM')
    },
  }
}

async function start(dataset: string, options: readonly string[]): Promise<{ readonly url: string; kill(signal: NodeJS.Signals): void }> {
  const child = spawn(process.execPath, [join(root, 'bin', 'quern.mjs'), 'audit', dataset, '--json', ...options], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  for await (const part of child.stdout as AsyncIterable<Buffer>) {
    said += part.toString()
    if (said.includes('\n')) return { url: (JSON.parse(said) as { url: string }).url, kill: (signal) => child.kill(signal) }
  }
  throw new Error(`quern audit ended: ${said}`)
}
