import type { Store } from '../storage/store.ts'
import { openArrow } from './arrow-reader.ts'

/**
 * What a duplicate stage cut from a kept text, in a column beside it that is there only in files in which a text may have been cut:
 * signatures and keys are of texts before the cut, and lost runs of the index are made again from these. A row holds, for each
 * piece in order, its first byte in the text before the cut and its length (uint32, little-endian), then its bytes; nothing
 * where nothing was cut.
 */
export const cutPieces = 'cut_pieces'

const headBytes = 8

/** The bytes of `text` in the given ranges: pairs [from, to), ascending and apart. */
export function encodePieces(text: Uint8Array, ranges: Uint32Array): Uint8Array {
  let size = 0
  for (let i = 0; i < ranges.length; i += 2) size += headBytes + (ranges[i + 1] ?? 0) - (ranges[i] ?? 0)
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (let i = 0; i < ranges.length; i += 2) {
    const piece = text.subarray(ranges[i], ranges[i + 1])
    view.setUint32(at, ranges[i] ?? 0, true)
    view.setUint32(at + 4, piece.byteLength, true)
    bytes.set(piece, at + headBytes)
    at += headBytes + piece.byteLength
  }
  return bytes
}

/** The pieces of a row and where each stood in the text before the cut; undefined when they do not fit a kept text of that many bytes. */
export function decodePieces(keptBytes: number, pieces: Uint8Array): { readonly from: number; readonly bytes: Uint8Array }[] | undefined {
  const view = new DataView(pieces.buffer, pieces.byteOffset, pieces.byteLength)
  const found: { from: number; bytes: Uint8Array }[] = []
  let cut = 0
  let end = 0
  for (let at = 0; at < pieces.byteLength;) {
    if (at + headBytes > pieces.byteLength) return undefined
    const from = view.getUint32(at, true)
    const length = view.getUint32(at + 4, true)
    at += headBytes + length
    if (at > pieces.byteLength || from < end || from - cut > keptBytes) return undefined
    found.push({ from, bytes: pieces.subarray(at - length, at) })
    cut += length
    end = from + length
  }
  return found
}

/** The text before the cut, byte for byte; undefined when the pieces do not fit. */
export function beforeCut(kept: Uint8Array, pieces: Uint8Array): Uint8Array | undefined {
  if (pieces.byteLength === 0) return kept
  const found = decodePieces(kept.byteLength, pieces)
  if (found === undefined) return undefined
  const text = new Uint8Array(kept.byteLength + pieces.byteLength - found.length * headBytes)
  let taken = 0
  let end = 0
  for (const { from, bytes } of found) {
    text.set(kept.subarray(taken, taken + from - end), end)
    taken += from - end
    text.set(bytes, from)
    end = from + bytes.byteLength
  }
  text.set(kept.subarray(taken), end)
  return text
}

/** Whether a file of kept texts keeps what was cut from them. */
export async function keepsPieces(store: Pick<Store, 'get' | 'stat'>, path: string): Promise<boolean> {
  return (await openArrow(store, path)).schema.fields[cutPieces] !== undefined
}
