import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tmpdir } from 'node:os'
import { quern, quernJson, reachable, root, startQuern, type RunSummary } from '../quern.ts'
import { page, random } from './pages.ts'

const tokenizer = join(root, 'data-samples/tokenizer.json')
const kills = Number(process.env['QUERN_KILLS'] ?? 4)

interface Erased {
  readonly snapshot: number
  readonly erasure: {
    readonly promoted: { readonly documents: number }
    readonly renamed: number
    readonly waiting: { readonly documents: number; readonly ids: string[] }
    readonly objects: string[]
  }
}

interface Story {
  readonly document: string
  readonly outcome: string
  readonly stage: string | null
  readonly survivor: string | null
  readonly similarity: number | null
  readonly url: string | null
  readonly measures: object
  readonly shard: string | null
  readonly ledger: { readonly url: string | null; readonly file: string }
}

let folder = ''
let base = ''

/** Page `number` as a source has it: `edits` of its words are others. */
function write(file: string, source: string, rows: readonly { number: number; edits?: number; url?: string }[]): void {
  const lines = rows.map(({ number, edits = 0, url }, i) =>
    JSON.stringify({ id: `${file}-${i}`, url: url ?? `https://${source}.example/${file}/${i}`, text: page(number, 200, edits, i + 17) }),
  )
  writeFileSync(join(folder, `${file}.jsonl`), `${lines.join('\n')}\n`)
}

function pipeline(nights: number, retain = 'all'): string {
  const paths = (source: string): string => JSON.stringify(Array.from({ length: nights }, (_, i) => `${source}-${i}.jsonl`))
  const file = join(folder, `n${nights}-${retain}.yaml`)
  writeFileSync(
    file,
    `name: erase
sources:
  - { use: jsonl, name: bad, licence: unclear, paths: ${paths('bad')} }
  - { use: jsonl, name: good, licence: CC0-1.0, paths: ${paths('good')} }
stages:
  - { use: language, keep: [de, nl, en, lb, nds, af, da, sv], limits: { default: 0 } }
  - { use: url-duplicates }
  - { use: exact-duplicates }
  - { use: near-duplicates, similarity: 0.8 }
  - { use: tokenize, tokenizer: ${tokenizer} }
output: { dataset: ./unused, shard-bytes: 65536, retain-dropped: ${retain} }
`,
  )
  return file
}

