import type * as z from 'zod'
import type { Batch, Columns, TextColumn, Verdict } from './batch.ts'
import type { LimitRules, Limits } from './decide.ts'
import type { InputFile } from './document.ts'

/**
 * A component is one file: what it is called, what it takes, which rules it knows, examples, code. Its name is its
 * file's name and its name in YAML. The registry, the schemas and the reference pages are generated from these fields.
 */
interface Component<Config> {
  readonly name: string
  /** One sentence; the reference page and `explain` print it. */
  readonly summary: string
  /** Part of every key: raise it when the same input and config give another result. */
  readonly version: number
  readonly config: z.ZodType<Config>
}

/** What a component may use besides its input. No globals, no clock, no environment. */
export interface Context {
  /** Resolves a path written in the pipeline file (or a named asset of a package) to a local file. */
  readonly file: (path: string) => string
  /** Limits and word lists of one language (`pipelines/languages/xx.yaml`), by the code the `language` stage writes. */
  readonly language: (code: string) => LanguageSettings | undefined
  /** The codes that have a file, so that a filter can check all of them when it is opened. */
  readonly languages?: readonly string[]
}

/** One language's file, checked: values by the filter that reads them, left to that filter to interpret. */
export interface LanguageSettings {
  readonly language: string
  readonly filters: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** A window of an input file: it owns the records whose first byte lies in [start, end). */
export interface Window {
  readonly start: number
  readonly end: number
}

/** Random access to one input, local or remote; short reads happen at the end of the input only. */
export interface ByteInput {
  readonly bytes: number
  /** `alone`: the reader wants no bytes beside these, so no more need come over a network. */
  read(offset: number, length: number, alone?: boolean): Promise<Uint8Array>
}

/** Rows of a source. A row whose verdict names a rule carries no payload, but is a document read like any other. */
export interface SourceBatch extends Batch {
  readonly verdict: Verdict
}

/**
 * Where the records of a window begin and end. `end` is where the next window's first record must begin: if its own
 * search found another place (an archive inside an archive), that window is prepared again from here.
 */
export interface Stitch {
  readonly first: number
  readonly end: number
}

export interface Source<Config = unknown> extends Component<Config> {
  readonly kind: 'source'
  readonly writes: readonly string[]
  /** `stage/rule` -> what it drops, in words: `warc/revisit`, `unreadable/truncated`. Order is the verdict's index. */
  readonly rules: Readonly<Record<string, string>>
  /** The path or glob that a written path stands for; absent: itself. */
  pattern?(written: string): string
  /** That a path matches nothing is no mistake: whoever makes the files has finished none yet. */
  readonly mayBeEmpty?: boolean
  /** Windows of one file, fixed by its bytes and the config alone. */
  windows(file: InputFile, input: ByteInput, config: Config): Promise<readonly Window[]>
  /** Streams the window's rows in file order; `from`, when given, is a proven record start and replaces the search. */
  read(input: ByteInput, file: InputFile, window: Window, from: number | undefined, config: Config): AsyncGenerator<SourceBatch, Stitch>
}

/** What a prepare stage adds to a batch. Rows are never removed: later stages measure dropped rows too, so that limits can be replayed. */
export interface StageResult {
  readonly columns?: Columns
  /** A value a row for every measure the stage declares; NaN where it does not apply. */
  readonly measures?: Readonly<Record<string, Float64Array>>
  readonly verdict?: Verdict
}

export interface Example<Config> {
  readonly text?: string
  readonly html?: string
  readonly url?: string
  /** What the crawler's metadata says of rights, as `src/rights/evidence.ts` writes it. */
  readonly signals?: string
  readonly language?: string
  readonly config?: Partial<Config>
  /** The rule's name, without the stage; absent: kept. */
  readonly drops?: string
  /** For stages that write text: what comes out. */
  readonly gives?: string
}

interface StageBase<Config> extends Component<Config> {
  readonly kind: 'stage'
  /** Folder below `stages/`: what `check` orders by and the reference groups by. */
  readonly group: 'extract' | 'rights' | 'language' | 'filters' | 'redact' | 'duplicates' | 'tokenize'
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  /** Measure -> what it is, with its unit. A name never changes its meaning. */
  readonly measures: Readonly<Record<string, string>>
  /** Rule -> what it drops, in words, without the stage's name. Order is the verdict's index. */
  readonly rules: Readonly<Record<string, string>>
  /** Local files that the result depends on (models, word lists): their SHA-256 goes into every key. */
  assets?(config: Config, context: Context): readonly string[]
}

/**
 * How measures become verdicts, apart from measuring: a ledger holds the measures of all documents, so whoever tries
 * another limit needs no text. A stage decides by the same functions when it runs.
 */
export interface StageLimits<Config = unknown> {
  /** The rules that compare a measure with a limit, in their order. */
  readonly rules: LimitRules
  /** The limits of every row of a batch that has the columns `language` and `script`, and perhaps no other. */
  of(config: Config, context: Context): (batch: Batch) => Limits
  /** Options that are no limits, and of which no measure depends either. */
  readonly decidesBy?: readonly string[]
  /** Where a limit is written. Default: under its own name, in the stage's options and in `filters.<stage>` of a language's file. */
  place?(limit: string, language: string): LimitPlace
  /** The verdict of every row from what was measured, where it takes more than to compare. Indices are those of the stage's `rules`. */
  decide?(config: Config, batch: Batch, measures: Readonly<Record<string, Float64Array>>, limits: Limits): Verdict
}

/** Paths, outermost key first; null where the limit cannot be set as one number. */
export interface LimitPlace {
  readonly option: readonly string[] | null
  readonly languageFile: readonly string[] | null
}

/** Works on each batch alone, in any number of workers. */
export interface PrepareStage<Config = unknown> extends StageBase<Config> {
  readonly phase: 'prepare'
  /** Absent: a stage that drops nothing by a number, or whose drops need the document again. */
  readonly limits?: StageLimits<Config>
  readonly examples: readonly Example<Config>[]
  open(config: Config, context: Context): Promise<(batch: Batch) => StageResult>
}

/** Decided in order by the sequence phase, all such stages in one pass. */
export interface SequenceStage<Config = unknown> extends StageBase<Config> {
  readonly phase: 'sequence'
}

/** Turns kept text into token ids while a shard is pressed; drops nothing. */
export interface PressStage<Config = unknown> extends StageBase<Config> {
  readonly phase: 'press'
  open(config: Config, context: Context): Promise<Encoder>
}

export type Stage<Config = unknown> = PrepareStage<Config> | SequenceStage<Config> | PressStage<Config>

export interface TokenizerFacts {
  readonly name: string
  readonly sha256: string
  readonly vocabularySize: number
  /** `uint16` when every id fits, else `uint32`. */
  readonly dtype: 'uint16' | 'uint32'
  readonly endOfDocument: number | null
  readonly special: Readonly<Record<string, number>>
}

export interface Encoder {
  readonly facts: TokenizerFacts
  /** Token ids of every row, end-of-document included when configured; `offsets` has rows + 1 entries. */
  encode(text: TextColumn): { readonly ids: Uint16Array | Uint32Array; readonly offsets: Int32Array }
}

/** Keeps the types of a component's own config and erases them for the registry. */
export function defineSource<Config>(source: Omit<Source<Config>, 'kind'>): Source {
  return { kind: 'source', ...source } as unknown as Source
}

export function definePrepareStage<Config>(stage: Omit<PrepareStage<Config>, 'kind' | 'phase'>): PrepareStage {
  return { kind: 'stage', phase: 'prepare', ...stage } as unknown as PrepareStage
}

export function defineSequenceStage<Config>(stage: Omit<SequenceStage<Config>, 'kind' | 'phase'>): SequenceStage {
  return { kind: 'stage', phase: 'sequence', ...stage } as unknown as SequenceStage
}

export function definePressStage<Config>(stage: Omit<PressStage<Config>, 'kind' | 'phase'>): PressStage {
  return { kind: 'stage', phase: 'press', ...stage } as unknown as PressStage
}
