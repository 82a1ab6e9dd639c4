import { type Batch, type LabelColumn, type TextColumn, textOf } from '../core/batch.ts'
import type { Context } from '../core/component.ts'
import type { C4LineRules } from './binding.d.cts'
import { binding } from './binding.ts'
import { checkOffsets, kernel } from './kernel.ts'

/** The measures of each family, in the order of the kernel, whose bits are 1, 2, 4 and 8; datatrove 0.10 defines them. */
const families = {
  quality: ['words', 'mean_word_length', 'hash_ratio', 'ellipsis_ratio', 'bullet_lines', 'ellipsis_lines', 'alphabetic_words', 'stop_words'],
  repetition: [
    'duplicate_paragraph_share',
    'duplicate_paragraph_character_share',
    'duplicate_line_share',
    'duplicate_line_character_share',
    'top_2_gram_share',
    'top_3_gram_share',
    'top_4_gram_share',
    'duplicate_5_gram_share',
    'duplicate_6_gram_share',
    'duplicate_7_gram_share',
    'duplicate_8_gram_share',
    'duplicate_9_gram_share',
    'duplicate_10_gram_share',
  ],
  fineweb: ['text_lines', 'punctuated_lines', 'short_lines', 'repeated_line_character_share', 'line_breaks_per_word'],
  c4: [
    'c4_lines',
    'c4_cut_lines',
    'c4_lorem_ipsum_lines',
    'c4_curly_bracket_lines',
    'c4_sentences',
    'c4_third_longest_line',
    'c4_curly_bracket_first',
    'c4_bad_words',
  ],
} as const

export type Family = keyof typeof families

/** Lists of words, and which of them each row has, by number; -1 for none. `lists` may grow while `ofRows` is asked. */
export interface RowLists {
  readonly lists: readonly (readonly string[])[]
  ofRows(batch: Batch): Int32Array
}

/** Which lines C4 cuts, in the kernel's terms; its lists are given apart. */
export type LineRules = Omit<C4LineRules, 'badWords' | 'bounded'>

export interface C4Wanted {
  readonly rules: LineRules
  readonly badWords: RowLists
  /** For each list, whether its entries count only where no letter or digit touches them. */
  readonly bounded: readonly boolean[]
}

/** What a stage wants measured of a text. */
export interface Wanted {
  readonly families: readonly Family[]
  /** The language whose rules part the words of every row; null: that of the row's `language` column. */
  readonly language: string | null
  /** For the quality family. */
  readonly stopWords?: RowLists
  /** For the C4 family. */
  readonly c4?: C4Wanted
}

export interface Measured {
  /** A value a row; NaN where there is nothing to divide by. */
  readonly measures: Readonly<Record<string, Float64Array>>
  /** What C4's line rules leave of each row; empty without that family. */
  readonly kept: TextColumn
}

const noLists: RowLists = { lists: [], ofRows: ({ rows }) => new Int32Array(rows).fill(-1) }

/**
 * Stages that see the same text are opened with one context object (`mill/judge.ts`), and what they want of it is measured
 * together: the first of them that meets a text pays for all, once. The words of a text are found once then, which is half
 * of the work. What is remembered is forgotten with the text, and a stage alone gets the same numbers.
 */
const pools = new WeakMap<Context, Pool[]>()

export function textMeasurer(context: Context, wanted: Wanted): (batch: Batch) => Measured {
  const known = pools.get(context) ?? []
  pools.set(context, known)
  let pool = known.find((pool) => pool.takes(wanted))
  if (pool === undefined) known.push((pool = openPool(wanted.language)))
  pool.join(wanted)
  return pool.measure
}

interface Pool {
  takes(wanted: Wanted): boolean
  join(wanted: Wanted): void
  readonly measure: (batch: Batch) => Measured
}

/** Columns of a batch that the measures of its text depend on; they are never written into. */
interface Remembered extends Measured {
  readonly language: LabelColumn
  readonly script: unknown
  readonly families: number
}

function openPool(language: string | null): Pool {
  const wanted = new Set<Family>()
  let stopWords: RowLists | undefined
  let c4: C4Wanted | undefined
  let measurer: InstanceType<typeof binding.TextMeasurer> | undefined
  let lists = 0
  const remembered = new WeakMap<TextColumn, Remembered>()

  const measureNow = (batch: Batch, text: TextColumn, languages: LabelColumn): Measured => {
    const stopWordsOfRow = (stopWords ?? noLists).ofRows(batch)
    const badWordsOfRow = (c4?.badWords ?? noLists).ofRows(batch)
    if (measurer === undefined || lists !== (stopWords?.lists.length ?? 0)) {
      lists = stopWords?.lists.length ?? 0
      measurer = openMeasurer(wanted, stopWords, c4)
    }
    const { rows } = batch
    checkOffsets('text', text.values, text.offsets, rows)
    const ready = measurer
    const found = kernel('measuring texts', () =>
      ready.measure(text.values, text.offsets, [...languages.labels], languages.indices, stopWordsOfRow, badWordsOfRow),
    )
    const names = (Object.keys(families) as Family[]).filter((family) => wanted.has(family)).flatMap((family) => families[family])
    const kept: TextColumn = { type: 'text', values: found.kept, offsets: found.keptOffsets }
    if (c4 !== undefined) checkOffsets('text', kept.values, kept.offsets, rows)
    return { measures: Object.fromEntries(names.map((name, i) => [name, found.measures.subarray(i * rows, (i + 1) * rows)])), kept }
  }

  return {
    takes: (more) =>
      more.language === language && (more.stopWords === undefined || stopWords === undefined) && (more.c4 === undefined || c4 === undefined),
    join(more) {
      for (const family of more.families) wanted.add(family)
      stopWords ??= more.stopWords
      c4 ??= more.c4
      measurer = undefined
    },
    measure(batch) {
      const text = textOf(batch, 'text')
      const languages = languagesOf(batch, language)
      const script = batch.columns['script']
      const before = remembered.get(text)
      const same = before?.families === wanted.size && before.script === script && (language !== null || before.language === languages)
      if (same) return before
      const found = { ...measureNow(batch, text, languages), language: languages, script, families: wanted.size }
      remembered.set(text, found)
      return found
    },
  }
}

function openMeasurer(wanted: ReadonlySet<Family>, stopWords: RowLists | undefined, c4: C4Wanted | undefined) {
  const bits = (Object.keys(families) as Family[]).reduce((all, family, bit) => all | (wanted.has(family) ? 1 << bit : 0), 0)
  const lines = c4 === undefined ? [] : [{ ...c4.rules, badWords: c4.badWords.lists.map((list) => [...list]), bounded: [...c4.bounded] }]
  return kernel('preparing the text measures', () => new binding.TextMeasurer(bits, stopWords?.lists.map((list) => [...list]) ?? [], lines))
}

const unknownLanguage = new WeakMap<TextColumn, LabelColumn>()

function languagesOf(batch: Batch, language: string | null): LabelColumn {
  if (language !== null) return { type: 'label', indices: new Int32Array(batch.rows), labels: [language] }
  const column = batch.columns['language']
  if (column?.type === 'label') return column
  // One object a text, so that what was measured without a language is found again.
  const text = textOf(batch, 'text')
  const none = unknownLanguage.get(text) ?? { type: 'label', indices: new Int32Array(batch.rows).fill(-1), labels: [] }
  unknownLanguage.set(text, none)
  return none
}
