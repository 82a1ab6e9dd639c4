import { QuernError } from '../core/errors.ts'

/** How a token is stored, little-endian. */
export type TokenType = 'uint8' | 'uint16' | 'int32' | 'uint32'

export const tokenBytes: Readonly<Record<TokenType, number>> = { uint8: 1, uint16: 2, int32: 4, uint32: 4 }

/** The bytes of ids stored as `type`, without a copy where they are stored so already. */
export function encodeIds(ids: Uint16Array | Uint32Array, type: TokenType): Uint8Array {
  const same = type === 'uint16' ? ids instanceof Uint16Array : type !== 'uint8' && ids instanceof Uint32Array
  if (same) return new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength)
  const stored = type === 'uint8' ? new Uint8Array(ids) : type === 'uint16' ? new Uint16Array(ids) : new Uint32Array(ids)
  // Only towards fewer bytes can an id be lost, and only where a shard holds ids that its tokenizer does not have.
  if (stored.byteLength < ids.byteLength)
    for (let i = 0; i < ids.length; i++)
      if (stored[i] !== ids[i])
        throw new QuernError('damaged-dataset', `exporting token ${ids[i]} as ${type}: the vocabulary has no such id`, {
          remedy: 'Run quern verify on the dataset.',
        })
  return new Uint8Array(stored.buffer)
}
