import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { QuernError } from '../core/errors.ts'
import { answer, type AuditContext } from './routes.ts'

const pages = new URL('../../dist/web/', import.meta.url)

/**
 * The page with its answers in one file, to be handed on: overview, rules with their histograms, languages, labels and
 * what changed since the snapshot before. It holds counts and names of hosts, and no text of any document; nothing in it
 * asks another machine. About 40 kB a rule with 25 languages.
 */
export async function writeReport(context: AuditContext, folder: string, onAnswer: (question: string) => void = () => undefined): Promise<string> {
  const answers: Record<string, unknown> = {}
  const put = async (question: string, query: Readonly<Record<string, string>> = {}) => {
    onAnswer(question)
    const given = await answer(context, `GET ${question}`, new URLSearchParams(query), undefined)
    answers[JSON.stringify([question, Object.entries(query).toSorted(([a], [b]) => (a < b ? -1 : 1))])] = given
    return given
  }
  await put('snapshots')
  const overview = (await put('overview')) as { readonly version: number; readonly parent: number | null }
  for (const { name } of (await put('rules')) as readonly { readonly name: string }[]) await put('rule', { name })
  await put('languages')
  await put('label-report')
  // A snapshot that retention removed cannot be compared any more; the report is whole without it.
  if (overview.parent !== null) await put('compare', { before: String(overview.parent), after: String(overview.version) }).catch(() => undefined)
  const [html, script, style] = await Promise.all(['index.html', 'page.js', 'page.css'].map(readPage))
  const whole = html!
    .replace('<link rel="stylesheet" href="/page.css" />', () => `<style>${style}</style>`)
    .replace('<script type="module" src="/page.js"></script>', '')
    .replace(
      '</body>',
      () =>
        `<script type="application/json" id="answers">${inScript(JSON.stringify(answers))}</script>\n<script type="module">${inScript(script!)}</script>\n</body>`,
    )
  await mkdir(folder, { recursive: true })
  const path = join(folder, `quern-audit-${overview.version}.html`)
  await writeFile(path, whole)
  return path
}

async function readPage(name: string): Promise<string> {
  return readFile(new URL(name, pages), 'utf8').catch((cause: unknown) => {
    throw new QuernError('missing-file', `the audit page has not been built: ${name} is missing`, { remedy: 'Run npm ci.', cause })
  })
}

/** What ends a script element early, or starts a comment in it, is written otherwise; both JSON and JavaScript strings mean the same by it. */
function inScript(text: string): string {
  return text.replaceAll('</', String.raw`<\/`).replaceAll('<!--', String.raw`<\!--`)
}
