import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Stage } from '../../src/core/component.ts'
import c4 from '../../src/stages/filters/c4.ts'
import fineweb from '../../src/stages/filters/fineweb.ts'
import fineweb2 from '../../src/stages/filters/fineweb2.ts'
import gopherQuality from '../../src/stages/filters/gopher-quality.ts'
import gopherRepetition from '../../src/stages/filters/gopher-repetition.ts'
import { rowText, type TextColumn } from '../../src/core/batch.ts'
import { context, runStage } from '../stages/run-stage.ts'

export interface Document {
  readonly language: string
  readonly text: string
}

/** One rule in one language: pages on which both fire, and on which only one does (numbers of documents). */
export interface Cell {
  readonly language: string
  readonly rule: string
  readonly both: number
  readonly ours: readonly number[]
  readonly theirs: readonly number[]
}

/** The rules that a document breaks, each asked alone, and what C4 leaves of it where it is kept. */
type Verdict = readonly [fired: readonly string[], kept: Readonly<Record<string, string>>]

/** datatrove's codes of languages, where they are not the three letters of ISO 639-3 that it has in its table. */
export const codes: Readonly<Record<string, string>> = Object.fromEntries(
  'bg bul,cs ces,da dan,de deu,el ell,en eng,es spa,et ekk,fi fin,fr fra,ga gle,hr hrv,hu hun,it ita,lt lit,lv lvs,mt mlt,nl nld,pl pol,pt por,ro ron,sk slk,sl slv,sv swe'
    .split(',')
    .map((pair) => pair.split(' ') as [string, string]),
)

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** What datatrove says of documents, each rule asked alone. Takes seconds for a hundred pages. */
export function datatroveVerdicts(python: string, documents: readonly Document[]): readonly Verdict[] {
  const folder = mkdtempSync(join(tmpdir(), 'quern-agreement-'))
  try {
    const given = join(folder, 'given.json')
    writeFileSync(given, JSON.stringify({ codes, settings: Object.fromEntries(Object.keys(codes).flatMap((code) => settings(code))) }))
    const input = documents.map((document) => JSON.stringify(document)).join('\n')
    const out = execFileSync(python, [file('datatrove_rules.py'), given], {
      input,
      encoding: 'utf8',
      maxBuffer: 1 << 30,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    return out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Verdict)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** FineWeb2's settings of a language as our language file holds them, in FineWeb2's own names; none for English. */
function settings(code: string): [string, unknown][] {
  const filters = context.language(code)?.filters
  if (filters === undefined || code === 'en') return []
  const [quality, repetition, lines] = ['gopher-quality', 'gopher-repetition', 'fineweb'].map((name) => filters[name]!) as [Values, Values, Values]
  const runs = (name: (n: number) => string, lengths: readonly number[]) => lengths.map((n) => [n, repetition[name(n)]])
  const own = {
    dup_line_frac: repetition['max-duplicate-lines'],
    top_n_grams: runs((n) => `max-top-${n}-gram`, [2, 3, 4]),
    dup_n_grams: runs((n) => `max-duplicate-${n}-grams`, [5, 6, 7, 8, 9, 10]),
    line_punct_thr: lines['min-punctuated-lines'],
    new_line_ratio: lines['max-line-breaks'],
    min_avg_word_length: quality['min-mean-word-length'],
    max_avg_word_length: quality['max-mean-word-length'],
    max_non_alpha_words_ratio: quality['min-alphabetic-words'],
    stopwords: quality['stop-words'],
  }
  return [[code, own]]
}

type Values = Readonly<Record<string, unknown>>

/** What our stages say of documents of one language, each rule asked alone: the measure and the limit that the rule names. */
export async function ourVerdicts(language: string, texts: readonly string[]): Promise<readonly Verdict[]> {
  const rows = texts.map((text) => ({ text, language }))
  const fired: string[][] = texts.map(() => [])
  const kept: Record<string, string>[] = texts.map(() => ({}))
  const note = (name: string, dropped: readonly (string | undefined)[]) =>
    dropped.forEach((rule, row) => {
      if (rule !== undefined) fired[row]!.push(`${name}/${rule}`)
    })
  const each = async (stage: Stage, options: readonly string[], config: Values, name = stage.name) => {
    for (const option of options) {
      const off = Object.fromEntries(options.filter((other) => other !== option).map((other) => [other, 'off']))
      note(name, (await runStage(stage, { ...off, ...config }, rows)).dropped)
    }
  }
  const limits = (stage: Stage) =>
    Object.keys(stage.config.parse({}) as object).filter((key) => !['language', 'limits', 'stop-words', 'stopwords'].includes(key))
  await each(gopherQuality, limits(gopherQuality), { limits: 'gopher', 'max-words': 'off' })
  note('gopher-quality', (await runStage(gopherQuality, { ...offAll(limits(gopherQuality)), 'max-words': 1000 }, rows)).dropped)
  await each(gopherRepetition, limits(gopherRepetition), { limits: 'gopher' })
  await each(fineweb, limits(fineweb), { limits: 'fineweb' })
  if (language !== 'en') {
    const own = (stage: Stage, options: readonly string[]) =>
      each(stage, options, { ...offAll(limits(stage).filter((key) => !options.includes(key))) }, 'fineweb2')
    await own(gopherQuality, ['min-mean-word-length', 'max-mean-word-length', 'min-alphabetic-words', 'min-stop-words'])
    await own(
      gopherRepetition,
      limits(gopherRepetition).filter((key) => /gram|lines$/.test(key)),
    )
    await own(fineweb, ['min-punctuated-lines', 'max-repeated-line-characters', 'max-line-breaks'])
    note('fineweb2-first', (await runStage(fineweb2, {}, rows)).dropped)
  }
  for (const [name, config] of [
    ['c4', {}],
    ['c4-fineweb', { 'terminal-punctuation': false }],
    ['c4-sentences', { by: 'sentence', 'terminal-punctuation': false }],
  ] as const) {
    const { dropped, columns } = await runStage(c4, config, rows)
    note(name, dropped)
    dropped.forEach((rule, row) => {
      if (rule === undefined) kept[row]![name] = rowText(columns!['text'] as TextColumn, row)
    })
    if (name !== 'c4') continue
    const long = await runStage(c4, { 'min-third-longest-line': 200 }, rows)
    note(
      name,
      long.dropped.map((rule) => (rule === 'too-few-long-lines' ? rule : undefined)),
    )
  }
  return texts.map((_, row) => [fired[row]!, kept[row]!])
}

const offAll = (options: readonly string[]) => Object.fromEntries(options.map((option) => [option, 'off']))

/** Cell by cell; a document that both keep with different text is a disagreement of the rule `text`. */
export function compare(documents: readonly Document[], ours: readonly Verdict[], theirs: readonly Verdict[]): readonly Cell[] {
  const cells = new Map<string, { language: string; rule: string; both: number; ours: number[]; theirs: number[] }>()
  documents.forEach(({ language }, i) => {
    const [mine, other] = [ours[i]!, theirs[i]!].map(([fired]) => new Set(fired)) as [Set<string>, Set<string>]
    const cell = (rule: string) => {
      const key = `${language} ${rule}`
      const found = cells.get(key) ?? { language, rule, both: 0, ours: [], theirs: [] }
      cells.set(key, found)
      return found
    }
    for (const rule of new Set([...mine, ...other])) {
      if (mine.has(rule) && other.has(rule)) cell(rule).both += 1
      else cell(rule)[mine.has(rule) ? 'ours' : 'theirs'].push(i)
    }
    for (const [name, text] of Object.entries(theirs[i]![1])) {
      const own = ours[i]![1][name]
      if (own === undefined) continue
      if (own === text) cell(`${name}/text`).both += 1
      else cell(`${name}/text`).ours.push(i)
    }
  })
  return [...cells.values()]
}
