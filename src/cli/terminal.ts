import type { Terminal } from './command.ts'

/** The streams as far as a terminal needs them; tests give their own. */
export interface Streams {
  readonly out: { write(text: string): unknown }
  readonly err: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number }
}

/** Clears the line that the cursor stands on. */
const clear = '\r\u001B[2K'

export function createTerminal(
  asJson: boolean,
  { out, err }: Streams = { out: process.stdout, err: process.stderr },
): Terminal & { readonly wroteJson: () => boolean } {
  const interactive = err.isTTY === true
  const columns = err.columns ?? 80
  let progressing = false
  let wroteJson = false
  const endProgress = () => {
    if (progressing) err.write(clear)
    progressing = false
  }
  return {
    asJson,
    interactive,
    columns,
    print(line) {
      if (asJson) return
      endProgress()
      out.write(`${line}\n`)
    },
    note(line) {
      endProgress()
      err.write(`${line}\n`)
    },
    progress(line) {
      if (!interactive) return
      // An empty line takes the progress away; a line of the full width would wrap and stay behind.
      err.write(`${clear}${line.slice(0, columns - 1)}`)
      progressing = line !== ''
    },
    json(value) {
      if (!asJson) return
      if (wroteJson) throw new TypeError('a command printed a second JSON object')
      wroteJson = true
      endProgress()
      out.write(`${JSON.stringify(value)}\n`)
    },
    wroteJson: () => wroteJson,
  }
}
