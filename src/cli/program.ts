import { Command as Parser, CommanderError, Option as ParserOption } from 'commander'
import { QuernError } from '../core/errors.ts'
import type { Command, CommandInput } from './command.ts'

/** The width of help texts: fixed, because the reference page holds the same text. */
const width = 100

const summary = 'A mill for language-model training data: from web archives to published token shards.'

/** Modules by command name; each default-exports its Command. */
export type CommandTable = Readonly<Record<string, () => Promise<{ readonly default: Command }>>>

/** What to run, or the text to print when help was asked for. */
export type Parsed = { readonly command: Command; readonly input: CommandInput } | { readonly text: string }

/** Parses the command line (without node and script). Throws `bad-usage`. Loads only the command that is named. */
export async function parse(argv: readonly string[], table: CommandTable, version: string): Promise<Parsed> {
  if (argv[0] === 'help') return parse([...argv.slice(1, 2), '--help'], table, version)
  const named = Object.hasOwn(table, argv[0] ?? '') ? table[argv[0]!] : undefined
  const commands = named === undefined ? await loadAll(table) : [(await named()).default]
  let parsed: Parsed | undefined
  let text = ''
  const program = programOf(commands, version, (command, input) => {
    parsed = { command, input }
  })
  for (const parser of [program, ...program.commands])
    parser.configureOutput({ writeOut: (part) => (text += part), writeErr: (part) => (text += part) })
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { text }
    // Without a command commander prints its help as an error; the sentence is ours.
    if (error.code === 'commander.help') throw new QuernError('bad-usage', 'no command is given', { remedy: 'Run: quern --help' })
    const [message, hint] = error.message.replace(/^error: /, '').split('\n')
    const about = named === undefined ? 'quern --help' : `quern ${argv[0]} --help`
    throw new QuernError('bad-usage', message ?? '', { remedy: hint?.replace(/^\(|\)$/g, '') ?? `Run: ${about}`, cause: error })
  }
  if (parsed === undefined) throw new TypeError('the parser found no command and no mistake')
  return parsed
}

export async function loadAll(table: CommandTable): Promise<readonly Command[]> {
  return Promise.all(Object.values(table).map(async (load) => (await load()).default))
}

/** The help text of one command, as `quern NAME --help` prints it; of all together without a name. */
export function helpText(commands: readonly Command[], version: string, name?: string): string {
  const program = programOf(commands, version, () => undefined)
  return (name === undefined ? program : program.commands.find((command) => command.name() === name)!).helpInformation()
}

function programOf(commands: readonly Command[], version: string, found: (command: Command, input: CommandInput) => void): Parser {
  const program = quiet(new Parser('quern'))
    .description(summary)
    .version(version, '--version', 'Prints the version.')
    .helpOption('--help', 'Prints this text.')
  program.helpCommand(false)
  for (const command of commands) {
    const parser = quiet(program.command(command.name))
      .description(command.summary)
      .summary(command.summary)
      .helpOption('--help', 'Prints this text.')
    for (const { name, summary: says, required, many } of command.args) {
      const inner = many === true ? `${name}...` : name
      parser.argument(required ? `<${inner}>` : `[${inner}]`, says)
    }
    for (const { flags, summary: says, greedy } of command.options)
      parser.addOption(greedy === true ? new ParserOption(flags, says) : optionOf(flags, says))
    parser.action((...given: unknown[]) => {
      const options = parser.opts<Record<string, string | boolean | readonly string[] | undefined>>()
      const args = given
        .slice(0, command.args.length)
        .flat()
        .filter((arg) => arg !== undefined) as string[]
      found(command, { args, options })
    })
  }
  return program
}

function quiet(parser: Parser): Parser {
  return parser
    .exitOverride()
    .configureHelp({ helpWidth: width })
    .configureOutput({ getOutHelpWidth: () => width, getErrHelpWidth: () => width, getOutHasColors: () => false, outputError: () => undefined })
}

/** `--set <path=value...>` may be given again and again; commander alone would let it swallow the arguments that follow. */
function optionOf(flags: string, says: string): ParserOption {
  if (!/\.\.\.[>\]]$/.test(flags)) return new ParserOption(flags, says)
  const option = new ParserOption(flags.replace(/\.\.\.([>\]])$/, '$1'), `${says} May be repeated.`)
  return option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value])
}
