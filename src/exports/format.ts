import type { Snapshot } from '../dataset/snapshot.ts'
import type { Documents } from './documents.ts'
import type { ExportFolder } from './export-folder.ts'
import type { TokenType } from './token-type.ts'

/** How another trainer wants its tokens: one file of this folder a format. */
export interface ExportFormat {
  /** Whether rows of one length are made: never, when a length is given, or always. */
  readonly seqLen: 'never' | 'optional' | 'required'
  /** Whether its reader finds the ends of documents by a token, and nothing else. */
  readonly needsEndToken: boolean
  /** What the reader takes for a vocabulary of this many ids. */
  tokenType(vocabularySize: number): TokenType
  /** Opened with the first document of a language, so that nothing is written of a language that has none. */
  open(folder: ExportFolder, stream: ExportStream): Promise<StreamWriter>
}

export interface ExportStream {
  readonly language: string
  readonly snapshot: Snapshot
  readonly type: TokenType
  readonly seqLen: number | null
  readonly limits: ExportLimits
}

export interface ExportLimits {
  /** Tokens after which a new file begins, at a document's end, in formats without a limit of their own. */
  readonly fileTokens: number
  /** Bytes of a file in formats that bring a whole file to a machine before reading it; one that is gathered in memory. */
  readonly chunkBytes: number
}

export interface StreamWriter {
  write(documents: Documents): Promise<void>
  /** Data is written; the index of it now. Returns the tokens at the end that fill no row of `seqLen` and are left out. */
  close(): Promise<number>
}
