import type { Column, TextColumn, Verdict } from '../core/batch.ts'
import type { Stitch } from '../core/component.ts'
import { emptyColumn, undetermined } from '../core/document.ts'
import { watch } from '../core/stopwatch.ts'
import { ledgerColumns } from '../dataset/ledger-schema.ts'
import { repeatFinder } from '../native/repeats.ts'
import type { ObjectFacts, Store } from '../storage/store.ts'
import { createCandidates } from './candidate-writer.ts'
import type { Examined } from './examine.ts'
import type { Judgement } from './judge.ts'
import { keyPlan, stagesOf } from './key-plan.ts'
import type { TaskPipeline } from './portable-pipeline.ts'
import { createRepeats } from './repeat-file.ts'
import { retains, withheld } from './retained-rows.ts'
import { rowTable } from './row-table.ts'
import { createStaging, readChunk, type Chunk, type ChunkPlace } from './staging-file.ts'
import { textChunker, textSorter } from './text-sorter.ts'
import { createUnits } from './unit-file.ts'
import type { VerdictTable } from './verdict-table.ts'

/** What is known of a part once it is prepared: small enough for everyone to read. */
export interface PartRecord extends Stitch {
  readonly key: string
  /** Index into the plan's parts. */
  readonly part: number
  readonly rows: number
  readonly candidates: number
  /** Whether candidates carry signatures. */
  readonly signed: boolean
  /** How many columns of keys they carry. */
  readonly keyColumns: number
  /** Codes of candidates' languages are indices into this list. */
  readonly languages: readonly string[]
  /** Dictionaries of the label columns among the staged rows. */
  readonly labels: Readonly<Record<string, readonly string[]>>
  /** `stage/rule` -> documents. */
  readonly dropped: Readonly<Record<string, number>>
  /** Text bytes of retained drops. */
  readonly droppedTextBytes: number
  readonly files: {
    readonly rows: StagedFile
    readonly texts: StagedTexts
    readonly dropped: StagedFile
    readonly candidates: ObjectFacts
    /** Units of the candidates' texts, where a stage cuts repeated ones. */
    readonly units?: StagedFile
    /** What the candidates' texts repeat of each other, where a stage cuts it. */
    readonly repeats?: StagedFile
  }
}

export interface StagedFile extends ObjectFacts {
  readonly chunks: readonly ChunkPlace[]
}

export interface StagedTexts extends ObjectFacts {
  /** Chunks of one language each, in the order written; a language's rows are numbered through its chunks. */
  readonly chunks: readonly { readonly language: string; readonly place: ChunkPlace }[]
}

export interface StagedPart {
  /** Rows with their ids, 16 bytes each. */
  add(ids: Uint8Array, examined: Examined): Promise<void>
  /** Closes all files and puts the record. */
  finish(part: number, stitch: Stitch): Promise<PartRecord>
  abort(): Promise<void>
}

/** Number columns of a staged row besides the measures: what the mill itself knows. `verdict` is a code of the VerdictTable, -1 kept. */
export const millNumbers = ['offset', 'length', 'text_bytes', 'verdict', 'measured', 'limit'] as const
export const rowTexts = ['url', 'date'] as const
/** Of a dropped document: enough to show it; in row order. */
export const droppedTexts = ['url', 'language', 'text'] as const

