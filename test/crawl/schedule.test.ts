import { join } from 'node:path'
import { expect, test } from 'vitest'
import { state } from '../../src/crawl/frontier-tables.ts'
import { Frontier, type Task } from '../../src/crawl/frontier.ts'
import { nextInterval, resting } from '../../src/crawl/schedule.ts'
import { folder } from './crawling.ts'

const schedule = { first: 100, least: 50, most: 1000 }

test('a page is visited less often while it stays the same, and more often while it changes, within limits', () => {
  const task = { fetched: null, interval: 0 } as Task
  expect(nextInterval(task, true, schedule)).toBe(100)
  const intervals = (changed: boolean, n: number): number[] => {
    const found = [100]
    for (let i = 0; i < n; i++) found.push(nextInterval({ ...task, fetched: 1, interval: found.at(-1)! }, changed, schedule))
    return found
  }
  expect(intervals(false, 7)).toEqual([100, 150, 225, 338, 507, 761, 1000, 1000])
  expect(intervals(true, 4)).toEqual([100, 80, 64, 51, 50])
  expect(nextInterval(task, true, { ...schedule, first: 5000 })).toBe(1000)
})

test('a page is due before its time when its sitemap says that it has changed since, and only then', async () => {
  const frontier = new Frontier(join(await folder(), 'frontier.sqlite'))
  const found = { url: 'http://a.example/', host: 'a.example', kind: 'page', rank: 0, depth: 0, hops: 0, via: null } as const
  expect(frontier.add(found, 0)).toBe(true)
  const [task] = frontier.next(frontier.hostId('a.example'), 1)
  frontier.finish(task!.id, resting(task!, 10_000, { fetched: 1000, status: 200 }))
  frontier.wake(5000)
  expect(frontier.next(task!.host, 1)).toEqual([])
  expect(frontier.add({ ...found, changed: 900 }, 2000)).toBe(false)
  expect(frontier.add({ ...found, changed: 1100 }, 2000)).toBe(true)
  expect(frontier.next(task!.host, 1)).toMatchObject([{ url: found.url, fetched: 1000 }])
  frontier.finish(task!.id, { ...resting(task!, 0, { reason: 'http-410' }), state: state.ended })
  expect(frontier.add({ ...found, changed: 9999 }, 20_000)).toBe(false)
  frontier.close()
})
