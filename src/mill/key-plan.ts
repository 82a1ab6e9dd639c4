import type { Columns, TextColumn } from '../core/batch.ts'
import { emptyColumn } from '../core/document.ts'
import {
  addressKeys,
  addressKeysVersion,
  columnKeys,
  documentKeysVersion,
  unitKeys,
  type NormalForm,
  type TextUnit,
  type UnitKeys,
} from '../native/document-keys.ts'
import type { CutRules } from '../native/key-index.ts'
import { fiveWords, type BandDefinition, type DatatroveBands, type OwnBands } from '../native/minhash.ts'
import type { TaskPipeline } from './portable-pipeline.ts'

interface Exact {
  readonly normalise: NormalForm
  readonly key: string
  readonly memory: number
}

interface Address {
  readonly 'drop-parameters': readonly string[]
  readonly memory: number
}

/** A duplicate stage that compares one key a document: what prepare makes of it, and what sequence needs. */
export interface ColumnKey {
  readonly stage: 'exact-duplicates' | 'url-duplicates'
  readonly column: string
  /** Absent: an address. */
  readonly normalise: NormalForm | undefined
  readonly dropped: readonly string[]
  readonly memory: number
}

interface Units {
  readonly unit?: 'line' | 'sentences-3'
  readonly normalise: NormalForm
  readonly 'min-characters': number
  readonly repeats: number
  readonly 'min-left': number
  readonly 'max-cut': number
  readonly memory: number
}

/** The stage that cuts repeated units; a pipeline has one at most. */
export interface UnitPlan {
  readonly stage: 'duplicate-lines' | 'duplicate-paragraphs'
  readonly unit: TextUnit
  readonly normalise: NormalForm
  readonly minCharacters: number
  readonly repeats: number
  readonly minLeft: number
  readonly maxCut: number
  readonly memory: number
}

interface Repeated {
  readonly words: number
  readonly 'block-mib': number
  readonly 'min-left': number
  readonly 'max-cut': number
}

/** The stage that cuts runs of words, wherever they begin; it goes with none that cuts units. */
export interface RepeatPlan {
  readonly stage: 'repeated-substrings'
  readonly words: number
  readonly blockBytes: number
  readonly minLeft: number
  readonly maxCut: number
}

export interface KeyPlan {
  /** Whether documents need the signatures of `near-duplicates`; byte-for-byte copies of the text are found by their digest. */
  readonly signed: boolean
  /** Whose bands the signatures have, and of which shingles. */
  readonly bands: BandDefinition
  readonly columns: readonly ColumnKey[]
  readonly units: UnitPlan | undefined
  readonly repeats: RepeatPlan | undefined
}

/** The options of `near-duplicates` that say whose bands it compares, and of which shingles. Rules of a snapshot that is older than an option do not have it. */
export interface BandSettings {
  readonly shingles?: OwnBands['unit']
  readonly 'shingle-size'?: number | null
  readonly within?: OwnBands['within']
  readonly compatible?: 'datatrove' | null
  readonly 'compatible-language': string
  readonly 'compatible-hash': DatatroveBands['hash']
}

/** Words of a shingle, and characters, where the options do not say it; why is in docs/decisions/duplicate-judgement.md. */
const usualSize = { words: fiveWords.size, characters: 24 } as const

/** The bands that a `near-duplicates` stage of this configuration compares. */
export function bandsOf({
  shingles: unit = 'words',
  'shingle-size': size,
  within = 'dataset',
  compatible,
  'compatible-language': language,
  'compatible-hash': hash,
}: BandSettings): BandDefinition {
  return compatible === 'datatrove' ? { language, hash } : { unit, size: size ?? usualSize[unit], within }
}

