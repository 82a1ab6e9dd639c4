import type { TextColumn } from '../core/batch.ts'
import { QuernError } from '../core/errors.ts'
import { binding } from './binding.ts'
import type * as Binding from './binding.d.cts'

/** Token ids of the rows of a batch, `ids[offsets[i]..offsets[i + 1]]`; the caller owns both. */
export interface TokenIds {
  readonly ids: Uint16Array | Uint32Array
  readonly offsets: Int32Array
}

/**
 * A byte-level BPE tokenizer.json: ids equal to Hugging Face `tokenizers` 0.23.3 with `encode_special_tokens` set and no
 * special tokens added. The text of a special token is ordinary text; added tokens that are not special are matched.
 */
export class Tokenizer {
  readonly #native: Binding.Tokenizer
  /** The largest id and one; some published files have ids in between that no token has. */
  readonly vocabularySize: number
  /** Of the file's bytes, in hexadecimal. */
  readonly sha256: string
  /** Special tokens and their ids in file order. */
  readonly special: ReadonlyMap<string, number>
  /** Ids are 16 bits wide when every one fits. */
  readonly narrow: boolean

  /** `file` is only named in errors: `unsupported-tokenizer` when the encoder does not implement a part of it. */
  constructor(json: Uint8Array, file: string) {
    try {
      this.#native = new binding.Tokenizer(json)
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      if (!message.startsWith('refused: ')) throw new QuernError('native-failed', `reading the tokenizer ${file}: ${message}`, { cause })
      throw new QuernError('unsupported-tokenizer', `reading the tokenizer ${file}: ${message.slice('refused: '.length)}`, {
        remedy: 'Give a tokenizer.json with byte-level BPE as Llama 3, GPT-4o, Qwen 3, Mistral Nemo or GPT-2 have it.',
        cause,
      })
    }
    this.vocabularySize = this.#native.vocabularySize
    this.sha256 = this.#native.sha256
    this.special = new Map(this.#native.special.map(({ content, id }) => [content, id]))
    this.narrow = this.vocabularySize <= 2 ** 16
  }

  /** Ids of every row, each followed by `endOfDocument` unless it is null. */
  encode(text: TextColumn, endOfDocument: number | null = null): TokenIds {
    const rows = text.offsets.length - 1
    // A view whose buffer was transferred away arrives empty and without an error.
    if ((text.offsets[rows] ?? 0) > text.values.byteLength)
      throw new QuernError('native-failed', 'tokenizing: the text column ends before its last row; its buffer may have been transferred')
    try {
      const count = this.#native.encode(text.values, text.offsets, endOfDocument ?? -1)
      const offsets = new Int32Array(rows + 1)
      if (this.narrow) {
        const ids = new Uint16Array(count)
        this.#native.takeNarrow(ids, offsets)
        return { ids, offsets }
      }
      const ids = new Uint32Array(count)
      this.#native.take(ids, offsets)
      return { ids, offsets }
    } catch (cause) {
      throw new QuernError('native-failed', `tokenizing: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    }
  }

  /** The bytes that ids stand for: the text again, unless the file normalises. A cut in a character leaves half of it. */
  decode(ids: Uint16Array | Uint32Array): Uint8Array {
    try {
      return this.#native.decode(ids instanceof Uint32Array ? ids : Uint32Array.from(ids))
    } catch (cause) {
      throw new QuernError('native-failed', `decoding token ids: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    }
  }

  /** Bytes of the pretoken cache, at most 64 MiB. */
  get cacheBytes(): number {
    return this.#native.cacheBytes
  }
}
