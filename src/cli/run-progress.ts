import { countProgress, type Progress, type ProgressState } from '../mill/progress.ts'
import type { Terminal } from './command.ts'

const redrawMilliseconds = 200
const lineMilliseconds = 10_000

/** A bar that redraws on a terminal; a plain line every ten seconds elsewhere; nothing on standard output. */
export function runProgress(terminal: Terminal): Progress {
  let drawn = 0
  const started = Date.now()
  return countProgress(
    (state) => {
      const now = Date.now()
      if (now - drawn < (terminal.interactive ? redrawMilliseconds : lineMilliseconds) || (!terminal.interactive && now - started < lineMilliseconds))
        return
      drawn = now
      if (terminal.interactive) terminal.progress(bar(state(), terminal.columns))
      else terminal.note(line(state()))
    },
    (text) => terminal.note(text),
    () => Date.now(),
  )
}

function line({ phase, documents, share, documentsPerSecond, secondsLeft }: ProgressState): string {
  const left = secondsLeft === undefined ? '' : `, ${duration(secondsLeft)} left`
  return `${phase}: ${Math.floor(share * 100)} %, ${documents.toLocaleString('en')} documents, ${Math.round(documentsPerSecond).toLocaleString('en')}/s${left}`
}

function bar(state: ProgressState, columns: number): string {
  const text = ` ${line(state)}`
  const width = Math.max(0, Math.min(40, columns - text.length - 3))
  const full = Math.round(state.share * width)
  return width < 8 ? text.slice(1, columns) : `${'█'.repeat(full)}${'░'.repeat(width - full)}${text}`
}

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}
