import { binding } from './binding.ts'

/** One zstd frame, the same bytes on every machine. */
export function compress(data: Uint8Array, level = 3): Uint8Array {
  return binding.zstdCompress(data, level)
}

/** The content of one zstd frame of at most `limit` bytes. */
export function decompress(data: Uint8Array, limit = 2 ** 31): Uint8Array {
  return binding.zstdDecompress(data, limit)
}
