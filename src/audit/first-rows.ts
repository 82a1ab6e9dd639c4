/** The rows that come first, of all that are added: by rank, then by place, then in the order in which they were added. */
export interface FirstRows {
  add(row: number, rank: number, place: number): void
  /** At most so many as were asked for, the first one first. */
  rows(): readonly number[]
}

/**
 * Keeps a few times as many as are wanted, and sorts them when there is no more room: most rows of millions cost one
 * comparison with the last of those that are known to come first.
 */
export function firstRows(most: number): FirstRows {
  const room = Math.max(1024, most * 4)
  const [rows, ranks, places] = [new Float64Array(room), new Float64Array(room), new Float64Array(room)]
  let count = 0
  let [lastRank, lastPlace] = [Infinity, Infinity]

  function cut(): void {
    const order = Array.from({ length: count }, (_, at) => at)
      .toSorted((a, b) => ranks[a]! - ranks[b]! || places[a]! - places[b]! || rows[a]! - rows[b]!)
      .slice(0, most)
    const kept = order.map((at) => [rows[at]!, ranks[at]!, places[at]!] as const)
    count = kept.length
    for (const [at, [row, rank, place]] of kept.entries()) {
      rows[at] = row
      ranks[at] = rank
      places[at] = place
    }
    if (count < most || count === 0) return
    lastRank = ranks[count - 1]!
    lastPlace = places[count - 1]!
  }

  return {
    add(row, rank, place) {
      // Rows are added in their order: of equal ones the earlier one stays.
      if (rank > lastRank || (rank === lastRank && place >= lastPlace)) return
      if (count === room) cut()
      rows[count] = row
      ranks[count] = rank
      places[count++] = place
    },
    rows() {
      cut()
      return [...rows.subarray(0, count)]
    },
  }
}
