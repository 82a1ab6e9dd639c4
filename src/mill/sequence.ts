import type { ShardEntry } from '../dataset/pages.ts'
import { bandsPerRow, sketchBytes, type Signatures } from '../native/minhash.ts'
import { SequenceIndex, type IndexRun } from '../native/sequence-index.ts'
import type { UnitKeys } from '../native/document-keys.ts'
import type { Store } from '../storage/store.ts'
import { candidateChunkRows, candidateRowBytes, decodeCandidates, type CandidateChunk } from './candidate-file.ts'
import { cutsKey, encodeCuts, type TextCut } from './cut-file.ts'
import { cutter, type Cut } from './cutter.ts'
import { holdNight } from './held-night.ts'
import { indexSettings } from './index-runs.ts'
import { keyPlan, stagesOf } from './key-plan.ts'
import { encodePlacement, newPlacement, type Placement } from './placement-file.ts'
import type { TaskPipeline } from './portable-pipeline.ts'
import { startSequenceKeys, type FinishedKeyRun, type RowCut, type StageRun } from './sequence-keys.ts'
import { sequenceRules } from './sequence-rules.ts'
import type { PartRecord } from './staged-part.ts'
import { repeatBlocks } from './repeat-file.ts'
import { decideRepeats } from './repeated-runs.ts'
import { survivorOrder } from './survivor-order.ts'
import { suppressedCandidates, type SuppressedRows } from './suppressed-rows.ts'
import { readUnits } from './unit-file.ts'

export interface SequenceStart {
  readonly store: Store
  readonly pipeline: TaskPipeline
  /** Names this pass among others over the same plan: it must change with the parent snapshot. */
  readonly pass: string
  /** Local files of the index runs of earlier nights, oldest first. */
  readonly runs: readonly string[]
  /** The same of runs of keys, with the stage that they are of. */
  readonly keyRuns: readonly StageRun[]
  /** Documents of these runs, 16 bytes each, that are in the dataset no more. */
  readonly erased: Uint8Array
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
  readonly hold: ((record: PartRecord, suppressed: SuppressedRows | undefined) => Promise<void>) | undefined
  /** Parts come in plan order, each once. `suppressed` says which rows may not come in, whatever they are like. */
  add(part: number, record: PartRecord, suppressed: SuppressedRows | undefined): Promise<SequencedPart>
  finish(): { readonly runs: readonly IndexRun[]; readonly keyRuns: readonly FinishedKeyRun[] }
  close(): void
}

export function placementKey(pass: string, part: number): string {
  return `staging/sequence-${pass}/${String(part).padStart(8, '0')}.placement`
}

/**
 * All duplicate checks of every document, in order, in one pass: a document goes if a kept earlier one, of tonight or of
 * an earlier night, matches. It also cuts the shards. Cheap enough to be done again from the start after a stop.
 */
