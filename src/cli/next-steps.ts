import type { Terminal } from './command.ts'

/** A word as a POSIX shell reads it back: paths have spaces and quotes in them. */
export function shellWord(word: string): string {
  return /^[\p{L}\p{N}\p{M}_@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/** Commands to copy, each with what it is good for, in columns. */
export function printNextSteps(terminal: Terminal, steps: readonly (readonly [words: readonly string[], says: string])[]): void {
  const lines = steps.map(([words, says]) => [`npx quern ${words.map(shellWord).join(' ')}`, says] as const)
  const width = Math.max(...lines.map(([line]) => line.length))
  for (const [line, says] of lines) terminal.print(`  ${line.padEnd(width)}   ${says}`)
}
