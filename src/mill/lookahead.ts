/**
 * Runs `start(i)` for i in [0, count) at most `width` ahead of the consumer, and yields the results in order. What is
 * prepared but not yet sequenced lies in staging, so the width bounds the disk a run needs, not its memory.
 */
export async function* inOrder<T>(count: number, width: number, start: (i: number) => Promise<T>): AsyncGenerator<T> {
  const started: (Promise<T> | undefined)[] = []
  const fill = (upTo: number): void => {
    while (started.length < Math.min(count, upTo)) {
      const promise = start(started.length)
      promise.catch(() => undefined) // the consumer meets the error when its turn comes
      started.push(promise)
    }
  }
  for (let i = 0; i < count; i += 1) {
    fill(i + width)
    yield await (started[i] as Promise<T>)
    started[i] = undefined // the result may be large; the consumer has it now
  }
}
