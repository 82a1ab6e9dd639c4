import type { LabelColumn, NumberColumn, TextColumn } from '../core/batch.ts'
import { textBuilder } from '../core/text-builder.ts'
import type { LedgerEntry } from '../dataset/pages.ts'
import type { Criteria } from '../dataset/criteria.ts'
import { countFate, emptyLosses, type Losses } from '../dataset/losses.ts'
import { openLedgerWriter, type LedgerColumns } from '../dataset/ledger-writer.ts'
import { addFindings, type Totals } from '../dataset/totals.ts'
import { quernVersion } from '../dataset/version.ts'
import type { Store } from '../storage/store.ts'
import type { SealPart } from './executors/executor.ts'
import { cutsKey, readCuts, type TextCut } from './cut-file.ts'
import { keyPlan, stagesOf, type RepeatPlan, type UnitPlan } from './key-plan.ts'
import { decodePlacement, type Placement } from './placement-file.ts'
import type { StoredPlan } from './plan.ts'
import type { TaskPipeline } from './portable-pipeline.ts'
import { readVersionIds } from './newer-versions.ts'
import { retains, withheld } from './retained-rows.ts'
import { outcomeLimits } from './sequence-keys.ts'
import { firstSuppressed, sequenceRules } from './sequence-rules.ts'
import { labelColumns, readPartRecord, textColumns, type PartRecord } from './staged-part.ts'
import { readChunk, textIn, type Chunk } from './staging-file.ts'
import { suppressedRows } from './suppressed-rows.ts'
import { verdictTable, type VerdictTable } from './verdict-table.ts'

export interface SealTask {
  readonly key: string
  readonly parts: readonly SealPart[]
  readonly criteria: Criteria
  readonly versions?: string
  readonly shards: readonly { readonly path: string; readonly tokenCounts: string }[]
}

export interface SealRecord {
  readonly files: readonly LedgerEntry[]
  readonly losses: Losses
  /** What was found of evaluation sets; absent where no stage looks for them. */
  readonly benchmarks?: Totals['byBenchmark']
}

/**
 * Joins by position what prepare measured, what sequence decided and where press put it, into the ledger: one row for
 * every document read, in reading order. Memory: one staged chunk, a row group, and the token counts of the shards that
 * one part went to. Its record, put last, is the result when it is there already.
 */
export async function seal(
  store: Store,
  pipeline: TaskPipeline,
  plan: StoredPlan,
  task: SealTask,
  progress: (rows: number) => void,
): Promise<SealRecord> {
  const recordKey = `parts/${task.key}.json`
  const done = await store.find(recordKey)
  if (done !== undefined) return JSON.parse(Buffer.from(done).toString('utf8')) as SealRecord
  const measures = pipeline.stages.flatMap(({ component }) => (component.phase === 'prepare' ? Object.keys(component.measures) : []))
  const losses = emptyLosses()
  let benchmarks: Totals['byBenchmark'] = labelColumns(pipeline).includes('benchmark') ? {} : undefined
  // Asking for cuts that no stage makes would be a request a part.
  const cutting = cutterOf(pipeline) !== undefined
  const ledger = await openLedgerWriter(store, measures, quernVersion)
  let tokens = new Map<number, Uint32Array>()
  try {
    const suppressed = suppressedRows(task.criteria)
    const versions = await readVersionIds(store, task.versions)
    for (const part of task.parts) {
      const record = await readPartRecord(store, part.key)
      const placement = decodePlacement(await store.get(part.placement))
      const file = plan.files[plan.parts[part.part]?.file ?? -1]
      const source = pipeline.sources[file?.source ?? -1]
      if (file === undefined || source === undefined) throw new RangeError(`sealing: part ${part.part} is not in the plan`)
      const cuts = cutting ? new Map((await readCuts(store, cutsKey(part.placement))).map((cut) => [cut.candidate, cut])) : new Map<number, TextCut>()
      tokens = await tokenCountsOf(store, task, placement, tokens)
      const table = verdictTable(pipeline, source.component)
      const places = { source: source.name, file: file.path, part: part.key }
      const gone = suppressed(part.source)
      let row = 0
      let candidate = 0
      for (const place of record.files.rows.chunks) {
        const chunk = await readChunk(store, record.files.rows.path, place)
        const joined = joinRows({
          pipeline,
          chunk,
          record,
          placement,
          cuts,
          candidate,
          table,
          task,
          tokens,
          retained: part.retained,
          versions,
          gone: gone?.of(chunk.ids, textIn(chunk, 'url')),
        })
        await ledger.writeRows(chunk.rows, {
          ...joined.columns,
          ...constants(places, chunk.rows),
          row: rowNumbers(row, chunk.rows),
          ...pick(chunk, measures),
        })
        row += chunk.rows
        candidate = joined.candidate
        countLosses(losses, source.name, joined.columns)
        if (benchmarks !== undefined) benchmarks = addFindings(benchmarks, findingsOf(joined.columns))
        progress(chunk.rows)
      }
      if (candidate !== record.candidates)
        throw new RangeError(`sealing part ${part.key}: ${candidate} rows are undropped, its record says ${record.candidates}`)
    }
    const record: SealRecord = { files: await ledger.close(), losses, ...(benchmarks === undefined ? {} : { benchmarks }) }
    await store.put(recordKey, JSON.stringify(record))
    return record
  } catch (error) {
    await ledger.abort()
    throw error
  }
}

