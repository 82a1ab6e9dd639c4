import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readSnapshot } from '../src/dataset/snapshot.ts'
import { openStore } from '../src/storage/store.ts'
import { batchRows, publishBigLedger } from './input/big-ledger.ts'
import { measuredQuern } from './profile/measured-run.ts'
import type { Bench } from './run.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const documents = Number(process.env['QUERN_BENCH_DOCUMENTS'] ?? 5_000_000)
/** A folder that keeps the ledgers for another run; making them takes minutes. */
const kept = process.env['QUERN_BENCH_KEEP']
const warmRounds = 5

/** A question as the page asks it; several bodies or queries are asked in turn, so that none is answered from the last. */
interface Question {
  readonly page: string
  readonly ask: string
  readonly query?: Readonly<Record<string, string>>
  readonly bodies?: readonly unknown[]
}

interface Timing {
  readonly page: string
  readonly question: string
  readonly coldMs: number
  /** The slowest of the rounds after the first. */
  readonly warmMs: number
  /** CPU of all threads of the server: what a loaded machine does not blur. */
  readonly coldCpuMs: number
  readonly warmCpuMs: number
  readonly bytes: number
}

const bench: Bench = {
  name: 'audit',
  summary: 'Every question of every page of `quern audit` on a ledger of millions of documents, as the browser asks them: first and again.',
  async measure({ say }) {
    const work = kept ?? mkdtempSync(join(tmpdir(), 'quern-bench-'))
    try {
      const dataset = join(work, 'dataset')
      const pipeline = await makeDataset(work, dataset, say)
      const started = performance.now()
      const server = await startAudit(dataset, pipeline)
      const opening = { seconds: (performance.now() - started) / 1000, ...usageOf(server.pid) }
      say(`open after ${opening.seconds.toFixed(1)} s`)
      const timings: Timing[] = []
      try {
        for (const question of await questions(server)) {
          const timing = await time(server, question)
          say(`${timing.page}, ${timing.question}: ${Math.round(timing.coldMs)} ms, then ${Math.round(timing.warmMs)} ms`)
          timings.push(timing)
        }
      } finally {
        server.kill()
      }
      const slow = timings.filter(({ coldMs, warmMs }) => Math.max(coldMs, warmMs) >= 1000)
      return {
        input: { documents, snapshots: 2 },
        ours: {
          opening,
          peakMiB: server.usage().peakMiB,
          slowestColdMs: Math.max(...timings.map(({ coldMs }) => coldMs)),
          slowestWarmMs: Math.max(...timings.map(({ warmMs }) => warmMs)),
          overOneSecond: slow.map(({ page, question }) => `${page}: ${question}`),
          timings,
        },
        peers: {},
        ratio: {},
      }
    } finally {
      if (kept === undefined) rmSync(work, { recursive: true, force: true })
    }
  },
}

export default bench

/** Two small real snapshots under two sets of rules, and behind them two large ones made after their likeness. Returns the second's pipeline. */
async function makeDataset(work: string, dataset: string, say: (line: string) => void): Promise<string> {
  const [before, after] = [writePipeline(work, 'before', ''), writePipeline(work, 'after', ', min-words: 120')]
  if (existsSync(join(dataset, 'snapshots', '00000000000000000004.json'))) return after
  rmSync(dataset, { recursive: true, force: true })
  await measuredQuern(['run', before, '--out', dataset, '--json'], {}, work)
  await measuredQuern(['run', after, '--out', dataset, '--rebuild', '--json'], {}, work)
  const store = await openStore(dataset)
  const [first, second] = [await readSnapshot(store, 1), await readSnapshot(store, 2)]
  const third = await publishBigLedger(store, first, second, documents, 0, say)
  // Some documents are gone, as many are new, and the rest was judged again.
  await publishBigLedger(store, second, third, documents, 2 * batchRows, say)
  return after
}

function writePipeline(work: string, name: string, quality: string): string {
  const file = join(work, `${name}.yaml`)
  const source = (archive: string) => `  - { use: warc, name: ${archive}, licence: mixed, paths: ['${root}data-samples/${archive}.warc.gz'] }`
  writeFileSync(
    file,
    `name: audited
sources:
${['udhr', 'hard-cases', 'debian-docs'].map(source).join('\n')}
stages:
  - use: extract-html
  - use: language
  - use: mixed-language
  - use: gopher-repetition
  - use: c4
  - { use: gopher-quality${quality} }
  - use: fineweb
  - use: web-docs-score
  - use: exact-duplicates
  - use: near-duplicates
  - { use: tokenize, tokenizer: '${root}data-samples/tokenizer.json' }
output: { dataset: dataset, retain-dropped: all }
`,
  )
  return file
}

interface Server {
  readonly pid: number
  ask(question: Question, body: unknown): Promise<{ readonly bytes: number; readonly answer: unknown }>
  usage(): { readonly cpuSeconds: number; readonly peakMiB: number }
  kill(): void
}

