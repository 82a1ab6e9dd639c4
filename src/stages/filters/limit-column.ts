/** A limit as a value a row, as kernels take it. */
export function limitColumn(limit: number | Float64Array, rows: number): Float64Array {
  return typeof limit === 'number' ? new Float64Array(rows).fill(limit) : limit
}