interface Join {
  readonly pipeline: TaskPipeline
  readonly chunk: Chunk
  readonly record: PartRecord
  readonly placement: Placement
  /** By candidate. */
  readonly cuts: ReadonlyMap<number, TextCut>
  /** Number of the first undropped row of the chunk among the part's. */
  readonly candidate: number
  readonly table: VerdictTable
  readonly task: SealTask
  readonly tokens: ReadonlyMap<number, Uint32Array>
  readonly retained: string | null
  readonly versions: ReadonlySet<string>
  /** Rows whose address and text leave nothing behind. */
  readonly gone: Uint8Array | undefined
}

function joinRows({ pipeline, chunk, record, placement, cuts, candidate: first, table, task, tokens, retained, versions, gone }: Join): {
  readonly columns: LedgerColumns
  readonly candidate: number
} {
  const { rows, numbers } = chunk
  const values = (name: string): Float64Array => numbers[name] ?? new Float64Array(rows).fill(NaN)
  const verdict = values('verdict')
  const measured = values('measured').slice()
  const limit = values('limit').slice()
  const names = [...table.names, ...sequenceRules.slice(1)]
  const rule = new Int32Array(rows)
  const survivor = new Uint8Array(rows * 16)
  const present = new Uint8Array(rows)
  const similarity = new Float64Array(rows).fill(NaN)
  const shard = new Int32Array(rows).fill(-1)
  const shardRow = new Float64Array(rows).fill(NaN)
  const nTokens = new Float64Array(rows).fill(NaN)
  const dropped = new Int32Array(rows).fill(-1)
  const bytes = values('text_bytes').slice()
  const cutBytes = new Float64Array(rows).fill(NaN)
  const cutFrom = { values: new Uint8Array(rows * 16), present: new Uint8Array(rows) }
  const near = pipeline.stages.find(({ component }) => component.name === 'near-duplicates')?.config as { readonly similarity: number } | undefined
  const limitOf = outcomeLimits(near?.similarity ?? null, keyPlan(stagesOf(pipeline)))
  const cutStage = cutterOf(pipeline)?.stage ?? ''
  let candidate = first
  for (let row = 0; row < rows; row += 1) {
    let code = verdict[row] ?? -1
    if (code < 0) {
      const outcome = placement.outcome[candidate] ?? 0
      if (outcome === 0) {
        const number = placement.shard[candidate] ?? 0
        const at = placement.shardRow[candidate] ?? 0
        shard[row] = number
        shardRow[row] = at
        nTokens[row] = tokens.get(number)?.[at] ?? NaN
        const cut = cuts.get(candidate)
        if (cut !== undefined) {
          cutBytes[row] = cut.bytes
          cutFrom.values.set(cut.source, row * 16)
          cutFrom.present[row] = 1
          bytes[row] = (bytes[row] ?? 0) - cut.bytes
        }
      } else {
        code = table.names.length + outcome - 1
        if (outcome < firstSuppressed) {
          survivor.set(placement.survivor.subarray(candidate * 16, candidate * 16 + 16), row * 16)
          present[row] = 1
        }
        const estimate = placement.similarity[candidate] ?? NaN
        // Of lines that were cut it is no similarity, but what their rule measures.
        if (outcome < 4) similarity[row] = estimate
        measured[row] = estimate
        limit[row] = limitOf(outcome)
      }
      candidate += 1
    }
    rule[row] = code
    const denied = withheld(names[code] ?? '', record.labels['rights']?.[numbers['rights']?.[row] ?? -1])
    if (code >= 0 && retained !== null && !denied && !gone?.[row] && retains(pipeline.retainDropped, chunk.ids, row, bytes[row] ?? 0, versions))
      dropped[row] = 0
  }
  const stages = names.map((name) => name.slice(0, name.indexOf('/')))
  const rules = names.map((name) => name.slice(name.indexOf('/') + 1))
  const outcome = Int32Array.from(rule, (code) => (code < 0 ? 0 : 1))
  const number = (values: Float64Array): NumberColumn => ({ type: 'number', values })
  return {
    candidate,
    columns: {
      ...Object.fromEntries(
        labelColumns(pipeline).map((name) => [name, label(numbers[name] ?? new Float64Array(rows).fill(-1), record.labels[name] ?? [])]),
      ),
      ...Object.fromEntries(textColumns(pipeline).map((name) => [name, without(textIn(chunk, name), gone)])),
      doc_id: { type: 'id', values: chunk.ids, present: null },
      url: without(textIn(chunk, 'url'), gone),
      date: textIn(chunk, 'date'),
      offset: number(values('offset')),
      length: number(values('length')),
      outcome: { type: 'label', indices: outcome, labels: ['kept', 'dropped'] },
      stage: { type: 'label', indices: rule, labels: stages },
      rule: { type: 'label', indices: rule, labels: rules },
      measured: number(measured),
      limit: number(limit),
      survivor: { type: 'id', values: survivor, present },
      similarity: number(similarity),
      cut_bytes: number(cutBytes),
      cut_by: { type: 'label', indices: Int32Array.from(cutFrom.present, (present) => present - 1), labels: [cutStage] },
      cut_from: { type: 'id', ...cutFrom },
      shard: { type: 'label', indices: shard, labels: task.shards.map(({ path }) => path) },
      shard_row: number(shardRow),
      n_bytes: number(bytes),
      n_tokens: number(nTokens),
      dropped_text: { type: 'label', indices: dropped, labels: retained === null ? [] : [retained] },
    },
  }
}

