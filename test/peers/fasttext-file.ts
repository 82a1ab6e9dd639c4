/** Writes fastText model files with random weights, of every kind that the format knows: version 12's field order. */
export interface ModelShape {
  readonly version?: 11 | 12
  readonly dim: number
  readonly loss: 'hs' | 'ns' | 'softmax' | 'ova'
  readonly wordNgrams?: number
  readonly minn?: number
  readonly maxn?: number
  readonly bucket?: number
  readonly words: readonly string[]
  readonly labels: number
  /** Size of the weights: large ones make scores that tie at zero. */
  readonly scale?: number
  /** Product-quantized input: width of a part, and whether norms are kept apart; the output too if `output`. */
  readonly quantized?: { readonly part: number; readonly norms: boolean; readonly output: boolean }
  /** Buckets kept by pruning; absent: not pruned. */
  readonly kept?: readonly number[]
}

const losses = { hs: 1, ns: 2, softmax: 3, ova: 4 } as const

export function modelBytes(shape: ModelShape, seed = 1): Uint8Array {
  const { dim, words, labels, version = 12, wordNgrams = 1, minn = 0, maxn = 0, bucket = 0, scale = 1, quantized, kept } = shape
  const parts: Uint8Array[] = []
  const put = (bytes: number, set: (view: DataView) => void) => {
    const part = new Uint8Array(bytes)
    set(new DataView(part.buffer))
    parts.push(part)
  }
  const int = (...values: readonly number[]) => values.forEach((value) => put(4, (view) => view.setInt32(0, value, true)))
  const long = (value: number) => put(8, (view) => view.setBigInt64(0, BigInt(value), true))
  const byte = (value: number) => put(1, (view) => view.setUint8(0, value))
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32 - 0.5
  }
  const floats = (count: number, size: number) =>
    put(count * 4, (view) => {
      for (let i = 0; i < count; i++) view.setFloat32(i * 4, random() * size, true)
    })

  int(793_712_314, version, dim, 5, 5, 1, 5, wordNgrams, losses[shape.loss], 3, bucket, minn, maxn, 100)
  put(8, (view) => view.setFloat64(0, 1e-4, true))
  int(words.length + labels, words.length, labels)
  long(1000)
  long(kept === undefined ? -1 : kept.length)
  const entry = (name: string, count: number, kind: number) => {
    parts.push(new TextEncoder().encode(`${name}\0`))
    long(count)
    byte(kind)
  }
  words.forEach((word, i) => entry(word, words.length - i, 0))
  // Counts fall as training sorts them, some of them equal.
  for (let label = 0; label < labels; label++) entry(`__label__l${label}`, 1 + Math.floor((labels - label) / 2) ** 2, 1)
  kept?.forEach((id, row) => int(id, row))

  const matrix = (rows: number, codes: boolean, norms: boolean, part: number, size: number) => {
    if (!codes) {
      long(rows)
      long(dim)
      floats(rows * dim, size)
      return
    }
    const count = Math.ceil(dim / part)
    const bytes = (length: number) =>
      put(length, (view) => {
        for (let i = 0; i < length; i++) view.setUint8(i, Math.floor((random() + 0.5) * 256))
      })
    byte(norms ? 1 : 0)
    long(rows)
    long(dim)
    int(rows * count)
    bytes(rows * count)
    int(dim, count, part, dim - (count - 1) * part)
    floats(dim * 256, size)
    if (!norms) return
    bytes(rows)
    int(1, 1, 1, 1)
    floats(256, 2)
  }
  const rows = words.length + (kept === undefined ? bucket : kept.length)
  byte(quantized === undefined ? 0 : 1)
  matrix(rows, quantized !== undefined, quantized?.norms ?? false, quantized?.part ?? 1, 2)
  byte(quantized?.output === true ? 1 : 0)
  matrix(labels, quantized?.output ?? false, quantized?.norms ?? false, quantized?.part ?? 1, 4 * scale)

  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
