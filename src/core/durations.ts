import * as z from 'zod'

const units: Readonly<Record<string, number>> = { ms: 1, s: 1e3, min: 60e3, h: 3600e3, d: 86_400e3 }

const written = /^(\d+(?:\.\d+)?) ?(ms|s|min|h|d)$/

/** Milliseconds of `500ms`, `1s`, `90min`, `12h` or `7d`; undefined when it is none of these. */
function parseDuration(text: string): number | undefined {
  const match = written.exec(text)
  return match === null ? undefined : Math.round(Number(match[1]) * units[match[2]!]!)
}

/** A duration as people read it: `1.5 h`, `20 s`, `250 ms`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  for (const [unit, next] of [
    ['s', 90e3],
    ['min', 90 * 60e3],
    ['h', 48 * 3600e3],
    ['d', Infinity],
  ] as const)
    if (milliseconds < next) return `${Number((milliseconds / units[unit]!).toFixed(1))} ${unit}`
  return ''
}

/** A config field for a time: takes `1s`, `90min`, `7d`; gives milliseconds. */
export function duration(limits: { readonly min?: string; readonly max?: string; readonly default: string }): z.ZodType<number> {
  const { min = '0ms', max = '3650d' } = limits
  return z
    .string({ error: 'expected a time such as 1s' })
    .meta({ title: 'a time such as 500ms, 1s, 90min, 12h or 7d' })
    .default(limits.default)
    .transform((value, context) => {
      const milliseconds = parseDuration(value)
      if (milliseconds === undefined) context.addIssue({ code: 'custom', message: 'expected a time such as 500ms, 1s, 90min, 12h or 7d' })
      else if (milliseconds < parseDuration(min)!) context.addIssue({ code: 'custom', message: `expected at least ${min}` })
      else if (milliseconds > parseDuration(max)!) context.addIssue({ code: 'custom', message: `expected at most ${max}` })
      return milliseconds ?? 0
    })
}