export function startSequence({ store, pipeline, pass, runs, keyRuns, erased, tails, scratch, closed }: SequenceStart): Sequence {
  const settings = indexSettings((name) => pipeline.stages.find((stage) => stage.component.name === name)?.config)
  const index = settings === undefined ? undefined : new SequenceIndex({ ...settings, scratch, keepAll: false })
  for (const run of runs) index?.addRun(run)
  index?.erase(erased)
  const plan = keyPlan(stagesOf(pipeline))
  const keys = startSequenceKeys(plan, keyRuns, scratch, erased)
  const repeatPlan = plan.repeats
  /** What the sequence index makes of rows of a chunk that begins at `first` of the placement. */
  const near = (chunk: CandidateChunk, placement: Placement, first: number) => (from: number, to: number, candidates: Uint8Array) => {
    if (index === undefined || chunk.signatures === undefined) return
    const decided = index.decide({ ids: chunk.ids.subarray(from * 16, to * 16), candidates, signatures: slice(chunk.signatures, from, to) })
    placement.outcome.set(decided.outcome, first + from)
    placement.survivor.set(decided.survivor, (first + from) * 16)
    placement.similarity.set(decided.similarity, first + from)
  }
  const order = survivorOrder(stagesOf(pipeline), plan)
  const shape = { signed: plan.signed, keyColumns: plan.columns.length }
  const held =
    order &&
    holdNight(store, scratch, order, shape, async (chunk, gone) => {
      const placement = newPlacement(chunk.rows)
      const nextUnits = (): never => {
        throw new RangeError('a held night has no stage that cuts units')
      }
      await keys.decide({ chunk, placement, first: 0, gone, nextUnits, repeats: undefined, near: near(chunk, placement, 0) })
      return placement
    })
  // A shard may be pressed once the cuts of its parts are laid down: until then it waits.
  const waiting: [number, Cut][] = []
  const cutParts = new Set<number>()
  const cuts = cutter(pipeline.shardBytes, tails, (number, cut) => void waiting.push([number, cut]))
  const release = (): void => {
    for (const [number, cut] of waiting.splice(0)) closed(number, withCuts(cut, pass, cutParts))
  }

  return {
    hold: held && (async (record, suppressed) => held.hold(record, await suppressedCandidates(store, record, suppressed))),
    async add(part, record, suppressed) {
      const gone = await suppressedCandidates(store, record, suppressed)
      const placement = newPlacement(record.candidates)
      const languageRows = new Uint32Array(record.languages.length)
      const dropped: Record<string, number> = {}
      let kept = 0
      let droppedTextBytes = 0
      const rowBytes = candidateRowBytes(record)
      const textCuts: TextCut[] = []
      const units = record.files.units
      let unitChunk = 0
      const nextUnits = async (): Promise<UnitKeys> => {
        const place = units?.chunks[unitChunk]
        unitChunk += 1
        if (units === undefined || place === undefined) throw new RangeError(`part ${record.key} has no units for its candidates`)
        return readUnits(store, units.path, place)
      }
      const repeats = repeatPlan && decideRepeats(repeatPlan, repeatBlocks(store, record))
      for (let first = 0; first < record.candidates; first += candidateChunkRows) {
        const rows = Math.min(candidateChunkRows, record.candidates - first)
        const raw = await store.get(record.files.candidates.path, { offset: first * rowBytes, length: rows * rowBytes })
        const chunk = decodeCandidates(raw, rows, record)
        let lost: ReadonlyMap<number, RowCut> = new Map()
        if (held === undefined) {
          const own = gone?.subarray(first, first + rows)
          lost = await keys.decide({ chunk, placement, first, gone: own, nextUnits, repeats, near: near(chunk, placement, first) })
        } else {
          const { outcome, survivor, similarity } = await held.next(rows)
          placement.outcome.set(outcome, first)
          placement.survivor.set(survivor, first * 16)
          placement.similarity.set(similarity, first)
        }
        for (let row = 0; row < rows; row += 1) {
          const language = chunk.languages[row] ?? 0
          const languageRow = languageRows[language] ?? 0
          languageRows[language] = languageRow + 1
          const outcome = placement.outcome[first + row] ?? 0
          if (outcome !== 0) {
            const rule = sequenceRules[outcome] ?? ''
            dropped[rule] = (dropped[rule] ?? 0) + 1
            droppedTextBytes += chunk.textBytes[row] ?? 0
            continue
          }
          placement.similarity[first + row] = NaN
          const loss = lost.get(row)
          if (loss !== undefined) textCuts.push({ candidate: first + row, language, number: languageRow, ...loss })
          const bytes = (chunk.textBytes[row] ?? 0) - (loss?.bytes ?? 0)
          const place = cuts.place(record.languages[language] ?? '', part, record.key, languageRow, bytes)
          placement.shard[first + row] = place.shard
          placement.shardRow[first + row] = place.row
          kept += 1
        }
      }
      const key = placementKey(pass, part)
      await store.put(key, encodePlacement(placement))
      if (textCuts.length > 0) {
        await store.put(cutsKey(key), encodeCuts(textCuts))
        cutParts.add(part)
      }
      release()
      return { kept, dropped, droppedTextBytes, placementKey: key }
    },
    finish() {
      cuts.finish()
      release()
      return { runs: index?.finish().runs ?? [], keyRuns: keys.finish() }
    },
    close() {
      index?.close()
      held?.close()
      keys.close()
    },
  }
}

/** The signatures of rows [from, to). */
export function slice({ bands, sketch, shingles, digest }: Signatures, from: number, to: number): Signatures {
  return {
    bands: bands.subarray(from * bandsPerRow, to * bandsPerRow),
    sketch: sketch.subarray(from * sketchBytes, to * sketchBytes),
    shingles: shingles.subarray(from, to),
    digest: digest.subarray(from * 16, to * 16),
  }
}

/** Says of each piece where its part's cuts lie, if it has any. */
function withCuts(cut: Cut, pass: string, parts: ReadonlySet<number>): Cut {
  if (!cut.pieces.some(({ part }) => parts.has(part))) return cut
  return { ...cut, pieces: cut.pieces.map((piece) => (parts.has(piece.part) ? { ...piece, cuts: cutsKey(placementKey(pass, piece.part)) } : piece)) }
}