/** The same texts, empty in the rows that are named. */
function without(column: TextColumn, rows: Uint8Array | undefined): TextColumn {
  if (rows === undefined || !rows.some((code) => code > 0)) return column
  const builder = textBuilder()
  for (const [row, code] of rows.entries())
    if (code > 0) builder.appendBytes(new Uint8Array(0))
    else builder.append(column, row)
  return builder.take()
}

/** Adds a chunk's fates, those that are alike at once. A near-duplicate of similarity 1 is a copy. */
function countLosses(losses: Losses, source: string, { language, stage, rule, similarity }: LedgerColumns): void {
  if (rule?.type !== 'label' || stage?.type !== 'label' || similarity?.type !== 'number') return
  const languages = language?.type === 'label' ? language : undefined
  const alike = new Map<number, { n: number; copies: number }>()
  const rules = rule.labels.length + 1
  for (const [row, code] of rule.indices.entries()) {
    const key = ((languages?.indices[row] ?? -1) + 1) * rules + code + 1
    const counts = alike.get(key) ?? { n: 0, copies: 0 }
    counts.n += 1
    if (similarity.values[row] === 1 && stage.labels[code] === 'near-duplicates') counts.copies += 1
    alike.set(key, counts)
  }
  for (const [key, { n, copies }] of alike) {
    const code = (key % rules) - 1
    const name = code < 0 ? undefined : `${stage.labels[code]}/${rule.labels[code]}`
    countFate(losses.bySource, source, name, n, copies)
    countFate(losses.byLanguage, languages?.labels[Math.floor(key / rules) - 1] ?? '', name, n, copies)
  }
}

/** Documents by the evaluation set that they share most with, and those of them that went for it. */
function findingsOf({ benchmark, stage }: LedgerColumns): NonNullable<Totals['byBenchmark']> {
  const findings = new Map<string, { found: number; dropped: number }>()
  if (benchmark?.type !== 'label' || stage?.type !== 'label') return {}
  for (const [row, index] of benchmark.indices.entries()) {
    const name = benchmark.labels[index]
    if (name === undefined) continue
    const counts = findings.get(name) ?? { found: 0, dropped: 0 }
    counts.found += 1
    if (stage.labels[stage.indices[row] ?? -1] === 'contaminated') counts.dropped += 1
    findings.set(name, counts)
  }
  return Object.fromEntries(findings)
}

function label(codes: Float64Array, labels: readonly string[]): LabelColumn {
  return { type: 'label', indices: Int32Array.from(codes), labels }
}

/** The one stage that cuts what is repeated, if the pipeline has it. */
function cutterOf(pipeline: TaskPipeline): UnitPlan | RepeatPlan | undefined {
  const { units, repeats } = keyPlan(stagesOf(pipeline))
  return units ?? repeats
}

function constants(
  values: { readonly source: string; readonly file: string; readonly part: string },
  rows: number,
): { readonly source: LabelColumn; readonly file: LabelColumn; readonly part: LabelColumn } {
  const same = (value: string): LabelColumn => ({ type: 'label', indices: new Int32Array(rows), labels: [value] })
  return { source: same(values.source), file: same(values.file), part: same(values.part) }
}

function rowNumbers(first: number, rows: number): NumberColumn {
  return { type: 'number', values: Float64Array.from({ length: rows }, (_, i) => first + i) }
}

function pick(chunk: Chunk, names: readonly string[]): Record<string, NumberColumn> {
  return Object.fromEntries(names.map((name) => [name, { type: 'number', values: chunk.numbers[name] ?? new Float64Array(chunk.rows).fill(NaN) }]))
}

/** Token counts of the shards that the part's kept documents lie in; those of the part before are kept where they serve again. */
async function tokenCountsOf(
  store: Store,
  task: SealTask,
  placement: Placement,
  before: ReadonlyMap<number, Uint32Array>,
): Promise<Map<number, Uint32Array>> {
  const counts = new Map<number, Uint32Array>()
  for (let row = 0; row < placement.rows; row += 1) {
    const number = placement.shard[row] ?? 0
    if (placement.outcome[row] !== 0 || counts.has(number)) continue
    counts.set(number, before.get(number) ?? asUint32(await store.get(task.shards[number]?.tokenCounts ?? '')))
  }
  return counts
}

function asUint32(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
}
