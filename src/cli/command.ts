/** What the command line is made of: `--help`, the reference page and the parser all come from these fields. */
export interface Command {
  readonly name: string
  /** One sentence, imperative, with a full stop. */
  readonly summary: string
  readonly args: readonly Argument[]
  readonly options: readonly Option[]
  /** Returns the exit status: 0 done, 3 a check found something wrong. Everything else is a thrown QuernError. */
  run(input: CommandInput, terminal: Terminal): Promise<number>
}

export interface Argument {
  readonly name: string
  readonly summary: string
  readonly required: boolean
  readonly many?: boolean
}

export interface Option {
  /** As commander writes it: `--out <url>`, `--json`, `--set <path=value...>`. */
  readonly flags: string
  readonly summary: string
  /** Takes all values up to the next option, where a repeated option would be in the way; may not stand before arguments. */
  readonly greedy?: boolean
}

export interface CommandInput {
  /** Positional arguments in order; a `many` argument takes all that are left. */
  readonly args: readonly string[]
  /** By the option's camel-cased long name; absent when not given. */
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>
}

/** Where a command writes. With `--json` only `json` reaches standard output, and exactly once. */
export interface Terminal {
  readonly asJson: boolean
  /** Standard error is a terminal: progress may redraw a line. */
  readonly interactive: boolean
  readonly columns: number
  /** A line for people on standard output; silent with `--json`. */
  print(line: string): void
  /** A line on standard error. */
  note(line: string): void
  /** Redraws the progress line; does nothing when not interactive. */
  progress(line: string): void
  /** The one object of `--json`. */
  json(value: unknown): void
}
