import * as z from 'zod'
import { QuernError } from '../core/errors.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/** A small JSON object of the store, checked; anything else than what the schema says is `damaged-dataset`. */
export function parseObject<T>(schema: z.ZodType<T>, bytes: Uint8Array, key: string): T {
  let value: unknown
  try {
    value = JSON.parse(decoder.decode(bytes))
  } catch (cause) {
    throw new QuernError('damaged-dataset', `reading ${key}: it is not JSON`, { remedy: 'Run quern verify on the dataset.', cause })
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success)
    throw new QuernError('damaged-dataset', `reading ${key}: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`, {
      remedy: 'Run quern verify on the dataset.',
    })
  return parsed.data
}