async function startAudit(dataset: string, pipeline: string): Promise<Server> {
  const child = spawn(process.execPath, [join(root, 'bin/quern.mjs'), 'audit', dataset, '--pipeline', pipeline, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  for await (const part of child.stdout as AsyncIterable<Buffer>) {
    said += part.toString()
    if (said.includes('\n')) break
  }
  const url = new URL((JSON.parse(said) as { url: string }).url)
  const token = new URLSearchParams(url.hash.slice(1)).get('token') ?? ''
  const pid = child.pid ?? 0
  let last = usageOf(pid)
  return {
    pid,
    async ask({ ask, query = {} }, body) {
      const [method = 'GET', name = ''] = ask.split(' ')
      const response = await fetch(`${url.origin}/api/${name}?${new URLSearchParams(query)}`, {
        method,
        headers: { 'x-quern-token': token, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${ask}: ${response.status} ${text}`)
      last = usageOf(pid)
      return { bytes: text.length, answer: JSON.parse(text) as unknown }
    },
    usage: () => last,
    kill: () => child.kill('SIGTERM'),
  }
}

/** From Linux's own books: user and system time of all threads, and the most memory that was resident at once. */
function usageOf(pid: number): { readonly cpuSeconds: number; readonly peakMiB: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100, peakMiB: Number(peak) / 1024 }
}

async function time(server: Server, question: Question): Promise<Timing> {
  const { page, ask, query = {}, bodies = [undefined] } = question
  const rounds: { ms: number; cpuMs: number; bytes: number }[] = []
  for (let round = 0; round <= warmRounds; round++) {
    const before = usageOf(server.pid).cpuSeconds
    const started = performance.now()
    const { bytes } = await server.ask(question, bodies[round % bodies.length])
    rounds.push({ ms: performance.now() - started, cpuMs: (usageOf(server.pid).cpuSeconds - before) * 1000, bytes })
  }
  const [cold, ...warm] = rounds
  return {
    page,
    question: [ask, ...Object.entries(query).map(([name, value]) => `${name}=${value}`)].join(' '),
    coldMs: cold!.ms,
    warmMs: Math.max(...warm.map(({ ms }) => ms)),
    coldCpuMs: cold!.cpuMs,
    warmCpuMs: warm.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / warm.length,
    bytes: cold!.bytes,
  }
}

/** What a person's clicks ask, page by page, with documents and moves that the server named itself. */
async function questions(server: Server): Promise<readonly Question[]> {
  const rule = 'gopher-quality/too-few-words'
  const limits = [30, 60, 90, 150, 200, 300]
  const change = (of: string, language: string | null, values: readonly number[]) =>
    values.map((value) => ({ changes: [{ rule: of, language, value }] }))
  // Seeds that no run before has asked for: a stored batch is only looked up.
  const draws = Array.from({ length: warmRounds + 1 }, (_, i) => ({ annotator: 'bench', seed: Date.now() + i }))
  const first = (list: unknown) => (list as { rows: { document: string }[] }).rows[0]!.document
  const asked: Question[] = [
    { page: 'any', ask: 'GET snapshots' },
    { page: 'overview', ask: 'GET overview' },
    { page: 'rules', ask: 'GET rules' },
    { page: 'rule', ask: 'GET rule', query: { name: rule } },
    { page: 'rule', ask: 'GET documents', query: { measure: 'words', near: '120', side: 'below', limit: '15' } },
    { page: 'rule', ask: 'GET documents', query: { measure: 'words', near: '120', side: 'above', limit: '15' } },
    { page: 'rule', ask: 'POST replay', query: { limit: 'of all languages' }, bodies: change(rule, null, limits) },
    { page: 'rule', ask: 'POST replay', query: { limit: 'of one language' }, bodies: change(rule, 'de', limits) },
    { page: 'rule', ask: 'GET rule', query: { name: 'language/low-score' } },
    { page: 'rule', ask: 'GET rule', query: { name: 'gopher-repetition/top-2-gram' } },
    {
      page: 'rule',
      ask: 'POST replay',
      query: { limit: 'of another rule' },
      bodies: change('gopher-repetition/top-4-gram', null, [0.05, 0.1, 0.15, 0.2, 0.25, 0.3]),
    },
    { page: 'documents', ask: 'GET documents', query: { limit: '100' } },
    { page: 'documents', ask: 'GET documents', query: { language: 'de', fate: 'kept', limit: '100' } },
    { page: 'documents', ask: 'GET documents', query: { fate: rule, limit: '100' } },
    { page: 'documents', ask: 'GET documents', query: { source: 'news', fate: 'dropped', limit: '100' } },
    { page: 'documents', ask: 'GET documents', query: { host: 'www.host-77.example', limit: '100' } },
    { page: 'documents', ask: 'GET documents', query: { where: 'alphabetic_words>=0.7 alphabetic_words<0.8', language: 'pl', limit: '100' } },
    { page: 'documents', ask: 'GET documents', query: { rule: 'gopher-quality/too-few-alphabetic-words', side: 'below', limit: '100' } },
    { page: 'documents', ask: 'GET search', query: { words: 'und', language: 'de', fate: 'kept', limit: '20' } },
    // Nothing of this snapshot has been read before.
    { page: 'documents', ask: 'GET documents', query: { snapshot: '3', language: 'de', limit: '100' } },
    { page: 'languages', ask: 'GET languages' },
    { page: 'compare', ask: 'GET compare', query: { before: '3', after: '4' } },
    { page: 'compare', ask: 'GET compare', query: { before: '4', after: '3' } },
    { page: 'compare', ask: 'GET pipelines' },
    { page: 'compare', ask: 'GET compare-pipelines', query: { before: 'before.yaml', after: '' } },
    { page: 'compare', ask: 'GET compare-pipelines', query: { before: '', after: 'before.yaml' } },
    { page: 'labels', ask: 'POST draw', query: { seed: 'another' }, bodies: draws },
    { page: 'labels', ask: 'GET label-report' },
  ]
  for (const fate of ['kept', 'near-duplicates/similar', rule]) {
    const { answer } = await server.ask({ page: '', ask: 'GET documents', query: { fate, limit: '1', seed: '7' } }, undefined)
    asked.push({ page: 'document', ask: 'GET document', query: { id: first(answer) } })
  }
  return asked
}
