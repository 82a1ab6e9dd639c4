import { runPython } from '../python.ts'

/** One bzip2 stream of each part, by Python's library: Node has none. */
export function bzip2(parts: readonly (string | Uint8Array)[]): Buffer {
  const script = `
import base64, bz2, json, sys
print(base64.b64encode(b''.join(bz2.compress(base64.b64decode(part)) for part in json.load(sys.stdin))).decode())`
  return Buffer.from(runPython(script, [], JSON.stringify(parts.map((part) => Buffer.from(part).toString('base64')))), 'base64')
}
