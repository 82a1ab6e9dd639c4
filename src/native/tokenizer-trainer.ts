import type { TextColumn } from '../core/batch.ts'
import { binding } from './binding.ts'
import { kernel } from './kernel.ts'

/** How words are cut: for byte-level BPE by the pattern of Llama 3 or GPT-4o, for Unigram before spaces. */
export type WordCut = 'llama3' | 'gpt4o' | 'spaces'

export interface TokenizerTrainer {
  /** Counts the words of every row; a text of weight 1 counts once, weights are rounded to 1/256. Up to 1 MiB of a text is learnt from. */
  add(text: TextColumn, weight: number): void
  /** Distinct words counted so far, some two million at most. */
  distinctWords(): number
  /** Learns a vocabulary of at most this size, everything included; yields its size about every second. */
  train(vocabularySize: number, special: readonly string[]): Generator<number>
  /** The tokenizer.json of what was learnt: the same for any number of threads and any batches. */
  file(): string
}

export function tokenizerTrainer(cut: WordCut, threads: number): TokenizerTrainer {
  const act = 'training a tokenizer'
  const native = kernel(act, () => new binding.TokenizerTrainer(cut, threads))
  return {
    add: (text, weight) => kernel(act, () => native.add(text.values, text.offsets, Math.max(1, Math.round(weight * 256)))),
    distinctWords: () => native.distinctWords,
    *train(vocabularySize, special) {
      kernel(act, () => native.begin(vocabularySize, [...special]))
      for (let done = false; !done; yield native.vocabulary) done = kernel(act, () => native.advance())
    },
    file: () => kernel(act, () => native.file()),
  }
}
