import { setImmediate } from 'node:timers/promises'
import { QuernError } from '../core/errors.ts'

/** Runs a kernel; what it throws is a bug of the core, told with what was being done. */
export function kernel<T>(act: string, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    throw new QuernError('native-failed', `${act}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** A column that does not fit its offsets would let every later stage read past its end. */
export function checkOffsets(name: string, values: Uint8Array, offsets: Int32Array, rows: number): void {
  if (offsets.length !== rows + 1 || (offsets[rows] ?? -1) > values.byteLength)
    throw new QuernError('native-failed', `column "${name}" came back with ${offsets.length} offsets for ${rows} rows of ${values.byteLength} bytes`)
}

/**
 * Lets the event loop turn. Node frees what the core gave to JavaScript in a turn of its own: without one (microtasks are
 * none), a loop over batches keeps every batch it ever read, at the cost of the whole input in memory.
 */
export const turn = (): Promise<void> => setImmediate()
