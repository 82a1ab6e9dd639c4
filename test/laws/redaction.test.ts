import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runPython } from '../python.ts'
import { quernJson, root, scratch, type RunSummary } from '../quern.ts'
import { page } from './pages.ts'

/** Nobody's, but in forms that redaction must find. */
const values = ['max.muster@firma-muster.de', 'DE89 3704 0044 0532 0130 00', '81.2.69.142', '+49 30 90182017', 'erika@firma-muster.de']

const found = `Anfragen an ${values[0]}, Konto ${values[1]}, Server ${values[2]}, Fax ${values[3]}.`

test('what a page says of people is in no object of a dataset, kept or dropped, and its placeholders are single ids', { timeout: 120_000 }, () => {
  const folder = scratch()
  const long = page(1, 120)
  const rows = [
    { id: 'kept', url: 'https://pages.example/kept', title: `Seite von ${values[4]}`, text: `${long}\n${found}` },
    // A near-duplicate: dropped behind redaction. And one that an earlier stage drops.
    { id: 'copy', url: 'https://pages.example/copy', text: `${long}\n${found} Ende.` },
    { id: 'short', url: 'https://pages.example/short', text: `Zu kurz. ${found}` },
    { id: 'spelt', url: 'https://pages.example/spelt', text: `${page(2, 120)}\nHier steht <|pii:email|> geschrieben.` },
  ]
  writeFileSync(join(folder, 'pages.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  writeFileSync(
    join(folder, 'redaction.yaml'),
    `name: redaction
sources:
  - use: jsonl
    name: pages
    licence: none
    paths: [pages.jsonl]
stages:
  - use: language
    keep: [de]
    limits: { default: 0 }
  - use: gopher-quality
  - use: redact-personal-data
    language: de
  - use: near-duplicates
    similarity: 0.8
  - use: tokenize
    tokenizer: ${join(root, 'data-samples/tokenizer.json')}
    redaction-tokens: [email, iban, ip, phone]
output:
  dataset: ./unused
  retain-dropped: all
`,
  )
  const out = join(folder, 'out')
  const summary = quernJson<RunSummary>(['run', join(folder, 'redaction.yaml'), '--out', out])
  expect(summary).toMatchObject({ read: 4, kept: 2 })
  expect(summary.dropped).toEqual({ 'gopher-quality/too-few-words': 1, 'near-duplicates/similar': 1 })

  // Bytes as they lie there, and what Arrow and Parquet make of them.
  const script = `
import duckdb, glob, json, sys
import pyarrow as pa
folder = sys.argv[1]
rows = duckdb.sql(f"select * from read_parquet('{folder}/ledger/**/*.parquet') order by url")
ledger = [dict(zip(rows.columns, row)) for row in rows.fetchall()]
tables = {path: pa.ipc.open_file(path).read_all() for path in sorted(glob.glob(folder + '/**/*.arrow', recursive=True))}
shards = [table for path, table in tables.items() if '/data/' in path]
print(json.dumps({
    'ledger': ledger,
    'rows': [row for table in tables.values() for row in table.to_pylist()],
    'metadata': {key.decode(): value.decode() for key, value in shards[0].schema.metadata.items()},
    'ids': [row for table in shards for row in table['input_ids'].to_pylist()],
}, default=str))
`
  const decoded = runPython(script, [out])
  const raw = readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
  for (const value of values) for (const bytes of [decoded, ...raw]) expect(bytes.includes(value)).toBe(false)

  const { ledger, rows: written, metadata, ids } = JSON.parse(decoded) as Decoded
  const line = 'Anfragen an <|pii:email|>, Konto <|pii:iban|>, Server <|pii:ip|>, Fax <|pii:phone|>.'
  const texts = written.flatMap(({ text }) => (typeof text === 'string' ? [text] : []))
  expect(texts).toHaveLength(4)
  expect(texts.filter((text) => text.includes(line))).toHaveLength(3)
  expect(texts.some((text) => text.includes('Hier steht <¦pii:email|> geschrieben.'))).toBe(true)
  const counted = ['pii_email', 'pii_iban', 'pii_ip', 'pii_phone', 'pii_spelt'].map((name) => ledger.map((row) => row[name]))
  // copy, kept, short, spelt
  expect(counted).toEqual([
    [1, 1, 1, 0],
    [1, 1, 1, 0],
    [1, 1, 1, 0],
    [1, 1, 1, 0],
    [0, 0, 0, 1],
  ])

  const special = Object.values(metadata).find((value) => value.includes('"<|pii:email|>"')) ?? '{}'
  const named = JSON.parse(special) as Readonly<Record<string, number>>
  const own = ['email', 'iban', 'ip', 'phone'].map((type) => named[`<|pii:${type}|>`]!)
  expect(new Set(own).size).toBe(4)
  const often = (document: readonly number[]) => own.map((id) => document.filter((one) => one === id).length)
  expect(ids.map(often)).toEqual([
    [1, 1, 1, 1],
    [0, 0, 0, 0],
  ])
})

interface Decoded {
  readonly ledger: readonly Readonly<Record<string, unknown>>[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly metadata: Readonly<Record<string, string>>
  readonly ids: readonly (readonly number[])[]
}