/** What the duplicate stages of a pipeline need of every document, stages by name and config. */
export function keyPlan(stages: readonly { readonly name: string; readonly config: unknown }[]): KeyPlan {
  const columns: ColumnKey[] = []
  let signed = false
  let bands: BandDefinition = fiveWords
  let units: UnitPlan | undefined
  let repeats: RepeatPlan | undefined
  for (const { name, config } of stages) {
    if (name === 'near-duplicates') {
      signed = true
      bands = bandsOf(config as BandSettings)
    }
    if (name === 'exact-duplicates') {
      const { key, normalise, memory } = config as Exact
      if (isPlain(config as Exact)) signed = true
      else columns.push({ stage: name, column: key, normalise, dropped: [], memory })
    }
    if (name === 'duplicate-lines' || name === 'duplicate-paragraphs') {
      const { unit, normalise, repeats, memory, 'min-characters': minCharacters, 'min-left': minLeft, 'max-cut': maxCut } = config as Units
      const of = name === 'duplicate-paragraphs' ? 'paragraph' : unit === 'sentences-3' ? 'sentences' : 'line'
      units = { stage: name, unit: of, normalise, minCharacters, repeats, minLeft, maxCut, memory }
    }
    if (name === 'repeated-substrings') {
      const { words, 'block-mib': block, 'min-left': minLeft, 'max-cut': maxCut } = config as Repeated
      repeats = { stage: name, words, blockBytes: block * 2 ** 20, minLeft, maxCut }
    }
    if (name === 'url-duplicates') {
      const { 'drop-parameters': dropped, memory } = config as Address
      columns.push({ stage: name, column: 'url', normalise: undefined, dropped, memory })
    }
  }
  return { signed, bands, columns, units, repeats }
}

/** The stages of a task's pipeline as `keyPlan` takes them. */
export function stagesOf({ stages }: Pick<TaskPipeline, 'stages'>): { readonly name: string; readonly config: unknown }[] {
  return stages.map(({ component, config }) => ({ name: component.name, config }))
}

/** Bytes of the text, whose digest stands beside the signatures and goes into the same index. */
export function isPlain({ key, normalise }: Pick<Exact, 'key' | 'normalise'>): boolean {
  return key === 'text' && normalise === 'none'
}

/** All that decides the keys: part of the key of a prepared part, and of the runs that hold them. */
export function keyRules({ column, normalise, dropped }: ColumnKey): unknown {
  const version = normalise === undefined ? addressKeysVersion() : documentKeysVersion()
  return { version, column, normalise: normalise ?? 'address', dropped: [...dropped].sort() }
}

export function unitRules({ unit, normalise, minCharacters }: UnitPlan): unknown {
  return { version: documentKeysVersion(), unit, normalise, minCharacters }
}

/** How much a text may lose to the stage that cuts units. */
export function cutRules({ unit, minLeft, maxCut }: UnitPlan): CutRules {
  return { minLeft, maxShare: maxCut, breaks: unit !== 'sentences' }
}

/** All that decides what prepare writes for the duplicate stages, besides signatures. */
export function planRules({ columns, units, repeats }: KeyPlan): unknown {
  const runs = repeats === undefined ? {} : { repeats: { words: repeats.words, blockBytes: repeats.blockBytes } }
  return { columns: columns.map(keyRules), units: units === undefined ? null : unitRules(units), ...runs }
}

/** The units of every row's text. */
export function rowUnits({ units: plan }: KeyPlan, columns: Columns, rows: number): UnitKeys | undefined {
  if (plan === undefined) return undefined
  const given = columns['text']
  const text = (given?.type === 'text' ? given : emptyColumn('text', rows)) as TextColumn
  return unitKeys(text, plan.unit, plan.normalise, plan.minCharacters)
}

/** 16 bytes a row for each of the plan's columns. */
export function rowKeys(plan: KeyPlan, columns: Columns, rows: number): readonly Uint8Array[] {
  return plan.columns.map(({ column: name, normalise, dropped }) => {
    const given = columns[name]
    const column = (given?.type === 'text' ? given : emptyColumn(name, rows)) as TextColumn
    return normalise === undefined ? addressKeys(column, dropped) : columnKeys(column, normalise)
  })
}
