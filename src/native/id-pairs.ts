import { binding } from './binding.ts'
import { calling } from './native-error.ts'

/** In the place of a row of the other list: it has none. */
export const noRow = 0xffff_ffff

/** For every id of `after` (16 bytes each) the row of `before` with the same one, no row twice; `noRow` for none. */
export function idPairs(before: Uint8Array, after: Uint8Array): Uint32Array {
  return calling('pairing ids', 'native-failed', () => binding.idPairs(before, after))
}
