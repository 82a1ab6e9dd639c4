/**
 * Every error code that a user may meet, with the exit status it leads to. `docs/reference/errors.md` is generated from
 * this table; messages name the act ("reading shard 12"), the place and the remedy.
 */
export const errorCodes = {
  'bad-usage': { exit: 2, says: 'The command line has an unknown option, a missing argument or a value of the wrong form.' },
  'bad-config': { exit: 2, says: 'A pipeline or language file does not parse or does not follow its schema.' },
  'bad-pipeline': { exit: 2, says: 'Every part of the pipeline is well-formed, but together they cannot work.' },
  'missing-file': { exit: 2, says: 'A file that the pipeline or command names does not exist or cannot be read.' },
  'unsupported-input': { exit: 2, says: 'An input is of a format that Quern refuses by name.' },
  'unsupported-tokenizer': { exit: 2, says: 'A tokenizer file holds a part that the encoder does not implement; nothing is guessed.' },
  'unsupported-model': { exit: 2, says: 'A model file is not of a kind that Quern reads.' },
  'pipeline-changed': { exit: 2, says: 'The dataset was made with other rules; choose --evolve or --rebuild.' },
  'not-a-dataset': { exit: 2, says: 'The given place holds no Quern dataset, or one of a newer format.' },
  'not-found': { exit: 1, says: 'The dataset has no such snapshot, tag or document.' },
  erased: { exit: 1, says: 'The snapshot held documents that were erased, and is gone with them.' },
  'output-not-writable': { exit: 2, says: 'The place for the dataset cannot be written.' },
  'native-missing': { exit: 1, says: 'The native core is not built.' },
  'native-failed': { exit: 1, says: 'A kernel met a bug of its own; the message holds what it said.' },
  'store-refused': { exit: 2, says: 'Object storage does not let you read there: credentials, region, bucket or permissions.' },
  'store-failed': { exit: 1, says: 'The storage refused or lost an operation.' },
  conflict: { exit: 1, says: 'Another run published meanwhile what this one cannot follow.' },
  'input-changed': { exit: 1, says: 'An input file is no longer what the plan fingerprinted.' },
  'damaged-dataset': { exit: 1, says: 'An object of the dataset is missing or does not have the bytes its manifest names.' },
  'worker-died': { exit: 1, says: 'A worker stopped in a way that no single document explains.' },
  bug: { exit: 1, says: 'Quern met a mistake of its own.' },
  'check-failed': { exit: 3, says: 'A check found something wrong; the list says what.' },
} as const

export type ErrorCode = keyof typeof errorCodes

/** A place in a file that a person wrote: line and column count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

export class QuernError extends Error {
  override readonly name = 'QuernError'
  readonly code: ErrorCode
  readonly place: Place | undefined
  readonly remedy: string | undefined

  constructor(code: ErrorCode, message: string, options: { place?: Place | undefined; remedy?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.place = options.place
    // Whoever meets a damaged object, deep in a reader, knows no better way than this one.
    this.remedy = options.remedy ?? (code === 'damaged-dataset' ? 'Run quern verify on the dataset.' : undefined)
  }

  get exit(): number {
    return errorCodes[this.code].exit
  }

  /** `file:line:column message`, then the remedy on a line of its own. */
  override toString(): string {
    const place = this.place === undefined ? '' : `${this.place.file}:${this.place.line}:${this.place.column} `
    return `${place}${this.message} [${this.code}]${this.remedy === undefined ? '' : `\n  ${this.remedy}`}`
  }
}

/** Several mistakes of one file, all shown at once. */
export class QuernErrors extends Error {
  override readonly name = 'QuernErrors'
  readonly errors: readonly QuernError[]

  constructor(errors: readonly QuernError[]) {
    super(errors.map(String).join('\n'))
    this.errors = errors
  }
}
