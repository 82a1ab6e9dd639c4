import type { SourceBatch } from '../core/component.ts'
import { emptyColumn } from '../core/document.ts'
import { QuernError } from '../core/errors.ts'
import { watch } from '../core/stopwatch.ts'
import type { UnitKeys } from '../native/document-keys.ts'
import { sign, type Signatures } from '../native/minhash.ts'
import { rowKeys, rowUnits, type KeyPlan } from './key-plan.ts'
import { judge, type Judgement, type OpenStage } from './judge.ts'
import { sliceRows } from './slice-batch.ts'

/** The rule of a document that a kernel failed on; its verdict comes from here, not from its source. */
export const crashed = 'unreadable/crashed'

export interface Examined {
  readonly batch: SourceBatch
  readonly judged: Judgement
  readonly signatures: Signatures | undefined
  /** For each column that is compared as a whole, 16 bytes a row. */
  readonly keys: readonly Uint8Array[]
  readonly units: UnitKeys | undefined
}

/** Judges and signs a batch. A batch that a kernel fails on comes back in pieces, the document at fault alone and dropped. */
export type Examine = (batch: SourceBatch) => Generator<Examined>

/** More documents than this, and more than one in a hundred: then it is the kernel that is broken, and the run must say so. */
const tolerated = 20

/**
 * One bad document never takes another with it: where a stage or the signing throws, the batch is halved until the
 * document stands alone; it is then dropped as `unreadable/crashed`, its texts emptied, and the rest goes on. Costs nothing
 * unless something fails. The pieces do not depend on how rows were batched, since every healthy row is judged alone anyway.
 */
export function examiner(stages: readonly OpenStage[], plan: KeyPlan, crashedCode: number): Examine {
  let rows = 0
  let crashes = 0

  function attempt(batch: SourceBatch): Examined {
    const judged = judge(batch, stages)
    const { text, language } = judged.columns
    const languages = language?.type === 'label' ? language : undefined
    return {
      batch,
      judged,
      signatures: plan.signed && text?.type === 'text' ? watch('sign', () => sign(text, plan.bands, languages)) : undefined,
      keys: watch('sign', () => rowKeys(plan, judged.columns, batch.rows)),
      units: watch('sign', () => rowUnits(plan, judged.columns, batch.rows)),
    }
  }

  function* examine(batch: SourceBatch): Generator<Examined> {
    let failure: unknown
    try {
      const examined = attempt(batch)
      rows += batch.rows
      yield examined
      return
    } catch (error) {
      if (error instanceof QuernError && error.code !== 'native-failed') throw error
      failure = error
    }
    if (batch.rows > 1) {
      const half = batch.rows >> 1
      yield* examine(sliceRows(batch, 0, half))
      yield* examine(sliceRows(batch, half, batch.rows))
      return
    }
    rows += 1
    crashes += 1
    if (crashes > tolerated && crashes * 100 > rows) {
      throw new QuernError(
        'native-failed',
        `examining documents: ${crashes} of ${rows} made a stage fail; the last with: ${(failure as Error).message}`,
        {
          remedy: 'This is a bug of a stage, not of the input: report it with the message above.',
          cause: failure,
        },
      )
    }
    yield attempt(emptied(batch, crashedCode))
  }

  return examine
}

/** The same document with nothing left that a kernel could fail on: its place and address stay. */
function emptied(batch: SourceBatch, code: number): SourceBatch {
  const columns = Object.fromEntries(
    Object.entries(batch.columns).map(([name, column]) => [
      name,
      column.type === 'number' || name === 'url' || name === 'date' ? column : emptyColumn(name, 1),
    ]),
  )
  return { rows: 1, columns, verdict: { rule: Int32Array.of(code), measured: Float64Array.of(NaN), limit: Float64Array.of(NaN) } }
}
