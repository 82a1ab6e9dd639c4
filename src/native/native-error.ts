import { type ErrorCode, QuernError } from '../core/errors.ts'

/** Runs a kernel and gives its errors a code and the act that met them. */
export function calling<T>(act: string, code: ErrorCode, kernel: () => T): T {
  try {
    return kernel()
  } catch (cause) {
    throw new QuernError(code, `${act}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
