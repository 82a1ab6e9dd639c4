import type { Predictions } from '../../native/language-model.ts'
import { europeanLanguages } from './european.ts'
import { folds, labelWithScript } from './folds.ts'

/** Best codes of a row after folding, with their summed probabilities; valid until the next call. */
export interface FoldedRow {
  readonly codes: readonly number[]
  readonly scores: readonly number[]
}

export interface Folder {
  /** Every code that a label can fold into; numbers of codes index it. */
  readonly codes: readonly string[]
  fold(predictions: Predictions, row: number, k: number, script: string | undefined): FoldedRow
}

const iso3ToCode = new Map(europeanLanguages.flatMap(({ code, iso3 }) => iso3.map((long) => [long, code] as const)))

/** The code of a label that no fold names: `deu_Latn` is `de`, any other label stays. */
function codeOf(label: string): string {
  const long = labelWithScript.exec(label)?.[1]
  return long === undefined ? label : (iso3ToCode.get(long) ?? long)
}

/** Where the labels of a model go, by script; see folds.ts for what the rows mean. */
export function labelFolder(model: string, labels: readonly string[]): Folder {
  const rows = folds[model] ?? []
  const codes: string[] = []
  const numbers = new Map<string, number>()
  const numberOf = (code: string): number => {
    let number = numbers.get(code)
    if (number === undefined) {
      number = codes.push(code) - 1
      numbers.set(code, number)
    }
    return number
  }
  const targetsIn = (script: string | undefined): readonly (readonly number[])[] =>
    labels.map((label) => {
      const fold = rows.find((row) => row.label === label && (row.script === undefined || row.script === script))
      return (fold?.to ?? [codeOf(label)]).map(numberOf)
    })
  const anyScript = targetsIn(undefined)
  const byScript = new Map(
    [...new Set(rows.flatMap(({ script }) => (script === undefined ? [] : [script])))].map((script) => [script, targetsIn(script)]),
  )

  const sums = new Float64Array(codes.length)
  return {
    codes,
    fold({ labels: predicted, scores }, row, k, script) {
      const targets = (script === undefined ? undefined : byScript.get(script)) ?? anyScript
      const touched: number[] = []
      const add = (code: number, score: number) => {
        if (!touched.includes(code)) touched.push(code)
        sums[code]! += score
      }
      // Labels with one target first: a label with several looks at what they have got.
      for (const several of [false, true]) {
        for (let i = row * k; i < row * k + k && predicted[i] !== -1; i++) {
          const to = targets[predicted[i]!]!
          if (to.length > 1 !== several) continue
          add(several ? to.reduce((best, code) => (sums[code]! > sums[best]! ? code : best)) : to[0]!, scores[i]!)
        }
      }
      // Of equal sums the one met first stays first: toSorted is stable.
      const best = touched.toSorted((a, b) => sums[b]! - sums[a]!)
      const found = best.map((code) => sums[code]!)
      for (const code of touched) sums[code] = 0
      return { codes: best, scores: found }
    },
  }
}
