import type { TextColumn } from '../core/batch.ts'
import { binding } from './binding.ts'
import { checkOffsets, kernel } from './kernel.ts'

/**
 * Numbers of a run in `RepeatBlock.runs`. Texts count from 0 through all blocks, words from 0 in each text; `straight` is 1 where
 * the words of the source are those of the run one for one, and do not lie there in several places.
 */
export const runFields = ['text', 'fromByte', 'toByte', 'fromWord', 'toWord', 'words', 'source', 'sourceFrom', 'sourceTo', 'straight'] as const

/** What the texts of a block hold of earlier ones, or of themselves further up. */
export interface RepeatBlock {
  /** Texts of the block. */
  readonly texts: number
  /** `runFields` for each run, by text and place. */
  readonly runs: Uint32Array
}

export interface RepeatFinder {
  /** Adds rows of a column; the blocks that became full. */
  add(text: TextColumn, rows: Uint32Array): RepeatBlock[]
  /** The last block. */
  finish(): RepeatBlock
}

/** Finds runs of at least so many words that come again, among texts of `blockBytes` together; a longer text is a block by itself. */
export function repeatFinder(words: number, blockBytes: number): RepeatFinder {
  const native = new binding.RepeatedRuns(words, blockBytes)
  const block = (numbers: Uint32Array): RepeatBlock => ({ texts: numbers[0] ?? 0, runs: numbers.subarray(1) })
  return {
    add(text, rows) {
      checkOffsets('text', text.values, text.offsets, text.offsets.length - 1)
      return kernel('looking for repeated runs', () => native.add(text.values, text.offsets, rows)).map(block)
    },
    finish: () => block(kernel('looking for repeated runs', () => native.finish())),
  }
}
