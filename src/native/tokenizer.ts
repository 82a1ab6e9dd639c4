import type { TextColumn } from '../core/batch.ts'
import { QuernError } from '../core/errors.ts'
import { binding } from './binding.ts'
import type * as Binding from './binding.d.cts'

/** Token ids of the rows of a batch, `ids[offsets[i]..offsets[i + 1]]`; the caller owns both. */
export interface TokenIds {
  readonly ids: Uint16Array | Uint32Array
  readonly offsets: Int32Array
}

/** Encodings whose pattern and special tokens are known. */
export const tiktokenEncodings = ['cl100k_base', 'o200k_base', 'p50k_base', 'r50k_base'] as const

/** What a tokenizer file does not say of itself. */
export interface TokenizerOptions {
  /** By the file's content when absent. */
  readonly kind?: TokenizerKind | undefined
  /** Pattern and special tokens of a file of tiktoken ranks: `cl100k_base`, `o200k_base`, `p50k_base` or `r50k_base`. */
  readonly encoding?: string | undefined
  /** `text` (the default): a special token that stands literally in a text is ordinary text. `tokens`: it is that token. */
  readonly specialTokens?: 'text' | 'tokens' | undefined
}

export const tokenizerKinds = ['tokenizer-json', 'sentencepiece', 'tiktoken', 'tekken'] as const
export type TokenizerKind = (typeof tokenizerKinds)[number]

/** Ids of one text; token i stands for the bytes `starts[i]` to `ends[i]` of it. */
export interface TokenSpans {
  readonly ids: Uint32Array
  readonly starts: Uint32Array
  readonly ends: Uint32Array
}

/**
 * A tokenizer file of any kind (tokenizer.json, SentencePiece model, tiktoken ranks, tekken.json): ids equal to the reference
 * library told to read the text of special tokens as text and to add none. Added tokens that are not special are matched.
 */
export class Tokenizer {
  readonly #native: Binding.Tokenizer
  /** The largest id and one, those of placeholders included; some published files have ids in between that no token has. */
  readonly vocabularySize: number
  /** Of the file's bytes, in hexadecimal. */
  readonly sha256: string
  /** Special tokens and their ids in file order, then placeholders with ids of their own. */
  readonly special: ReadonlyMap<string, number>
  /** Ids are 16 bits wide when every one fits. */
  readonly narrow: boolean

  /**
   * `file` is only named in errors: `unsupported-tokenizer` when the encoder does not implement a part of it. Each of
   * `placeholders` makes `<|pii:NAME|>` one id: that of the file's special token of this name, else one after its vocabulary.
   */
  constructor(bytes: Uint8Array, file: string, options: TokenizerOptions = {}, placeholders: readonly string[] = []) {
    try {
      const { kind = '', encoding = '', specialTokens } = options
      this.#native = new binding.Tokenizer(bytes, kind, encoding, specialTokens === 'tokens', [...placeholders])
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      if (!message.startsWith('refused: ')) throw new QuernError('native-failed', `reading the tokenizer ${file}: ${message}`, { cause })
      throw new QuernError('unsupported-tokenizer', `reading the tokenizer ${file}: ${message.slice('refused: '.length)}`, {
        remedy:
          'Give a tokenizer.json, a SentencePiece model, tiktoken ranks with their encoding, or a tekken.json, of the kinds that docs/reference/tokenize.md lists.',
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

  /**
   * Ids of one text and the bytes of it that each stands for. Ranges of a text that the tokenizer does not normalise lie end to
   * end; others may overlap, and a space that was put in is an empty range. Slower than `encode`.
   */
  encodeWithSpans(text: Uint8Array): TokenSpans {
    let flat: Uint32Array
    try {
      flat = this.#native.encodeWithSpans(text)
    } catch (cause) {
      throw new QuernError('native-failed', `tokenizing: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    }
    const column = (place: number): Uint32Array => flat.filter((_, i) => i % 3 === place)
    return { ids: column(0), starts: column(1), ends: column(2) }
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
