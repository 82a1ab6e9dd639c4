import { readFileSync } from 'node:fs'
import { type ErrorCode, QuernError, QuernErrors } from '../core/errors.ts'
import { commands } from './commands.ts'
import { parse } from './program.ts'
import { createTerminal } from './terminal.ts'

/** One command line: parses, runs, prints what went wrong with its code, place and remedy; returns the exit status. */
async function main(argv: readonly string[]): Promise<number> {
  // Asked for in JSON, even a command line that does not parse is answered in JSON.
  const asJson = argv.includes('--json')
  const terminal = createTerminal(asJson)
  try {
    const parsed = await parse(argv, commands, version())
    if ('text' in parsed) {
      process.stdout.write(parsed.text)
      return 0
    }
    return await parsed.command.run(parsed.input, terminal)
  } catch (error) {
    const errors = toErrors(error)
    for (const one of errors) terminal.note(String(one))
    if (process.env['QUERN_DEBUG'] === '1') terminal.note(inspect(error))
    if (!terminal.wroteJson()) terminal.json({ error: plain(errors[0]!), ...(errors.length > 1 ? { errors: errors.map(plain) } : {}) })
    return Math.max(...errors.map(({ exit }) => exit))
  }
}

function toErrors(error: unknown): readonly QuernError[] {
  if (error instanceof QuernErrors && error.errors.length > 0) return error.errors
  if (error instanceof QuernError) return [error]
  const { code, syscall, message } = error as NodeJS.ErrnoException
  if (code !== undefined && syscall !== undefined)
    return [
      new QuernError('store-failed', message, {
        remedy: 'Check free space, permissions and limits of that place, and run again: finished work is kept.',
        cause: error,
      }),
    ]
  const remedy = 'Run again with QUERN_DEBUG=1 to see where, and report it with what was run.'
  return [new QuernError('bug', error instanceof Error ? `${error.name}: ${error.message}` : String(error), { remedy, cause: error })]
}

/** With every cause underneath. */
function inspect(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? (error.stack ?? error.message) : `${error.stack ?? error.message}\ncaused by ${inspect(error.cause)}`
}

function plain({ code, message, place, remedy }: QuernError): { code: ErrorCode; message: string; place: object | null; remedy: string | null } {
  return { code, message, place: place ?? null, remedy: remedy ?? null }
}

function version(): string {
  return (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version
}

// A reader that has seen enough (`quern explain | head`) is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1)
  })
}

const status = await main(process.argv.slice(2))
// What was written may still be on its way into a pipe; leaving at once would cut it off.
process.stdout.write('', () => process.stderr.write('', () => process.exit(status)))
