import * as z from 'zod'

const units: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}

const written = /^(\d+(?:\.\d+)?) ?(B|kB|MB|GB|KiB|MiB|GiB|TiB|)$/

/** Bytes of `64MiB`, `1.5 GiB`, `10MB` or a plain number; undefined when it is none of these. */
export function parseSize(text: string): number | undefined {
  const match = written.exec(text)
  return match === null ? undefined : Math.round(Number(match[1]) * units[match[2] ?? '']!)
}

/** A size as people read it: `64 MiB`, `1.5 GiB`, `312 B`. */
export function formatSize(bytes: number): string {
  let value = bytes
  let unit = 'B'
  for (const larger of ['KiB', 'MiB', 'GiB', 'TiB']) {
    if (value < 1024) break
    value /= 1024
    unit = larger
  }
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${unit}`
}

/** A config field for a number of bytes between `min` and `max`: takes `134217728` or `128MiB`, gives a number. */
export function byteSize(limits: { readonly min?: number; readonly max?: number; readonly default: number }): z.ZodType<number> {
  const { min = 1, max = Number.MAX_SAFE_INTEGER } = limits
  return z
    .union([z.number(), z.string()], { error: 'expected a number of bytes, or a size such as 64MiB' })
    .meta({ title: 'a size in bytes, or such as 64MiB' })
    .default(limits.default)
    .transform((value, context) => {
      const bytes = typeof value === 'number' ? value : parseSize(value)
      if (bytes === undefined || !Number.isSafeInteger(bytes))
        context.addIssue({ code: 'custom', message: 'expected a whole number of bytes, or a size such as 64MiB' })
      else if (bytes < min) context.addIssue({ code: 'custom', message: `expected at least ${formatSize(min)}` })
      else if (bytes > max) context.addIssue({ code: 'custom', message: `expected at most ${formatSize(max)}` })
      return bytes ?? 0
    })
}