/** Pages 0 to 9 come from `bad` first; `good` has copies of some, twice, and pages of its own. Two nights. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quern-test-'))
  const pages = (from: number, count: number) => Array.from({ length: count }, (_, i) => ({ number: from + i }))
  write('bad-0', 'bad', pages(0, 10))
  write('good-0', 'good', [
    { number: 0 },
    { number: 1, edits: 0.01 },
    { number: 0, edits: 0.01 },
    { number: 900, url: 'https://bad.example/bad-0/5' },
    ...pages(50, 60),
  ])
  write('bad-1', 'bad', pages(20, 4))
  write('good-1', 'good', [{ number: 2 }, { number: 1 }, { number: 50 }, { number: 20 }, ...pages(150, 5)])
  base = join(folder, 'base')
  quernJson<RunSummary>(['run', pipeline(1), '--out', base])
  quernJson<RunSummary>(['run', pipeline(2), '--out', base])
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const why = (out: string, which: string): Story => quernJson<Story>(['why', out, which])
const copyOf = (name: string): string => {
  const out = join(folder, name)
  cpSync(base, out, { recursive: true })
  return out
}
const eraseArgs = (out: string): string[] => ['suppress', out, '--source', 'bad', '--apply', '--tokenizer', tokenizer, '--reason', 'test']

/** Everything under a folder of the dataset, as one string of bytes. */
function contentOf(out: string, prefix: string): Buffer {
  if (!existsSync(join(out, prefix))) return Buffer.alloc(0)
  const files = readdirSync(join(out, prefix), { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  return Buffer.concat(files.map((one) => readFileSync(join(one.parentPath, one.name))))
}

/** What the newest snapshot reaches, without older ones. */
function newest(out: string): Record<string, string> {
  const last = readdirSync(join(out, 'snapshots')).sort().at(-1) ?? ''
  const facts = reachable(out)
  const snapshot = JSON.parse(facts[last] ?? '{}') as Record<string, unknown>
  const text = readFileSync(join(out, 'snapshots', last), 'utf8')
  const lists = Object.keys(facts).filter((path) => text.includes(path))
  return { snapshot: JSON.stringify({ ...snapshot, version: 0 }), ...Object.fromEntries(lists.map((path) => [path, facts[path] ?? ''])) }
}

interface Counted {
  readonly documents: { readonly kept: number }
  readonly tokens: number
  readonly bySource: Readonly<Record<string, { readonly documents: number; readonly tokens: number }>>
}

describe('suppress --apply', () => {
  test('takes a source out, lets its duplicates in by the rules of a night, and verify holds', { timeout: 120_000 }, () => {
    const out = copyOf('whole')
    const refused = quern(eraseArgs(copyOf('refused')).filter((arg) => arg !== '--tokenizer' && arg !== tokenizer))
    expect(refused.err).toMatch(/Name its file with --tokenizer/)
    const before = Object.fromEntries([0].map((i) => [i, why(out, `https://good.example/good-0/${i}`)]))
    const erased = why(out, 'https://bad.example/bad-0/7')
    const survivor = why(out, 'https://bad.example/bad-0/0')
    expect(before[0]).toMatchObject({ outcome: 'dropped', survivor: survivor.document })
    const done = quernJson<Erased>(eraseArgs(out))
    expect(done).toMatchObject({ snapshot: 4, erasure: { waiting: { documents: 0 } } })
    // Pages 0, 1, 2, 20 and the one under an erased address; the second copies of 0 and 1 name the first.
    expect(done.erasure.promoted.documents).toBe(5)
    expect(done.erasure.renamed).toBe(2)
    const first = why(out, 'https://good.example/good-0/0')
    expect(first).toMatchObject({ outcome: 'kept', stage: null, survivor: null })
    const second = why(out, 'https://good.example/good-0/2')
    expect(second).toMatchObject({ outcome: 'dropped', stage: 'near-duplicates', survivor: first.document })
    expect(second.similarity).toBeGreaterThanOrEqual(0.8)
    const gone = why(out, erased.document)
    expect(gone).toMatchObject({ outcome: 'dropped', stage: 'suppressed', url: null, shard: null, measures: {}, suppressed: true })
    expect(gone.ledger.file).toBe('bad-0.jsonl')
    expect(quernJson(['verify', out])).toMatchObject({ ok: true })
    expect(quernJson(['verify', out, '--snapshot', '2'])).toMatchObject({ ok: true })
    expect(quernJson<{ bySource: object }>(['suppress', out, '--source', 'bad', '--dry-run'])).toMatchObject({ documents: { kept: 0, dropped: 0 } })
  })

  test('a receipt counts by source what went, also where a duplicate of the same source came in', { timeout: 120_000 }, () => {
    const out = copyOf('receipt')
    quernJson(eraseArgs(out))
    quernJson(['suppress', out, '--url', 'https://good.example/good-0/0', '--apply', '--tokenizer', tokenizer])
    const { receipts } = quernJson<{ receipts: Counted[] }>(['suppress', out, '--receipts'])
    expect(receipts.at(-1)).toMatchObject({ documents: { kept: 1 }, erasure: { promoted: { documents: 1 } } })
    for (const { documents, tokens, bySource } of receipts) {
      const sources = Object.values(bySource)
      expect(sources.reduce((sum, one) => sum + one.documents, 0)).toBe(documents.kept)
      expect(sources.reduce((sum, one) => sum + one.tokens, 0)).toBe(tokens)
    }
  })

  test('the old files go after the grace period, tags or not, and old snapshots answer "erased"', { timeout: 120_000 }, () => {
    const out = copyOf('grace')
    quernJson(['tag', out, 'paper', '1'])
    const { erasure } = quernJson<Erased>([...eraseArgs(out), '--grace', '0s'])
    expect(erasure.objects.every((path) => existsSync(join(out, path)))).toBe(true)
    quernJson(['retain', out, '--last', '100', '--grace', '0s'])
    expect(erasure.objects.filter((path) => existsSync(join(out, path)))).toEqual([])
    const old = quern(['pull', out, join(folder, 'nowhere'), '--snapshot', '1'])
    expect(old.status).toBe(1)
    expect(old.err).toMatch(/\[erased\]/)
    expect(quern(['why', out, 'https://good.example/good-0/0', '--snapshot', 'paper']).err).toMatch(/\[erased\]/)
    expect(quernJson(['verify', out])).toMatchObject({ ok: true })
    const { receipts } = quernJson<{ receipts: { action: string; reason: string }[] }>(['suppress', out, '--receipts'])
    expect(receipts.map(({ action }) => action)).toEqual(['suppress', 'erase'])
    for (const place of ['text', 'dropped', 'ledger', 'lists', 'receipts'])
      expect(contentOf(out, place).includes('https://bad.example/bad-0/7'), place).toBe(false)
  })

  test('what is erased is nobody’s survivor in later nights, and does not come in again', { timeout: 120_000 }, () => {
    const out = copyOf('later')
    quernJson(eraseArgs(out))
    write('bad-2', 'bad', [{ number: 3 }, { number: 500 }])
    write('good-2', 'good', [{ number: 4 }, { number: 5, edits: 0.01 }, { number: 0 }, { number: 901, url: 'https://bad.example/bad-0/6' }])
    const night = quernJson<RunSummary>(['run', pipeline(3), '--out', out])
    expect(night).toMatchObject({ read: 6, kept: 3, dropped: { 'suppressed/source': 2, 'exact-duplicates/copy': 1 } })
    expect(why(out, 'https://good.example/good-2/2').survivor).toBe(why(out, 'https://good.example/good-0/0').document)
    expect(quernJson(['verify', out])).toMatchObject({ ok: true })
  })

  test('without retained texts the duplicates are listed and still name what is gone', { timeout: 120_000 }, () => {
    const out = join(folder, 'none')
    quernJson(['run', pipeline(2, 'none'), '--out', out])
    const { erasure } = quernJson<Erased>(eraseArgs(out))
    expect(erasure).toMatchObject({ promoted: { documents: 0 }, renamed: 0, waiting: { documents: 7 } })
    expect(erasure.waiting.ids).toContain(why(out, 'https://good.example/good-0/0').document)
    expect(quernJson(['verify', out])).toMatchObject({ ok: true })
  })

  test(`killed at ${kills} moments and run again, the newest snapshot has the same bytes`, { timeout: 300_000 }, async () => {
    const whole = copyOf('unkilled')
    const began = Date.now()
    quernJson(eraseArgs(whole))
    const duration = Date.now() - began
    const expected = newest(whole)
    const next = random(kills + 5)
    for (let kill = 0; kill < kills; kill += 1) {
      const out = copyOf(`killed-${kill}`)
      const moment = 300 + next() * duration
      const child = startQuern(eraseArgs(out))
      await Promise.race([sleep(moment), once(child, 'exit')])
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      quernJson(eraseArgs(out))
      expect(newest(out), `killed after ${Math.round(moment)} ms`).toEqual(expected)
      expect(quernJson(['verify', out])).toMatchObject({ ok: true })
    }
  })

  test('two erasures and a night at once all end as versions', { timeout: 180_000 }, async () => {
    const out = copyOf('race')
    write('bad-2', 'bad', [{ number: 3 }, { number: 500 }])
    write('good-2', 'good', [{ number: 4 }, { number: 600 }, { number: 0 }])
    const start = (args: readonly string[]) => {
      const child = spawn(process.execPath, [join(root, 'bin/quern.mjs'), ...args], { stdio: 'ignore' })
      return once(child, 'exit') as Promise<[number]>
    }
    const document = why(out, 'https://good.example/good-0/9').document
    const codes = await Promise.all([
      start(eraseArgs(out)),
      start(['suppress', out, '--document', document, '--apply', '--tokenizer', tokenizer]),
      start(['run', pipeline(3), '--out', out]),
    ])
    expect(codes.map(([code]) => code)).toEqual([0, 0, 0])
    expect(why(out, document)).toMatchObject({ stage: 'suppressed' })
    expect(quernJson<{ documents: object }>(['suppress', out, '--source', 'bad', '--dry-run']).documents).toEqual({ kept: 0, dropped: 0 })
    expect(quernJson(['verify', out])).toMatchObject({ ok: true })
  })
})
