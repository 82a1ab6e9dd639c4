import { readFileSync, writeFileSync } from 'node:fs'
import { resolveFile } from '../config/pipeline-file.ts'
import { QuernError } from '../core/errors.ts'
import { Tokenizer, type TokenizerOptions } from '../native/tokenizer.ts'
import type { Terminal } from './command.ts'
import { type Fertility, gini, sumOf } from './fertility.ts'
import { barPlot } from './fertility-plot.ts'

/** Tokenizers and what texts came to with each of them, by language. */
export interface FertilityCounts {
  readonly files: readonly string[]
  readonly tokenizers: readonly Tokenizer[]
  readonly byLanguage: ReadonlyMap<string, Readonly<Fertility>>
}

/** Prints the table and writes the plot; gives what `--json` says of it. */
export function reportFertility(terminal: Terminal, { files, tokenizers, byLanguage }: FertilityCounts, plot: string | undefined) {
  const names = shortNames(files)
  const languages = [...byLanguage].sort(([a], [b]) => (a < b ? -1 : 1))
  const total = sumOf(byLanguage.values())
  const fairness = names.map((_, i) => gini(languages.map(([, counts]) => (counts.tokens[i] ?? 0) / Math.max(1, counts.bytes))))
  if (plot !== undefined) writePlot(plot, names, languages)
  table(terminal, names, languages, total)
  if (languages.length > 1)
    for (const [i, name] of names.entries()) terminal.print(`${name}: Gini of tokens per byte over languages ${fairness[i]?.toFixed(3)}`)
  if (plot !== undefined) terminal.print(`plot: ${plot}`)
  return {
    tokenizers: names.map((name, i) => ({
      name,
      file: files[i],
      sha256: tokenizers[i]?.sha256,
      vocabularySize: tokenizers[i]?.vocabularySize,
      gini: fairness[i],
      total: figures(total, i),
      languages: Object.fromEntries(languages.map(([language, counts]) => [language, figures(counts, i)])),
    })),
    documents: total.documents,
    bytes: total.bytes,
    words: total.words,
    plot: plot ?? null,
  }
}

/** A tokenizer file as written on the command line. */
export function openTokenizer(file: string, options: TokenizerOptions = {}): Tokenizer {
  const path = resolveFile(file, process.cwd())
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    throw new QuernError('missing-file', `reading the tokenizer ${file}: ${(cause as Error).message}`, { remedy: 'Check the path.', cause })
  }
  return new Tokenizer(bytes, file, options)
}

function figures(counts: Readonly<Fertility>, tokenizer: number) {
  const count = counts.tokens[tokenizer] ?? 0
  return {
    documents: counts.documents,
    bytes: counts.bytes,
    words: counts.words,
    tokens: count,
    tokensPerWord: count / Math.max(1, counts.words),
    bytesPerToken: counts.bytes / Math.max(1, count),
  }
}

/** Names that tell the files apart: as files are called, or else the nearest part of their paths in which all differ, or the paths. */
function shortNames(files: readonly string[]): string[] {
  const called = files.map(nameOf)
  if (new Set(called).size === called.length) return called
  const paths = files.map((file) => file.split('/').toReversed())
  const deepest = Math.max(...paths.map(({ length }) => length))
  for (let depth = 0; depth < deepest; depth += 1) {
    const parts = paths.map((path) => path[depth] ?? path.at(-1) ?? '')
    if (new Set(parts).size === parts.length) return parts
  }
  return [...files]
}

/** A file called `tokenizer.json`, as most are, has the name of its folder. */
function nameOf(file: string): string {
  const parts = file.split('/').filter((part, i, all) => !(i === all.length - 2 && part === 'models'))
  const name = parts.at(-1) ?? file
  return name === 'tokenizer.json' && parts.length > 1 ? (parts.at(-2) ?? name) : name.replace(/\.json$/, '')
}

function table(
  terminal: Terminal,
  names: readonly string[],
  languages: readonly (readonly [string, Readonly<Fertility>])[],
  total: Readonly<Fertility>,
): void {
  const number = (value: number): string => value.toLocaleString('en')
  const columns = names.length === 1 ? ['tokens', 'tokens/word', 'bytes/token'] : names.flatMap((name) => [`${name} t/w`, 'b/t'])
  const cells = (counts: Readonly<Fertility>): string[] =>
    names.flatMap((_, i) => {
      const { tokens: count, tokensPerWord, bytesPerToken } = figures(counts, i)
      return [...(names.length === 1 ? [number(count)] : []), tokensPerWord.toFixed(2), bytesPerToken.toFixed(2)]
    })
  const rows = [
    ['language', 'documents', 'bytes', 'words', ...columns],
    ...languages.map(([language, counts]) => [language, number(counts.documents), number(counts.bytes), number(counts.words), ...cells(counts)]),
    ...(languages.length > 1 ? [['all', number(total.documents), number(total.bytes), number(total.words), ...cells(total)]] : []),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  for (const row of rows) terminal.print(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '))
}

function writePlot(file: string, names: readonly string[], languages: readonly (readonly [string, Readonly<Fertility>])[]): void {
  const svg = barPlot({
    title: 'Fertility by language',
    axis: 'tokens per word (less is better)',
    series: names,
    groups: languages.map(([name, counts]) => ({ name, values: names.map((_, i) => (counts.tokens[i] ?? 0) / Math.max(1, counts.words)) })),
  })
  try {
    writeFileSync(file, svg)
  } catch (cause) {
    throw new QuernError('output-not-writable', `writing the plot ${file}: ${(cause as Error).message}`, { remedy: 'Give another --plot.', cause })
  }
}
