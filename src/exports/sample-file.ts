/**
 * The layout that MDS shards and litData chunks share: how many samples, where each begins and the last ends (u32, from the
 * start of the file), something of the format's own, then the samples. It is gathered in memory, since the head comes first.
 */
export interface SampleFile {
  readonly samples: number
  /** Bytes of the file if it were written now. */
  readonly bytes: number
  /** A sample made of these pieces. */
  add(...pieces: readonly Uint8Array[]): void
  /** The whole file in pieces, and a new one begins. They are valid until the next `add`. */
  take(): readonly Uint8Array[]
}

/** `room` is what a file may usually hold: one sample that is larger makes it grow. */
export function sampleFile(room: number, own: Uint8Array): SampleFile {
  let buffer = new Uint8Array(room)
  let used = 0
  let ends: number[] = []
  return {
    get samples() {
      return ends.length
    },
    get bytes() {
      return 8 + 4 * ends.length + own.byteLength + used
    },
    add(...pieces) {
      const needed = used + pieces.reduce((sum, piece) => sum + piece.byteLength, 0)
      if (needed > buffer.byteLength) {
        const larger = new Uint8Array(needed)
        larger.set(buffer.subarray(0, used))
        buffer = larger
      }
      for (const piece of pieces) {
        buffer.set(piece, used)
        used += piece.byteLength
      }
      ends.push(used)
    },
    take() {
      const start = 8 + 4 * ends.length + own.byteLength
      const head = Uint32Array.of(ends.length, start)
      const offsets = Uint32Array.from(ends, (end) => start + end)
      const file = [new Uint8Array(head.buffer), new Uint8Array(offsets.buffer), own, buffer.subarray(0, used)]
      used = 0
      ends = []
      return file
    },
  }
}
