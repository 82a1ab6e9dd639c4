import type { CrawlConfig } from '../config/crawl-schema.ts'
import { state } from './frontier-tables.ts'
import type { Outcome, Task } from './frontier.ts'

/** News-crawl's steps: an unchanged page waits half as long again, a changed one a fifth less. */
const slower = 1.5
const faster = 0.8

/** Tries of an address within a round, by what went wrong. */
export const mostTries = { refused: 5, failed: 3 } as const
const firstRetry = 1000

export function nextInterval(task: Task, changed: boolean, { first, least, most }: CrawlConfig['schedule']): number {
  if (task.fetched === null || task.interval === 0) return Math.min(Math.max(first, least), most)
  return Math.round(Math.min(Math.max(task.interval * (changed ? faster : slower), least), most))
}

/** Everything as it was before, resting until `due`. */
export function resting(task: Task, due: number, changes: Partial<Outcome>): Outcome {
  const { interval, fetched, etag, modified, digest, record } = task
  return {
    state: state.resting,
    due,
    tries: 0,
    interval,
    fetched,
    status: null,
    reason: null,
    etag,
    modified,
    digest,
    record,
    warc: null,
    position: null,
    ...changes,
  }
}

/** Tried again in this round, later each time; undefined when it has been tried often enough. */
export function retry(task: Task, reason: string, now: number, changes: Partial<Outcome> = {}): Outcome | undefined {
  const tries = task.tries + 1
  if (tries >= mostTries.failed) return undefined
  return resting(task, now + firstRetry * 2 ** task.tries, { tries, reason, ...changes })
}