export async function createStagedPart(store: Store, key: string, table: VerdictTable, pipeline: TaskPipeline): Promise<StagedPart> {
  const plan = keyPlan(stagesOf(pipeline))
  const [rowFile, textFile, droppedFile, candidateFile] = [
    await createStaging(store),
    await createStaging(store),
    await createStaging(store),
    await createCandidates(store, plan.columns.length),
  ]
  const unitFile = plan.units === undefined ? undefined : await createUnits(store)
  const repeatFile = plan.repeats === undefined ? undefined : await createRepeats(store)
  const finder = plan.repeats && repeatFinder(plan.repeats.words, plan.repeats.blockBytes)
  const rowChunks: ChunkPlace[] = []
  const droppedChunks: ChunkPlace[] = []
  const textChunks: { language: string; place: ChunkPlace }[] = []
  const measures = pipeline.stages.flatMap(({ component }) => (component.phase === 'prepare' ? Object.keys(component.measures) : []))
  const rows = rowTable(
    [...millNumbers, ...measures],
    [...rowTexts, ...textColumns(pipeline)],
    labelColumns(pipeline),
    async (chunk) => void rowChunks.push(await rowFile.write(chunk)),
  )
  const sorter = textSorter(async (language, chunk) => void textChunks.push({ language, place: await textFile.write(chunk) }))
  const drops = textChunker(droppedTexts, async (chunk) => void droppedChunks.push(await droppedFile.write(chunk)))
  const languages = new Map<string, number>()
  const dropped: Record<string, number> = {}
  let candidates = 0
  let droppedTextBytes = 0

  return {
    async add(ids, { batch, judged, signatures, keys, units }) {
      const { rows: count, verdict: source } = batch
      const { columns } = judged
      const text = columns['text'] as TextColumn | undefined
      const language = columns['language']?.type === 'label' ? columns['language'] : undefined
      const rights = columns['rights']?.type === 'label' ? columns['rights'] : undefined
      const verdict = new Float64Array(count)
      const measured = new Float64Array(count).fill(NaN)
      const limit = new Float64Array(count).fill(NaN)
      const textBytes = new Float64Array(count)
      const undropped: number[] = []
      for (let row = 0; row < count; row += 1) {
        const bytes = text === undefined ? 0 : (text.offsets[row + 1] ?? 0) - (text.offsets[row] ?? 0)
        textBytes[row] = bytes
        const code = codeOf(row, source, judged, table)
        verdict[row] = code
        const id = ids.subarray(row * 16, row * 16 + 16)
        const name = language?.labels[language.indices[row] ?? -1] ?? undetermined
        if (code < 0) {
          let languageCode = languages.get(name)
          if (languageCode === undefined) languages.set(name, (languageCode = languages.size))
          await sorter.add(name, id, columns, row)
          await candidateFile.add(id, languageCode, bytes, signatures, keys, row)
          if (units !== undefined) await unitFile?.add(units, row)
          undropped.push(row)
          candidates += 1
          continue
        }
        const from = source.rule[row] === -1 ? judged : source
        measured[row] = from.measured[row] ?? NaN
        limit[row] = from.limit[row] ?? NaN
        const rule = table.names[code] ?? ''
        dropped[rule] = (dropped[rule] ?? 0) + 1
        if (!withheld(rule, rights?.labels[rights.indices[row] ?? -1]) && retains(pipeline.retainDropped, ids, row, bytes)) {
          await drops.add(id, columns, row)
          droppedTextBytes += bytes
        }
      }
      const compared = text ?? (emptyColumn('text', count) as TextColumn)
      const blocks = watch('sign', () => finder?.add(compared, Uint32Array.from(undropped)) ?? [])
      for (const block of blocks) await repeatFile?.add(block)
      const numbers = (values: Float64Array): Column => ({ type: 'number', values })
      const extra = { text_bytes: numbers(textBytes), verdict: numbers(verdict), measured: numbers(measured), limit: numbers(limit) }
      const measureColumns = Object.fromEntries([...judged.measures].map(([name, values]) => [name, numbers(values)]))
      await rows.add(count, ids, { ...columns, ...measureColumns, ...extra })
    },
    async finish(part, stitch) {
      await rows.finish()
      await sorter.finish()
      await drops.finish()
      if (finder !== undefined) await repeatFile?.add(watch('sign', () => finder.finish()))
      const place = `staging/${key}`
      const record: PartRecord = {
        ...stitch,
        key,
        part,
        rows: rows.total,
        candidates,
        signed: plan.signed,
        keyColumns: plan.columns.length,
        languages: [...languages.keys()],
        labels: rows.labels,
        dropped,
        droppedTextBytes,
        files: {
          rows: { ...(await rowFile.close(`${place}/rows`)), chunks: rowChunks },
          texts: { ...(await textFile.close(`${place}/texts`)), chunks: textChunks },
          dropped: { ...(await droppedFile.close(`${place}/dropped`)), chunks: droppedChunks },
          candidates: await candidateFile.close(`${place}/candidates`),
          ...(unitFile === undefined ? {} : { units: await unitFile.close(`${place}/units`) }),
          ...(repeatFile === undefined ? {} : { repeats: await repeatFile.close(`${place}/repeats`) }),
        },
      }
      await store.put(`parts/${key}.json`, JSON.stringify(record))
      return record
    },
    async abort() {
      await Promise.all([rowFile.abort(), textFile.abort(), droppedFile.abort(), candidateFile.abort(), unitFile?.abort(), repeatFile?.abort()])
    },
  }
}

/** Every label column of the ledger that a stage of the pipeline writes: languages before and after folding, rights, the evaluation set. */
export const labelColumns = (pipeline: Pick<TaskPipeline, 'stages'>): string[] => writtenColumns(pipeline, 'label')

/** Every text column of the ledger that a stage writes: the evidence for rights. */
export const textColumns = (pipeline: Pick<TaskPipeline, 'stages'>): string[] => writtenColumns(pipeline, 'text')

function writtenColumns(pipeline: Pick<TaskPipeline, 'stages'>, kind: 'label' | 'text'): string[] {
  const written = pipeline.stages.flatMap(({ component }) => component.writes)
  // A column that only other stages read is none of the ledger's.
  const kinds: Readonly<Record<string, { readonly kind: string }>> = ledgerColumns
  return [...new Set(written.filter((name) => kinds[name]?.kind === kind))]
}

function codeOf(row: number, source: Verdict, judged: Judgement, table: VerdictTable): number {
  const own = source.rule[row] ?? -1
  if (own >= 0) return own
  const stage = judged.stage[row] ?? -1
  return stage < 0 ? -1 : (table.stageStart[stage] ?? 0) + (judged.rule[row] ?? 0)
}

/** The staged texts of one language whose numbers lie in [first, end), chunk by chunk with the number of its first row. */
export async function* readStagedTexts(
  store: Store,
  record: PartRecord,
  language: string,
  first: number,
  end: number,
): AsyncGenerator<{ readonly start: number; readonly chunk: Chunk }> {
  let start = 0
  for (const { language: of, place } of record.files.texts.chunks) {
    if (of !== language) continue
    const rows = place[2]
    if (start + rows > first && start < end) yield { start, chunk: await readChunk(store, record.files.texts.path, place) }
    start += rows
    if (start >= end) return
  }
}

export async function readPartRecord(store: Store, key: string): Promise<PartRecord> {
  return JSON.parse(Buffer.from(await store.get(`parts/${key}.json`)).toString('utf8')) as PartRecord
}
