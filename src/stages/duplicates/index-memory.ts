import * as z from 'zod'

export const indexMemory = z
  .int()
  .min(1)
  .max(65_536)
  .default(256)
  .describe(
    'MiB that the keys of newly kept documents may take before they are written as a run of the index. Changes the files, not what is dropped.',
  )
