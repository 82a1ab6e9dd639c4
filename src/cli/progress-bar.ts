import type { Terminal } from './command.ts'

const redrawEvery = 100 // milliseconds: often enough to look alive, seldom enough to cost nothing

/** Draws `what` and a bar from 0 to 1 on a terminal; on anything else it costs nothing. */
export function progressBar(terminal: Terminal): (what: string, done: number) => void {
  let drawn = 0
  return (what, done) => {
    if (!terminal.interactive || Date.now() - drawn < redrawEvery) return
    drawn = Date.now()
    const width = Math.max(10, Math.min(40, terminal.columns - what.length - 10))
    const full = Math.round(Math.min(1, done) * width)
    terminal.progress(`${what} ${'█'.repeat(full)}${'░'.repeat(width - full)} ${Math.floor(Math.min(1, done) * 100)} %`)
  }
}
