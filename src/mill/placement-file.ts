/** What the sequence phase decided of a part's candidates, in input order. */
export interface Placement {
  readonly rows: number
  /** 0 kept, 1 exact duplicate, 2 near-duplicate. */
  readonly outcome: Uint8Array
  /** NaN where kept. */
  readonly similarity: Float64Array
  /** 16 bytes a row: the kept document that a duplicate copies; zero where kept. */
  readonly survivor: Uint8Array
  /** Number of the night's shard, and the row in it; meaningless where dropped. */
  readonly shard: Uint32Array
  readonly shardRow: Uint32Array
}

export function newPlacement(rows: number): Placement {
  return {
    rows,
    outcome: new Uint8Array(rows),
    similarity: new Float64Array(rows).fill(NaN),
    survivor: new Uint8Array(rows * 16),
    shard: new Uint32Array(rows),
    shardRow: new Uint32Array(rows),
  }
}

export function encodePlacement(placement: Placement): Uint8Array {
  const { rows, similarity, survivor, shard, shardRow, outcome } = placement
  const bytes = new Uint8Array(rows * 33)
  let at = 0
  for (const array of [similarity, survivor, shard, shardRow, outcome]) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at)
    at += array.byteLength
  }
  return bytes
}

export function decodePlacement(bytes: Uint8Array): Placement {
  const rows = bytes.byteLength / 33
  if (!Number.isInteger(rows)) throw new RangeError(`a placement has 33 bytes a row; ${bytes.byteLength} is no multiple`)
  const { buffer, byteOffset } = bytes
  return {
    rows,
    similarity: new Float64Array(buffer, byteOffset, rows),
    survivor: new Uint8Array(buffer, byteOffset + rows * 8, rows * 16),
    shard: new Uint32Array(buffer, byteOffset + rows * 24, rows),
    shardRow: new Uint32Array(buffer, byteOffset + rows * 28, rows),
    outcome: new Uint8Array(buffer, byteOffset + rows * 32, rows),
  }
}
