import type { Held } from '../mill/run.ts'
import type { Terminal } from './command.ts'
import { printNextSteps } from './next-steps.ts'

const percent = (share: number | null): string => (share === null ? 'none yet' : `${(100 * share).toFixed(1)} %`)

/** Why a night was not published: each source with its rules, then what changed most in the languages. `argv` is the command that made it. */
export function reportHeld(terminal: Terminal, { alarms, shifts }: Held, argv: readonly string[]): void {
  const print = (line = ''): void => terminal.print(line)
  print()
  print('Not published: a source lost more than it should. Everything is made and waits.')
  for (const { source, says, wanted, lost, rate, usual, rules } of alarms) {
    print()
    const why = says === 'share' ? 'more than output.alarms.share allows' : 'more times its usual share than output.alarms.factor allows'
    print(
      `  ${source}: lost ${lost.toLocaleString('en')} of ${wanted.toLocaleString('en')} documents, ${percent(rate)} (usual: ${percent(usual)}), ${why}`,
    )
    const width = Math.max(...rules.map(({ rule }) => rule.length))
    for (const { rule, dropped, rate: now, usual: before } of rules.slice(0, 10))
      print(`    ${rule.padEnd(width)} ${dropped.toLocaleString('en').padStart(10)} ${percent(now).padStart(9)}   usual ${percent(before)}`)
  }
  if (shifts.length > 0) {
    print()
    print('  Largest shifts by language')
    for (const { group, rule, dropped, rate, usual } of shifts.slice(0, 10))
      print(`    ${group.padEnd(4)} ${rule}: ${dropped.toLocaleString('en')} documents, ${percent(rate)}, usual ${percent(usual)}`)
  }
  print()
  print('Next')
  printNextSteps(terminal, [[[...argv, '--accept'], 'publish it as it is']])
  print('  or mend the source or the rule and run again; output.alarms in the pipeline sets the limits')
}
