import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runPython } from '../python.ts'
import { quernJson, root, scratch, type RunSummary } from '../quern.ts'
import { page } from './pages.ts'

interface Replay {
  readonly documents: number
  readonly before: unknown
  readonly after: unknown
  readonly enter: number
  readonly leave: number
  readonly tokensLeaving: number
  readonly policies: readonly string[]
}

const signals = JSON.stringify([
  { protocol: 'robots', place: 'robots.txt', agents: ['gptbot'], use: 'fetch', value: 'deny', line: 2, raw: 'Disallow: /' },
])

function record(type: string, url: string, fields: string, block: string): string {
  const head = `WARC/1.1\r\nWARC-Type: ${type}\r\nWARC-Target-URI: ${url}\r\nWARC-Date: 2026-11-01T00:00:00Z\r\n${fields}`
  return `${head}Content-Length: ${Buffer.byteLength(block)}\r\n\r\n${block}\r\n\r\n`
}

function response(name: string, headers: string, head: string, text: string): string {
  const html = `<html><head>${head}</head><body><article>${text
    .split('\n')
    .map((line) => `<p>${line}</p>`)
    .join('')}</article></body></html>`
  const block = `HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n${headers}\r\n${html}`
  return record('response', `https://pages.example/${name}`, `WARC-Record-ID: <urn:x:${name}>\r\nContent-Type: application/http\r\n`, block)
}

test(
  'text of denied pages is in no object, whoever dropped them; their rows and signals are in the ledger, for any other policy',
  { timeout: 240_000 },
  () => {
    const folder = scratch()
    const text = (n: number): string => page(n, 120)
    const secrets = ['Zwiebelkuchen', 'Quittenmus', 'Hagebutte', 'Sauerampfer']
    const records = [
      response('open', '', '<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">', text(1)),
      response('silent', '', '', text(2)),
      response('meta', '', '<meta name="robots" content="noai">', `${text(3)}\n${secrets[0]} im Herbst.`),
      response('header', 'TDM-Reservation: 1\r\n', '', `${text(4)}\n${secrets[1]} im Glas.`),
      response('robots', '', '', `${text(5)}\n${secrets[2]} am Weg.`),
      record('metadata', 'https://pages.example/robots', 'WARC-Concurrent-To: <urn:x:robots>\r\n', `rights-signals: ${signals}\r\n`),
      // Too short for the filter, which stands before: another rule names the drop.
      response('short', '', '<meta name="robots" content="noai">', `${secrets[3]} ist kurz.`),
      response('brief', '', '', 'Kurz und offen.'),
    ]
    writeFileSync(join(folder, 'pages.warc'), records.join(''))
    writeFileSync(
      join(folder, 'rights.yaml'),
      `name: rights
sources:
  - { use: warc, name: pages, licence: none, paths: [pages.warc] }
stages:
  - use: extract-html
  - use: language
    keep: [de]
    limits: { default: 0 }
  - use: gopher-quality
  - use: rights
  - use: tokenize
    tokenizer: ${join(root, 'data-samples/tokenizer.json')}
output:
  dataset: ./unused
  retain-dropped: all
`,
    )
    const out = join(folder, 'out')
    const summary = quernJson<RunSummary>(['run', join(folder, 'rights.yaml'), '--out', out])
    expect(summary).toMatchObject({ read: 7, kept: 2 })
    expect(summary.dropped).toEqual({ 'gopher-quality/too-few-words': 2, 'rights/directives': 1, 'rights/robots': 1, 'rights/tdmrep': 1 })

    const decoded = runPython(
      `
import duckdb, glob, json, sys
import pyarrow as pa
rows = duckdb.sql(f"select url, outcome, rights, policy, rights_evidence, dropped_text from read_parquet('{sys.argv[1]}/ledger/**/*.parquet')")
tables = [pa.ipc.open_file(path).read_all() for path in sorted(glob.glob(sys.argv[1] + '/**/*.arrow', recursive=True))]
print(json.dumps({'ledger': {row[0].rsplit('/', 1)[1]: row[1:] for row in rows.fetchall()}, 'texts': [row for table in tables if 'text' in table.column_names for row in table.to_pylist()]}, default=str, ensure_ascii=False))
`,
      [out],
    )
    const raw = readdirSync(out, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    for (const secret of secrets) for (const bytes of [decoded, ...raw]) expect(bytes.includes(secret)).toBe(false)

    const { ledger, texts } = JSON.parse(decoded) as { ledger: Record<string, readonly (string | null)[]>; texts: readonly Record<string, string>[] }
    expect(Object.fromEntries(Object.entries(ledger).map(([name, [, rights]]) => [name, rights]))).toEqual({
      open: 'allow',
      silent: 'unknown',
      meta: 'deny',
      header: 'deny',
      robots: 'deny',
      short: 'deny',
      brief: 'unknown',
    })
    expect(ledger['robots']?.[3]).toBe(signals)
    expect(ledger['brief']?.[4]).not.toBeNull()
    expect(['meta', 'header', 'robots', 'short'].map((name) => ledger[name]?.[4])).toEqual([null, null, null, null])
    expect(texts.filter(({ rights }) => rights !== undefined).map(({ rights, page_licence: licence }) => [rights, licence])).toEqual([
      ['allow', 'cc-by'],
      ['unknown', ''],
    ])

    writeFileSync(join(folder, 'free.yaml'), 'name: free\nversion: 1\ndenies: { robots: [fetch] }\nagents: [CCBot]\n')
    const strict = quernJson<Replay>(['rights', out, '--policy', 'strict'])
    expect(strict).toMatchObject({
      documents: 7,
      before: { allow: 1, deny: 4, unknown: 2 },
      after: { allow: 1, deny: 4, unknown: 2 },
      enter: 0,
      leave: 1,
    })
    expect(strict.tokensLeaving).toBeGreaterThan(0)
    expect(strict.policies).toHaveLength(1)
    const free = quernJson<Replay>(['rights', out, '--policy', join(folder, 'free.yaml')])
    expect(free).toMatchObject({ after: { allow: 0, deny: 0, unknown: 7 }, enter: 3, leave: 0, tokensLeaving: 0 })
    const why = quernJson<{ ledger: Record<string, string> }>(['why', out, 'https://pages.example/robots'])
    expect(why.ledger['rights_evidence']).toBe(signals)
    expect(quernJson(['verify', out])).toBeDefined()
  },
)
