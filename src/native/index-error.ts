import { type ErrorCode, QuernError } from '../core/errors.ts'

/** What a kernel that keeps runs of an index says went wrong. */
type Kind = 'damaged' | 'other-rules' | 'io'

const codes: Readonly<Record<string, ErrorCode>> = { damaged: 'damaged-dataset', 'other-rules': 'pipeline-changed', io: 'store-failed' }
const io = 'Check the folder, its rights and the free space; then run again.'

/** Runs a kernel of an index and gives its errors the code and the remedy of their kind. */
export function checkingRuns(remedies: Readonly<Record<Exclude<Kind, 'io'>, string>>): <Result>(call: () => Result) => Result {
  const all: Readonly<Record<string, string>> = { ...remedies, io }
  return (call) => {
    try {
      return call()
    } catch (cause) {
      const kind = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
      const remedy = all[kind]
      throw new QuernError(codes[kind] ?? 'native-failed', cause instanceof Error ? cause.message : String(cause), {
        cause,
        ...(remedy === undefined ? {} : { remedy }),
      })
    }
  }
}
