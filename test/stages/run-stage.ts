import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { type Batch, type Columns, type LabelColumn, textColumn } from '../../src/core/batch.ts'
import type { Context, LanguageSettings, Stage, StageResult } from '../../src/core/component.ts'

/** The language files of the repository. */
export const context: Context = {
  file: (path) => resolve(path),
  language: (code) => {
    try {
      return parse(readFileSync(fileURLToPath(new URL(`../../pipelines/languages/${code}.yaml`, import.meta.url)), 'utf8')) as LanguageSettings
    } catch {
      return undefined
    }
  },
}

export function labelColumn(values: readonly (string | undefined)[]): LabelColumn {
  const labels = [...new Set(values.flatMap((value) => (value === undefined ? [] : [value])))]
  return { type: 'label', indices: Int32Array.from(values, (value) => (value === undefined ? -1 : labels.indexOf(value))), labels }
}

export interface Row {
  readonly text: string
  readonly language?: string | undefined
  readonly script?: string
}

export function batchOf(rows: readonly Row[]): Batch {
  const columns: Record<string, Columns[string]> = { text: textColumn(rows.map(({ text }) => text)) }
  if (rows.some(({ language }) => language !== undefined)) columns['language'] = labelColumn(rows.map(({ language }) => language))
  if (rows.some(({ script }) => script !== undefined)) columns['script'] = labelColumn(rows.map(({ script }) => script))
  return { rows: rows.length, columns }
}

export interface Judged extends StageResult {
  /** Name of the rule that drops each row, or undefined. */
  readonly dropped: readonly (string | undefined)[]
}

/** Runs a prepare stage over rows, with its config's defaults filled in. */
export async function runStage(stage: Stage, config: unknown, rows: readonly Row[], files: Context = context): Promise<Judged> {
  if (stage.phase !== 'prepare') throw new TypeError(`${stage.name} is no prepare stage`)
  const result = (await stage.open(stage.config.parse(config), files))(batchOf(rows))
  const names = Object.keys(stage.rules)
  return { ...result, dropped: rows.map((_, row) => names[result.verdict?.rule[row] ?? -1]) }
}
