import * as z from 'zod'

const count = z.int().nonnegative()

/** What was read and what became of it. `read` = `kept` + the sum of `dropped`, always. */
export const Totals = z.strictObject({
  read: count,
  kept: count,
  /** By `stage/rule`. */
  dropped: z.record(z.string(), count),
  tokens: count,
  /** UTF-8 bytes of kept text. */
  textBytes: count,
  byLanguage: z.record(z.string(), z.strictObject({ kept: count, tokens: count, bytes: count })),
  bySource: z.record(z.string(), z.strictObject({ read: count, kept: count, tokens: count, licence: z.string() })),
  byLicence: z.record(z.string(), z.strictObject({ read: count, kept: count, tokens: count })),
  /** Documents that share word n-grams with an evaluation set, and those of them dropped for it; absent where none was looked for. */
  byBenchmark: z.record(z.string(), z.strictObject({ found: count, dropped: count })).optional(),
})

export type Totals = z.infer<typeof Totals>

export function emptyTotals(): Totals {
  return { read: 0, kept: 0, dropped: {}, tokens: 0, textBytes: 0, byLanguage: {}, bySource: {}, byLicence: {} }
}

/** The sum of two, neither altered. A source's licence is the newer one's. */
export function addTotals(a: Totals, b: Totals): Totals {
  return {
    read: a.read + b.read,
    kept: a.kept + b.kept,
    dropped: merge(a.dropped, b.dropped, (x, y) => x + y),
    tokens: a.tokens + b.tokens,
    textBytes: a.textBytes + b.textBytes,
    byLanguage: merge(a.byLanguage, b.byLanguage, (x, y) => ({ kept: x.kept + y.kept, tokens: x.tokens + y.tokens, bytes: x.bytes + y.bytes })),
    bySource: merge(a.bySource, b.bySource, (x, y) => ({ ...addCounts(x, y), licence: y.licence })),
    byLicence: merge(a.byLicence, b.byLicence, addCounts),
    ...(a.byBenchmark === undefined && b.byBenchmark === undefined ? {} : { byBenchmark: addFindings(a.byBenchmark, b.byBenchmark) }),
  }
}

type Findings = NonNullable<Totals['byBenchmark']>

/** The sum of what was found of evaluation sets, neither altered. */
export function addFindings(a: Findings = {}, b: Findings = {}): Findings {
  return merge(a, b, (x, y) => ({ found: x.found + y.found, dropped: x.dropped + y.dropped }))
}

/** Sum of all drops. */
export function droppedOf(totals: Totals): number {
  return Object.values(totals.dropped).reduce((sum, n) => sum + n, 0)
}

interface Counts {
  readonly read: number
  readonly kept: number
  readonly tokens: number
}

function addCounts(x: Counts, y: Counts) {
  return { read: x.read + y.read, kept: x.kept + y.kept, tokens: x.tokens + y.tokens }
}

function merge<T>(a: Readonly<Record<string, T>>, b: Readonly<Record<string, T>>, add: (x: T, y: T) => T): Record<string, T> {
  const sum: Record<string, T> = { ...a }
  for (const [key, value] of Object.entries(b)) {
    const before = Object.hasOwn(sum, key) ? sum[key] : undefined
    sum[key] = before === undefined ? value : add(before, value)
  }
  return sum
}
