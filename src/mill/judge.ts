import { type Batch, type Column, type Columns, type Verdict } from '../core/batch.ts'
import type { Encoder, PrepareStage, StageResult } from '../core/component.ts'
import { documentColumns, emptyColumn } from '../core/document.ts'
import { QuernError, QuernErrors } from '../core/errors.ts'
import { watch } from '../core/stopwatch.ts'
import type { TaskPipeline } from './portable-pipeline.ts'

/** A prepare stage with its models and lists loaded. */
export interface OpenStage {
  readonly component: PrepareStage
  readonly run: (batch: Batch) => StageResult
}

/** What the prepare stages say of one batch. Arrays hold a value a row. */
export interface Judgement {
  readonly columns: Columns
  /** By name, in the order of the stages; NaN where a measure does not apply, and for stages that were left out. */
  readonly measures: Map<string, Float64Array>
  /** As the stages gave them, in their order; undefined for a stage that drops nothing. */
  readonly verdicts: readonly (Verdict | undefined)[]
  /** Index of the first stage that drops the row, or -1. */
  readonly stage: Int32Array
  /** Index into that stage's rules, or -1, with what was measured and its limit. */
  readonly rule: Int32Array
  readonly measured: Float64Array
  readonly limit: Float64Array
}

/**
 * Opens the prepare stages in order; what several of them have to complain about is thrown together. Stages that see the
 * same text have one context object, a stage that writes text the last of them: what they measure is shared by it.
 */
export async function openStages(pipeline: Pick<TaskPipeline, 'stages' | 'context'>): Promise<readonly OpenStage[]> {
  const opened: OpenStage[] = []
  const mistakes: QuernError[] = []
  let context = { ...pipeline.context }
  for (const { component, config } of pipeline.stages) {
    if (component.phase !== 'prepare') continue
    const own = context
    if (component.writes.includes('text')) context = { ...pipeline.context }
    try {
      opened.push({ component, run: await component.open(config, own) })
    } catch (error) {
      if (!(error instanceof QuernError)) throw error
      mistakes.push(error)
    }
  }
  if (mistakes.length > 1) throw new QuernErrors(mistakes)
  if (mistakes[0] !== undefined) throw mistakes[0]
  return opened
}

/** Opens the stage that turns text into tokens; the pipeline is checked to have exactly one. */
export async function openEncoder(pipeline: Pick<TaskPipeline, 'stages' | 'context'>): Promise<Encoder> {
  for (const { component, config } of pipeline.stages) if (component.phase === 'press') return component.open(config, pipeline.context)
  throw new TypeError('the pipeline has no press stage, though it was checked to have one')
}

/**
 * Runs a batch through the stages: each sees what the ones before it wrote, and measures every row, dropped or not. The
 * first failing rule in stage order is the row's. Costs a few array passes a stage beside the stages' own work; no row
 * becomes an object. A column that the batch's source does not write is empty for its rows.
 */
export function judge(batch: Batch, stages: readonly OpenStage[]): Judgement {
  const { rows } = batch
  let columns = batch.columns
  const measures = new Map<string, Float64Array>()
  const verdicts: (Verdict | undefined)[] = []
  const stage = new Int32Array(rows).fill(-1)
  const rule = new Int32Array(rows).fill(-1)
  const measured = new Float64Array(rows).fill(NaN)
  const limit = new Float64Array(rows).fill(NaN)
  for (const [index, { component, run }] of stages.entries()) {
    columns = withRead(columns, component, rows)
    const result = watch(component.name, () => run({ rows, columns }))
    columns = withWritten(columns, result, component, rows)
    for (const name of Object.keys(component.measures)) {
      const values = result.measures?.[name] ?? new Float64Array(rows).fill(NaN)
      expect(values.length === rows, component, `gave ${values.length} values of "${name}" for ${rows} rows`)
      measures.set(name, values)
    }
    const { verdict } = result
    verdicts.push(verdict)
    if (verdict === undefined) continue
    expect(verdict.rule.length === rows, component, `gave a verdict of ${verdict.rule.length} rows for ${rows}`)
    for (let row = 0; row < rows; row++) {
      if (stage[row] !== -1 || verdict.rule[row] === -1) continue
      stage[row] = index
      rule[row] = verdict.rule[row]!
      measured[row] = verdict.measured[row]!
      limit[row] = verdict.limit[row]!
    }
  }
  return { columns, measures, verdicts, stage, rule, measured, limit }
}

/** `gopher-quality/too-few-words`, or undefined for a row that is kept. */
export function ruleName(judgement: Judgement, stages: readonly OpenStage[], row: number): string | undefined {
  const component = stages[judgement.stage[row] ?? -1]?.component
  return component === undefined ? undefined : `${component.name}/${Object.keys(component.rules)[judgement.rule[row]!]}`
}

function withRead(columns: Columns, { reads }: PrepareStage, rows: number): Columns {
  const missing = reads.filter((name) => columns[name] === undefined)
  if (missing.length === 0) return columns
  const filled: Record<string, Column> = { ...columns }
  for (const name of missing) {
    if (!(documentColumns as readonly string[]).includes(name)) throw new TypeError(`column "${name}" is missing, and no source writes it`)
    filled[name] = emptyColumn(name, rows)
  }
  return filled
}

function withWritten(columns: Columns, result: StageResult, component: PrepareStage, rows: number): Columns {
  if (result.columns === undefined) return columns
  for (const [name, column] of Object.entries(result.columns)) {
    const length = 'offsets' in column ? column.offsets.length - 1 : 'indices' in column ? column.indices.length : column.values.length
    expect(length === rows, component, `gave ${length} rows of column "${name}" for ${rows}`)
  }
  return { ...columns, ...result.columns }
}

/** A component that breaks its contract is a bug: shards made on top of it would be wrong in silence. */
function expect(holds: boolean, { name }: PrepareStage, message: string): void {
  if (!holds) throw new TypeError(`stage ${name} ${message}`)
}
