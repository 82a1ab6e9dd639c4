import type { ShardEntry } from '../dataset/pages.ts'
import { SequenceIndex } from '../native/sequence-index.ts'
import type { Store } from '../storage/store.ts'
import { candidateChunkRows, candidateRowBytes, decodeCandidates } from './candidate-file.ts'
import { cutter, type Cut } from './cutter.ts'
import { indexSettings } from './index-runs.ts'
import { encodePlacement, newPlacement } from './placement-file.ts'
import type { TaskPipeline } from './portable-pipeline.ts'
import { holdNight, survivorOrder } from './sequence-order.ts'
import type { PartRecord } from './staged-part.ts'

export interface SequenceStart {
  readonly store: Store
  readonly pipeline: TaskPipeline
  /** Names this pass among others over the same plan: it must change with the parent snapshot. */
  readonly pass: string
  /** Local files of the index runs of earlier nights, oldest first. */
  readonly runs: readonly string[]
  readonly tails: ReadonlyMap<string, ShardEntry>
  /** A local folder for this night's own runs. */
  readonly scratch: string
  readonly closed: (number: number, cut: Cut) => void
}

/** What became of one part's candidates. */
export interface SequencedPart {
  readonly kept: number
  readonly dropped: Readonly<Record<string, number>>
  readonly droppedTextBytes: number
  readonly placementKey: string
}

export interface Sequence {
  /** Where it is there, it takes all parts in plan order before the first is added: what survives is not decided in that order. */
  readonly hold: ((record: PartRecord) => Promise<void>) | undefined
  /** Parts come in plan order, each once. */
  add(part: number, record: PartRecord): Promise<SequencedPart>
  finish(): ReturnType<SequenceIndex['finish']>
  close(): void
}

/** Names of the outcomes that the index gives, by its codes. */
export const duplicateRules = ['', 'exact-duplicates/copy', 'near-duplicates/similar'] as const

export function placementKey(pass: string, part: number): string {
  return `staging/sequence-${pass}/${String(part).padStart(8, '0')}.placement`
}

/**
 * All duplicate checks of every document, in order, in one pass: a document goes if a kept earlier one, of tonight or of
 * an earlier night, matches. It also cuts the shards. Cheap enough to be done again from the start after a stop.
 */
export function startSequence({ store, pipeline, pass, runs, tails, scratch, closed }: SequenceStart): Sequence {
  const settings = indexSettings((name) => pipeline.stages.find((stage) => stage.component.name === name)?.config)
  const index = settings === undefined ? undefined : new SequenceIndex({ ...settings, scratch, keepAll: false })
  for (const run of runs) index?.addRun(run)
  const cuts = cutter(pipeline.shardBytes, tails, closed)
  const order = survivorOrder(pipeline)
  const held = order === undefined ? undefined : holdNight(store, scratch, order)

  return {
    hold: held?.hold,
    async add(part, record) {
      const placement = newPlacement(record.candidates)
      const languageRows = new Uint32Array(record.languages.length)
      const dropped: Record<string, number> = {}
      let kept = 0
      let droppedTextBytes = 0
      const rowBytes = candidateRowBytes(record.signed)
      for (let first = 0; first < record.candidates; first += candidateChunkRows) {
        const rows = Math.min(candidateChunkRows, record.candidates - first)
        const bytes = await store.get(record.files.candidates.path, { offset: first * rowBytes, length: rows * rowBytes })
        const chunk = decodeCandidates(bytes, rows, record.signed)
        if (index !== undefined && chunk.signatures !== undefined) {
          const candidates = { ids: chunk.ids, candidates: new Uint8Array(rows).fill(1), signatures: chunk.signatures }
          const decided = held === undefined ? index.decide(candidates) : held.next(index, rows)
          placement.outcome.set(decided.outcome, first)
          placement.survivor.set(decided.survivor, first * 16)
          placement.similarity.set(decided.similarity, first)
        }
        for (let row = 0; row < rows; row += 1) {
          const language = chunk.languages[row] ?? 0
          const languageRow = languageRows[language] ?? 0
          languageRows[language] = languageRow + 1
          const outcome = placement.outcome[first + row] ?? 0
          if (outcome !== 0) {
            const rule = duplicateRules[outcome] ?? ''
            dropped[rule] = (dropped[rule] ?? 0) + 1
            droppedTextBytes += chunk.textBytes[row] ?? 0
            continue
          }
          placement.similarity[first + row] = NaN
          const place = cuts.place(record.languages[language] ?? '', part, record.key, languageRow, chunk.textBytes[row] ?? 0)
          placement.shard[first + row] = place.shard
          placement.shardRow[first + row] = place.row
          kept += 1
        }
      }
      const key = placementKey(pass, part)
      await store.put(key, encodePlacement(placement))
      return { kept, dropped, droppedTextBytes, placementKey: key }
    },
    finish() {
      cuts.finish()
      return index?.finish() ?? { runs: [] }
    },
    close() {
      index?.close()
      held?.close()
    },
  }
}
