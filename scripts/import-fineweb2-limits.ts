// Writes pipelines/languages/*.yaml from a collection of FineWeb2's configs, values as published.
// Run: node scripts/import-fineweb2-limits.ts fineweb2-limits.json, which holds {source, languages: {deu_Latn: {…}}}.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Document, isMap, isSeq, parseDocument, visit, type YAMLMap } from 'yaml'
import { gopherRepetition } from '../src/stages/filters/gopher-rules.ts'
import { europeanLanguages } from '../src/stages/language/european.ts'

interface Config {
  readonly dup_line_frac: number
  readonly dup_n_grams: readonly (readonly [number, number])[]
  readonly top_n_grams: readonly (readonly [number, number])[]
  readonly line_punct_thr: number
  readonly new_line_ratio: number
  readonly min_avg_word_length: number
  readonly max_avg_word_length: number
  /** Despite its name the least share of words with a letter. */
  readonly max_non_alpha_words_ratio: number
  readonly stopwords: readonly string[]
}

interface Collection {
  readonly source: { readonly repo: string; readonly commit: string; readonly licence: string }
  readonly languages: Readonly<Record<string, Config>>
}

type Filters = Readonly<Record<string, Readonly<Record<string, unknown>>>>

const [input] = process.argv.slice(2)
if (input === undefined) throw new Error('usage: node scripts/import-fineweb2-limits.ts fineweb2-limits.json')
const { source, languages } = JSON.parse(readFileSync(input, 'utf8')) as Collection
const folder = fileURLToPath(new URL('../pipelines/languages/', import.meta.url))

/** FineWeb2 switches off the paragraph rules, the duplicate-line-characters rule and the short-line rule for every language. */
function filtersOf(config: Config): Filters {
  return {
    'gopher-quality': {
      'min-mean-word-length': config.min_avg_word_length,
      'max-mean-word-length': config.max_avg_word_length,
      'min-alphabetic-words': config.max_non_alpha_words_ratio,
      'min-stop-words': 2,
      'stop-words': config.stopwords,
    },
    'gopher-repetition': {
      'max-duplicate-paragraphs': 'off',
      'max-duplicate-paragraph-characters': 'off',
      'max-duplicate-lines': config.dup_line_frac,
      'max-duplicate-line-characters': 'off',
      ...Object.fromEntries(config.top_n_grams.map(([n, limit]) => [`max-top-${n}-gram`, limit])),
      ...Object.fromEntries(config.dup_n_grams.map(([n, limit]) => [`max-duplicate-${n}-grams`, limit])),
    },
    fineweb: {
      'min-punctuated-lines': config.line_punct_thr,
      'max-short-lines': 'off',
      'max-repeated-line-characters': 0.1,
      'max-line-breaks': config.new_line_ratio,
    },
  }
}

/** English has no config in FineWeb2: these are the defaults that FineWeb ran with (datatrove 0.10; Gopher's Table A1). */
const english: Filters = {
  'gopher-quality': {
    'min-mean-word-length': 3,
    'max-mean-word-length': 10,
    'min-alphabetic-words': 0.8,
    'min-stop-words': 2,
    'stop-words': ['the', 'be', 'to', 'of', 'and', 'that', 'have', 'with'],
  },
  'gopher-repetition': gopherRepetition,
  fineweb: { 'min-punctuated-lines': 0.12, 'max-short-lines': 0.67, 'max-repeated-line-characters': 0.01, 'max-line-breaks': 0.3 },
}

/** The settings of another script of the same language, as differences from the main one. */
function withScript(filters: Filters, script: string, other: Filters): Filters {
  return Object.fromEntries(
    Object.entries(filters).map(([filter, settings]) => {
      const own = Object.entries(other[filter] ?? {}).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(settings[key]))
      return [filter, { ...settings, scripts: { [script]: Object.fromEntries(own) } }]
    }),
  )
}

function write(code: string, name: string, from: string, notes: readonly string[], filters: Filters): void {
  const comment = notes.map((note) => `# ${note}\n`).join('')
  const document = new Document({ language: code, name, source: from, filters })
  visit(document, (_, node) => {
    if (isSeq(node)) node.flow = true
  })
  keepOthers(document.get('filters') as YAMLMap, Object.keys(filters), `${folder}${code}.yaml`)
  const body = document.toString({ lineWidth: 150, flowCollectionPadding: false })
  writeFileSync(`${folder}${code}.yaml`, comment + body)
}

/** What people wrote for other filters stays, with its comments, above what comes from FineWeb2. */
function keepOthers(filters: YAMLMap, ours: readonly string[], path: string): void {
  const written = existsSync(path) ? parseDocument(readFileSync(path, 'utf8')).get('filters') : undefined
  if (!isMap(written)) return
  // A comment above the first key belongs to the block.
  filters.commentBefore = written.commentBefore ?? null
  const others = written.items.filter(({ key }) => !ours.includes(String(key)))
  filters.items.unshift(...others)
}

const notes = [
  'Limits and word lists of one language; linguists edit them. "off" switches a rule off, a missing key means the general limit.',
  'language_score of the source is left out: it belongs to the scores of another model (GlotLID).',
]
mkdirSync(folder, { recursive: true })
write('en', 'English', 'defaults of FineWeb (huggingface/datatrove 0.10, Apache-2.0), after Gopher (arXiv 2112.11446)', notes.slice(0, 1), english)
for (const { code, iso3, name } of europeanLanguages) {
  const keys = Object.keys(languages).filter((key) => iso3.includes(key.slice(0, 3)) && !(code === 'gsw' && key === 'als_Latn'))
  // The script that FineWeb2 has most text of comes first: Cyrillic for Serbian, which alone has two.
  const [main, other] = keys.toSorted((a, b) => (a.endsWith('Latn') ? 1 : 0) - (b.endsWith('Latn') ? 1 : 0))
  if (main === undefined) continue
  const filters = filtersOf(languages[main]!)
  const from = `${source.repo} ${source.commit.slice(0, 12)}, configs/${keys.join('.yml, configs/')}.yml, ${source.licence}`
  if (other === undefined) write(code, name, from, notes, filters)
  else {
    const script = other.slice(4)
    const note = `Values hold for ${main.slice(4)}; texts mainly in ${script} have those under "scripts".`
    write(code, name, from, [...notes, note], withScript(filters, script, filtersOf(languages[other]!)))
  }
}
