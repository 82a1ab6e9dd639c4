import type { Context, LanguageSettings, Source, Stage } from './component.ts'
import type { Place } from './errors.ts'

/** What the generated registry holds, by name. */
export interface Registry {
  readonly sources: Readonly<Record<string, Source>>
  readonly stages: Readonly<Record<string, Stage>>
}

export interface PipelineSource {
  readonly component: Source
  /** Stable id; part of every document id. */
  readonly name: string
  readonly licence: string
  /** Absolute glob patterns, in the order written; each with the fixed folder before its first wildcard. */
  readonly paths: readonly { readonly pattern: string; readonly base: string; readonly place: Place }[]
  readonly config: unknown
}

export interface PipelineStage {
  readonly component: Stage
  readonly config: unknown
  readonly place: Place
}

export interface PipelineTest {
  readonly name: string
  /** Absolute path of a text or HTML file. */
  readonly given: string
  /** Overrides what the language stage would say. */
  readonly language: string | undefined
  /** `stage/rule`, or undefined: must be kept. */
  readonly droppedBy: string | undefined
  readonly place: Place
}

/** When a source has lost so much in a night that somebody should look before it is published. */
export interface AlarmSettings {
  /** Share of a source's documents, and how many times its usual share. */
  readonly share: number
  readonly factor: number
  /** Documents that a source must have brought, and how many nights say what is usual. */
  readonly least: number
  readonly nights: number
  /** Sources that are let pass. */
  readonly except: readonly string[]
}

/** A pipeline file, parsed, defaults filled in, every path resolved, every order checked. */
export interface Pipeline {
  readonly name: string
  readonly file: string
  readonly sources: readonly PipelineSource[]
  readonly stages: readonly PipelineStage[]
  readonly output: {
    /** Absolute path or URL. */
    readonly dataset: string
    readonly retainDropped: 'all' | 'sample' | 'none'
    /** Text bytes after which a shard is cut. */
    readonly shardBytes: number
    /** When a night's losses stop its publication; undefined: never. */
    readonly alarms: AlarmSettings | undefined
    /** The user answers for there being no other writer. */
    readonly singleWriter: boolean
  }
  readonly tests: readonly PipelineTest[]
  /** Language files by code. */
  readonly languages: ReadonlyMap<string, LanguageSettings>
  /** What stages may use; resolves their paths against the pipeline file. */
  readonly context: Context
  /**
   * All that decides a result, as plain JSON: per stage its name, version, config with defaults and the SHA-256 of its
   * assets; the language settings; source names, components and configs without paths. Its canonical JSON is hashed into keys.
   */
  readonly rules: unknown
}
