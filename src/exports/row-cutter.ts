/** Cuts tokens that come in pieces of any length into rows of one length, across documents. */
export interface RowCutter {
  /** Calls `take` with every row that is full now; it must be done with the row when it returns. */
  push(ids: Uint16Array | Uint32Array, take: (row: Uint16Array | Uint32Array) => void): void
  /** Tokens that wait for a row to be filled. */
  readonly waiting: number
}

export function rowCutter(length: number): RowCutter {
  let held: Uint16Array | Uint32Array = new Uint16Array(0)
  return {
    push(ids, take) {
      const all = held.length === 0 ? ids : joined(held, ids)
      let at = 0
      for (; at + length <= all.length; at += length) take(all.subarray(at, at + length))
      held = all.slice(at)
    },
    get waiting() {
      return held.length
    },
  }
}

function joined(a: Uint16Array | Uint32Array, b: Uint16Array | Uint32Array): Uint16Array | Uint32Array {
  const both = b instanceof Uint32Array ? new Uint32Array(a.length + b.length) : new Uint16Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
