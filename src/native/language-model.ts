import { existsSync } from 'node:fs'
import type { LabelColumn, TextColumn } from '../core/batch.ts'
import { QuernError } from '../core/errors.ts'
import { binding } from './binding.ts'

/** The likeliest labels of each row, `k` a row and likeliest first; -1 and NaN where a row has fewer. */
export interface Predictions {
  readonly labels: Int32Array
  readonly scores: Float64Array
}

export interface LanguageModel {
  /** By number, without `__label__`. */
  readonly labels: readonly string[]
  predict(text: TextColumn, k: number, reading?: Reading): Predictions
}

/** What of a text the model is given; by default all of it, as it stands. */
export interface Reading {
  /** Of a longer text a third each from its start, middle and end. 0: no limit. */
  readonly mostBytes: number
  /** Lower-case words alone, as the shipped model was trained on. */
  readonly normalised: boolean
}

const everything: Reading = { mostBytes: 0, normalised: false }

/** Opens a supervised fastText model, `.bin` or `.ftz`; throws `missing-file`, or `unsupported-model` with what is wrong about the file. */
export function openLanguageModel(path: string): LanguageModel {
  if (!existsSync(path)) throw new QuernError('missing-file', `loading a language model: there is no file ${path}`)
  const model = calling(() => new binding.LanguageModel(path))
  return {
    labels: model.labels(),
    predict: (text, k, { mostBytes, normalised } = everything) => calling(() => model.predict(...borrowed(text), k, mostBytes, normalised)),
  }
}

const scripts: readonly string[] = binding.scriptCodes()

/** The script that most letters of each row belong to, as ISO 15924 code (`Zzzz`: another one); none for a row without letters. */
export function dominantScripts(text: TextColumn): LabelColumn {
  return { type: 'label', indices: calling(() => binding.dominantScripts(...borrowed(text))), labels: scripts }
}

function borrowed({ values, offsets }: TextColumn): [Uint8Array, Int32Array] {
  const end = offsets.at(-1) ?? 0
  if (end > values.byteLength)
    throw new QuernError('native-failed', `identifying languages: the offsets end at ${end}, the column has ${values.byteLength} bytes`)
  return [values, offsets]
}

function calling<T>(kernel: () => T): T {
  try {
    return kernel()
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    const [, ofModel] = /^unsupported-model: (.*)$/s.exec(message) ?? []
    if (ofModel === undefined) throw new QuernError('native-failed', `identifying languages: ${message}`, { cause })
    throw new QuernError('unsupported-model', `loading a language model: ${ofModel}`, {
      remedy: 'Give a supervised fastText model (.bin or .ftz, version 11 or 12), or leave out `model` for lid.176.',
      cause,
    })
  }
}
